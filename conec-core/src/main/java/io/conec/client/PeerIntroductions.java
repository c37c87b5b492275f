package io.conec.client;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.client.PeerEnd.Stage;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.ChannelEnded;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RelayLost;
import io.conec.security.CertificateNames;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a client has to do with introductions: asks for them, answers them, knows its ends of them and who waits for a channel, and has relays restored. The other side of
 * it is the coordinator's {@code Introductions}. Pure: events and time in, {@link Action}s out; no socket, no clock, randomness as an argument. Times are milliseconds of any one
 * clock. Owned by the event loop.
 *
 * <p>The relay of an open end:
 *
 * <pre>
 * relayed --link lost--> lost --link is back--> asked --answered--> relayed
 *    '--relay lost--> waits --time has come------^  '--not now--> waits
 *                       '---the peer has asked--> relayed          '--refused--> CLOSING
 * </pre>
 *
 * <p>Somebody waits for a channel (one opening for a peer, however many wait):
 *
 * <pre>
 * none --open--> asked --answered--> waits for that end --opened--> done
 *   '--open, the peer is about to dial--^ '--refused, deadline, link lost, end has ended--> failed
 * </pre>
 */
final class PeerIntroductions {
    /** What is to be done, in order. */
    sealed interface Action {
        /** Asks the coordinator for an introduction; {@code restores} is 0 or the channel to go on with. */
        record Ask(long request, ClientId peer, long restores) implements Action {}

        /** Answers an introduction; {@link ErrorCode#NO_ERROR} agrees. */
        record Reply(long introduction, ClientId peer, ErrorCode code, String message) implements Action {}

        /** Tells the coordinator that an introduction is over. */
        record Ended(long introduction, ErrorCode code, String message) implements Action {}

        /** Makes ready for the packets of a new end. */
        record Prepare(PeerEnd end, long handle, boolean onLoopback) implements Action {}

        /** Dials the peer. */
        record Dial(PeerEnd end) implements Action {}

        /** The coordinator relays for this end again, under another handle. */
        record Rebind(PeerEnd end, long handle) implements Action {}

        /** Closes the end's connection; {@link #closed} is to be called when that is done. */
        record Close(PeerEnd end, ErrorCode code, String message, boolean byPeer) implements Action {}

        /** The end is over: nothing of it is needed any more. */
        record Remove(PeerEnd end) implements Action {}

        /** Somebody gets this end's channel. */
        record Complete(CompletableFuture<ConecChannel> caller, PeerEnd end) implements Action {}

        /** Somebody gets no channel. */
        record Fail(CompletableFuture<ConecChannel> caller, ConecException cause) implements Action {}
    }

    /** An introduction has two ends, which for a channel to oneself are in one client. */
    private record Key(long introduction, boolean dialled) {}

    /** Somebody waits for a channel to a peer. */
    private static final class Opening {
        final ClientId peer;
        final long by;
        final List<CompletableFuture<ConecChannel>> callers = new ArrayList<>();
        /** 0 when it was answered, or need not be asked. */
        long request;
        /** The one that is to become the channel. */
        @Nullable
        PeerEnd end;
        /** Why an end that the peer was making is gone: it may have been what the answer will speak of. */
        @Nullable
        CloseReason lastEnded;

        Opening(ClientId peer, long by) {
            this.peer = peer;
            this.by = by;
        }
    }

    /** Nothing to wait for. */
    static final long NEVER = Long.MAX_VALUE;

    /** Before a restore is asked for again that could not be had, about. */
    static final long RESTORE_AGAIN = 1_000;

    /** Longer for each that is waited for, so that a client with many channels does not ask for all at once. */
    static final long RESTORE_SPREAD = 20;

    /** Peers that were introduced and have not opened their channel yet; each may take a connection's memory. As many as a coordinator introduces to a client unless told otherwise. */
    static final int MAX_EXPECTED = 1_000;

    private final ClientId self;
    private final Predicate<ClientId> accepts;
    private final DoubleSupplier random;
    private final long requestMillis;
    private final long contactMillis;
    private final Map<Key, PeerEnd> ends = new LinkedHashMap<>();
    private final Map<ClientId, Opening> openings = new LinkedHashMap<>();
    private final Map<Long, PeerEnd> restoring = new LinkedHashMap<>();
    private List<Action> actions = new ArrayList<>();
    private boolean linked;
    private long lastRequest;

    /**
     * @param accepts whether a peer that was not asked for is welcome
     * @param random uniform between 0 and 1
     * @param requestMillis how long somebody waits for a channel
     * @param contactMillis how long a peer that was introduced may take to send its first packet
     */
    PeerIntroductions(
            ClientId self, Predicate<ClientId> accepts, DoubleSupplier random, long requestMillis, long contactMillis) {
        this.self = self;
        this.accepts = accepts;
        this.random = random;
        this.requestMillis = requestMillis;
        this.contactMillis = contactMillis;
    }

    // What the application wants.

    /**
     * Somebody wants a channel to a peer.
     *
     * @param lastError why there is no link, if there is none
     */
    List<Action> open(
            long now, ClientId peer, CompletableFuture<ConecChannel> caller, @Nullable ConecException lastError) {
        PeerEnd existing = openEnd(peer);
        if (existing != null) {
            actions.add(new Action.Complete(caller, existing));
            return taken();
        }
        Opening opening = openings.get(peer);
        if (opening == null) {
            if (!linked) {
                String why = lastError == null ? "" : ": " + lastError.getMessage();
                actions.add(new Action.Fail(
                        caller, new ConecException(ErrorCode.NOT_CONNECTED, "not connected to the coordinator" + why)));
                return taken();
            }
            opening = begin(now, peer);
        }
        opening.callers.add(caller);
        return taken();
    }

    /** Ends all channels and gives up all openings. */
    List<Action> close(ErrorCode code, String message) {
        for (PeerEnd end : List.copyOf(ends.values())) {
            close(end, code, message, false);
        }
        for (Opening opening : List.copyOf(openings.values())) {
            fail(opening, new ConecException(code, message));
        }
        return taken();
    }

    private Opening begin(long now, ClientId peer) {
        Opening opening = new Opening(peer, now + requestMillis);
        openings.put(peer, opening);
        // Asking for a peer that is about to dial would end what it is making.
        opening.end = expected(peer);
        if (opening.end == null) {
            opening.request = ++lastRequest;
            actions.add(new Action.Ask(opening.request, peer, 0));
        }
        return opening;
    }

    // What becomes of the link.

    /** The link is there: asks for a relay for the channels that have lost theirs. */
    List<Action> linked() {
        linked = true;
        ends.values().forEach(this::restore);
        return taken();
    }

    /** The link is gone, and with it the relay: what is open lives on, what was to be opened does not. */
    List<Action> linkLost(CloseReason reason) {
        linked = false;
        restoring.clear();
        String message = "the link to the coordinator was lost: " + reason.message();
        for (PeerEnd end : List.copyOf(ends.values())) {
            if (end.stage == Stage.OPEN) {
                end.relayLost = true;
                end.restoring = false;
                end.restoreAt = NEVER;
            } else {
                close(end, ErrorCode.CONNECTION_LOST, message, false);
            }
        }
        for (Opening opening : List.copyOf(openings.values())) {
            fail(opening, new ConecException(ErrorCode.CONNECTION_LOST, message));
        }
        return taken();
    }

    // What the coordinator says.

    /** A peer wants a channel, or to go on with one. */
    List<Action> introduced(long now, Introduction message) {
        ClientId peer = new ClientId(message.getPeer());
        long introduction = message.getIntroduction();
        try {
            if (message.getRestores() != 0) {
                restored(
                        restorable(message.getRestores(), peer),
                        introduction,
                        message.getCertificate(),
                        message.getRelayHandle());
            } else if (expected() >= MAX_EXPECTED) {
                throw new ConecException(
                        ErrorCode.CHANNEL_LIMIT,
                        "\"" + self + "\" waits for " + MAX_EXPECTED + " peers to connect, which is its limit");
            } else if (openings.containsKey(peer) || accepts.test(peer)) {
                PeerEnd end = add(now, introduction, peer, message.getCertificate(), false);
                actions.add(new Action.Prepare(end, message.getRelayHandle(), message.getOnLoopback()));
            } else {
                throw new ConecException(
                        ErrorCode.REFUSED, "\"" + self + "\" accepts no channel from \"" + peer + "\"");
            }
            actions.add(new Action.Reply(introduction, peer, ErrorCode.NO_ERROR, ""));
        } catch (ConecException e) {
            actions.add(new Action.Reply(introduction, peer, e.code(), e.getMessage()));
        }
        return taken();
    }

    /** The answer to a request of this client's. */
    List<Action> answered(long now, ChannelAnswer answer) {
        PeerEnd restores = restoring.remove(answer.getRequest());
        Opening opening = openings.values().stream()
                .filter(each -> each.request == answer.getRequest() && each.request != 0)
                .findAny()
                .orElse(null);
        if (restores != null) {
            restores.restoring = false;
            restoreAnswered(now, restores, answer);
        } else if (opening != null) {
            opening.request = 0;
            openAnswered(now, opening, answer);
        } else if (answer.getCode() == 0 && !answer.getCertificate().isEmpty()) {
            // Given up, or answered by the peer's own channel in the meantime.
            tellEnded(answer.getIntroduction(), ErrorCode.CANCELLED, "given up");
        }
        return taken();
    }

    private void openAnswered(long now, Opening opening, ChannelAnswer answer) {
        if (answer.getCode() != 0) {
            fail(
                    opening,
                    new ConecException(Protocol.errorCode(answer.getCode()), Protocol.reason(answer.getMessage())));
        } else if (answer.getCertificate().isEmpty()) {
            opening.end = ends.get(new Key(answer.getIntroduction(), false));
            if (opening.end == null) {
                CloseReason reason = opening.lastEnded != null
                        ? opening.lastEnded
                        : new CloseReason(ErrorCode.CONNECTION_LOST, "the peer's channel has ended", true);
                fail(opening, reason.toException());
            }
        } else {
            try {
                PeerEnd end = add(now, answer.getIntroduction(), opening.peer, answer.getCertificate(), true);
                opening.end = end;
                actions.add(new Action.Prepare(end, answer.getRelayHandle(), answer.getOnLoopback()));
                actions.add(new Action.Dial(end));
            } catch (ConecException e) {
                fail(opening, e);
                tellEnded(answer.getIntroduction(), e.code(), e.getMessage());
            }
        }
    }

    /** The other side's end of an introduction is gone. */
    List<Action> ended(ChannelEnded message) {
        for (PeerEnd end : bothEnds(message.getIntroduction())) {
            close(end, Protocol.errorCode(message.getCode()), Protocol.reason(message.getMessage()), true);
        }
        return taken();
    }

    /** The peer has lost its link; the channel may live on. Whichever side can first asks for a new relay. */
    List<Action> relayLost(long now, RelayLost message) {
        for (PeerEnd end : bothEnds(message.getIntroduction())) {
            if (end.stage == Stage.OPEN) {
                end.relayLost = true;
                restoreLater(now, end);
            } else {
                close(
                        end,
                        ErrorCode.CONNECTION_LOST,
                        "\"" + end.peer() + "\" has lost its link to the coordinator",
                        false);
            }
        }
        return taken();
    }

    // What becomes of the connections.

    /** The peer's first packet has come. Returns whether to accept it: an introduction makes one connection. */
    boolean contacted(PeerEnd end) {
        if (end.stage != Stage.INTRODUCED) {
            return false;
        }
        end.stage = Stage.CONNECTING;
        return true;
    }

    /** A connection has become a channel. */
    List<Action> opened(PeerEnd end) {
        if (end.stage != Stage.CONNECTING) {
            return taken();
        }
        end.stage = Stage.OPEN;
        end.wasOpen = true;
        for (PeerEnd other : List.copyOf(ends.values())) {
            if (other.peer().equals(end.peer()) && other.channel() != end.channel()) {
                close(other, ErrorCode.REPLACED, "a newer channel to the same peer has opened", false);
            }
        }
        Opening opening = isOtherEndOfLoopback(end) ? null : openings.remove(end.peer());
        if (opening != null) {
            opening.callers.forEach(caller -> actions.add(new Action.Complete(caller, end)));
        }
        return taken();
    }

    /** A connection has ended, opened or not. */
    List<Action> closed(PeerEnd end, CloseReason reason) {
        over(end, reason);
        return taken();
    }

    // Time.

    /** When {@link #timeout} is to be called; {@link #NEVER} if it need not. */
    long deadline() {
        long next = NEVER;
        for (Opening opening : openings.values()) {
            next = Math.min(next, opening.by);
        }
        for (PeerEnd end : ends.values()) {
            next = Math.min(next, end.stage == Stage.INTRODUCED ? end.contactBy : end.restoreAt);
        }
        return next;
    }

    /** Time has passed. */
    List<Action> timeout(long now) {
        for (Opening opening : List.copyOf(openings.values())) {
            if (opening.by <= now) {
                fail(
                        opening,
                        new ConecException(
                                ErrorCode.TIMEOUT,
                                "no channel to \"" + opening.peer + "\" in " + requestMillis + " ms"));
            }
        }
        for (PeerEnd end : List.copyOf(ends.values())) {
            if (end.stage == Stage.INTRODUCED && end.contactBy <= now) {
                close(
                        end,
                        ErrorCode.TIMEOUT,
                        "\"" + end.peer() + "\" was introduced and did not connect in " + contactMillis + " ms",
                        false);
            } else if (end.restoreAt <= now) {
                end.restoreAt = NEVER;
                restore(end);
            }
        }
        return taken();
    }

    // Restoring.

    private void restore(PeerEnd end) {
        if (linked && end.stage == Stage.OPEN && end.relayLost && !end.restoring && !isOtherEndOfLoopback(end)) {
            long request = ++lastRequest;
            end.restoring = true;
            end.restoreAt = NEVER;
            restoring.put(request, end);
            actions.add(new Action.Ask(request, end.peer(), end.channel()));
        }
    }

    private void restoreLater(long now, PeerEnd end) {
        long spread = RESTORE_AGAIN + RESTORE_SPREAD * restoring.size();
        end.restoreAt = now + RESTORE_AGAIN / 2 + Math.round(random.getAsDouble() * spread);
    }

    private void restoreAnswered(long now, PeerEnd end, ChannelAnswer answer) {
        ErrorCode code = Protocol.errorCode(answer.getCode());
        switch (code) {
            case NO_ERROR -> {
                if (!answer.getCertificate().isEmpty()) {
                    try {
                        restored(end, answer.getIntroduction(), answer.getCertificate(), answer.getRelayHandle());
                    } catch (ConecException e) {
                        tellEnded(answer.getIntroduction(), e.code(), e.getMessage());
                        close(end, e.code(), e.getMessage(), false);
                    }
                }
            }
            case UNKNOWN_PEER, RATE_LIMITED, TIMEOUT -> restoreLater(now, end);
            default ->
                // The peer, or a rule, or a newer channel: it will not be had again.
                close(end, code, Protocol.reason(answer.getMessage()), false);
        }
    }

    private void restored(PeerEnd end, long introduction, ByteString certificate, long handle) {
        if (!end.certificate().getPublicKey().equals(parse(certificate).getPublicKey())) {
            throw new ConecException(
                    ErrorCode.CERTIFICATE_MISMATCH,
                    "the client that is now \"" + end.peer() + "\" at the coordinator has another key");
        }
        requireNew(introduction, end.isDialled());
        ends.remove(key(end), end);
        end.introduction = introduction;
        end.relayLost = false;
        end.restoreAt = NEVER;
        ends.put(key(end), end);
        actions.add(new Action.Rebind(end, handle));
    }

    /** The channel that a peer wants to go on with. Of a channel to oneself the end that did not dial is introduced. */
    private PeerEnd restorable(long channel, ClientId peer) {
        return ends.values().stream()
                .filter(end -> end.channel() == channel && end.peer().equals(peer) && end.stage == Stage.OPEN)
                .min(Comparator.comparing(PeerEnd::isDialled))
                .orElseThrow(() -> new ConecException(
                        ErrorCode.CONNECTION_LOST, "\"" + self + "\" has no longer an end of this channel"));
    }

    // Ends.

    private PeerEnd add(long now, long introduction, ClientId peer, ByteString certificate, boolean dialled) {
        X509Certificate introduced = parse(certificate);
        CertificateNames.of(introduced).require(peer);
        requireNew(introduction, dialled);
        PeerEnd end = new PeerEnd(introduction, peer, dialled, introduced, now + contactMillis);
        ends.put(key(end), end);
        return end;
    }

    private void requireNew(long introduction, boolean dialled) {
        if (ends.containsKey(new Key(introduction, dialled))) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "the coordinator has used this introduction before");
        }
    }

    private void close(PeerEnd end, ErrorCode code, String message, boolean byPeer) {
        switch (end.stage) {
            case INTRODUCED -> over(end, new CloseReason(code, message, byPeer));
            case CONNECTING, OPEN -> {
                end.stage = Stage.CLOSING;
                forgetRestore(end);
                actions.add(new Action.Close(end, code, message, byPeer));
            }
            case CLOSING, ENDED -> {
                // Under way.
            }
        }
    }

    private void over(PeerEnd end, CloseReason reason) {
        if (end.stage == Stage.ENDED) {
            return;
        }
        end.stage = Stage.ENDED;
        forgetRestore(end);
        ends.remove(key(end), end);
        actions.add(new Action.Remove(end));
        tellEnded(end.introduction, reason.code(), reason.message());
        Opening opening = openings.get(end.peer());
        if (opening == null || end.wasOpen) {
            return;
        }
        if (opening.end == end) {
            fail(opening, reason.toException());
        } else {
            opening.lastEnded = reason;
        }
    }

    private void forgetRestore(PeerEnd end) {
        // Its answer, if it still comes, is told that nobody waits for it.
        end.restoring = false;
        end.restoreAt = NEVER;
        restoring.values().remove(end);
    }

    private @Nullable PeerEnd openEnd(ClientId peer) {
        return ends.values().stream()
                .filter(end -> end.peer().equals(peer) && end.stage == Stage.OPEN && !isOtherEndOfLoopback(end))
                .findFirst()
                .orElse(null);
    }

    /** The end of which the peer was introduced and is about to dial, or has. */
    private @Nullable PeerEnd expected(ClientId peer) {
        return ends.values().stream()
                .filter(end -> end.peer().equals(peer) && !peer.equals(self) && isExpected(end))
                .findFirst()
                .orElse(null);
    }

    private long expected() {
        return ends.values().stream().filter(PeerIntroductions::isExpected).count();
    }

    private static boolean isExpected(PeerEnd end) {
        return !end.isDialled() && (end.stage == Stage.INTRODUCED || end.stage == Stage.CONNECTING);
    }

    /** Of a channel to oneself the dialling end is the one that was asked for, and the one that asks. */
    private boolean isOtherEndOfLoopback(PeerEnd end) {
        return end.peer().equals(self) && !end.isDialled();
    }

    private List<PeerEnd> bothEnds(long introduction) {
        List<PeerEnd> both = new ArrayList<>();
        for (boolean dialled : new boolean[] {true, false}) {
            PeerEnd end = ends.get(new Key(introduction, dialled));
            if (end != null) {
                both.add(end);
            }
        }
        return both;
    }

    private void fail(Opening opening, ConecException cause) {
        openings.remove(opening.peer, opening);
        opening.callers.forEach(caller -> actions.add(new Action.Fail(caller, cause)));
    }

    private void tellEnded(long introduction, ErrorCode code, String message) {
        if (linked) {
            actions.add(new Action.Ended(introduction, code, message));
        }
    }

    private List<Action> taken() {
        List<Action> taken = actions;
        actions = new ArrayList<>();
        return taken;
    }

    private static Key key(PeerEnd end) {
        return new Key(end.introduction, end.isDialled());
    }

    private static X509Certificate parse(ByteString der) {
        try (InputStream in = der.newInput()) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (CertificateException | IOException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "the introduced certificate is malformed", e);
        }
    }
}
