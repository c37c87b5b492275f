package io.conec.coordinator;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.coordinator.Introductions.Action;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.ChannelEnded;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RelayLost;
import io.conec.internal.protocol.TokenBucket;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run of a coordinator from start to crash, without sockets: {@link Introductions} with the registry and the relay's table around it. */
public final class SimulatedCoordinator {
    /** A registered client's link. */
    public record Link(
            long handle, ClientId id, ByteString certificate, InetSocketAddress address, Consumer<Control> client) {}

    /** Where a relay packet goes. */
    public record Hop(Link receiver, long handle) {}

    private record Leg(Link owner, Link receiver, long receiverHandle) {}

    /** How long an asked client may take. */
    public static final long ANSWER_MILLIS = 5_000;

    private final Map<ClientId, Link> links = new HashMap<>();
    private final Map<Long, Leg> legs = new HashMap<>();
    private final IdentityHashMap<Link, TokenBucket> asked = new IdentityHashMap<>();
    private final Random random;
    private final Introductions introductions;
    private int introductionsPerSecond;

    /** @param introductionsPerSecond that a client may ask for */
    public SimulatedCoordinator(Random random, int introductionsPerSecond) {
        this.random = random;
        this.introductionsPerSecond = introductionsPerSecond;
        this.introductions = new Introductions(this::number, links::containsKey, ANSWER_MILLIS, 1_000);
    }

    /** From now on lets clients ask for so many introductions a second. */
    public void allow(int perSecond) {
        introductionsPerSecond = perSecond;
        asked.clear();
    }

    private long number() {
        return random.nextLong() | 1;
    }

    /** Registers a client, in place of one with the same certificate; null if the id is another's. */
    public @Nullable Link register(
            ClientId id, ByteString certificate, InetSocketAddress address, Consumer<Control> client) {
        Link older = links.get(id);
        if (older != null && !older.certificate().equals(certificate)) {
            return null;
        }
        if (older != null) {
            left(older);
        }
        Link link = new Link(number(), id, certificate, address, client);
        links.put(id, link);
        return link;
    }

    public void left(Link link) {
        if (links.remove(link.id(), link)) {
            perform(introductions.left(link.id()));
        }
    }

    @SuppressWarnings("ReferenceEquality") // A later link of the same client is another.
    public boolean isRegistered(Link link) {
        return links.get(link.id()) == link;
    }

    public @Nullable Link holder(ClientId id) {
        return links.get(id);
    }

    /** The link with that handle, for a check. */
    public @Nullable Link link(long handle) {
        return links.values().stream()
                .filter(link -> link.handle() == handle)
                .findAny()
                .orElse(null);
    }

    public void expire(long now) {
        perform(introductions.expire(now));
    }

    /** What a registered client has sent. */
    public void receive(long now, Link from, Control message) {
        if (!isRegistered(from)) {
            return;
        }
        switch (message.getKindCase()) {
            case OPEN_CHANNEL -> {
                OpenChannel open = message.getOpenChannel();
                long nanos = TimeUnit.MILLISECONDS.toNanos(now);
                if (!asked.computeIfAbsent(from, link -> new TokenBucket(introductionsPerSecond, nanos))
                        .take(1, nanos)) {
                    perform(List.of(new Action.Refuse(from.id(), open.getRequest(), ErrorCode.RATE_LIMITED, "often")));
                    return;
                }
                perform(introductions.open(
                        now, from.id(), open.getRequest(), new ClientId(open.getPeer()), open.getRestores()));
            }
            case INTRODUCTION_REPLY -> {
                long introduction = message.getIntroductionReply().getIntroduction();
                ErrorCode code =
                        Protocol.errorCode(message.getIntroductionReply().getCode());
                perform(
                        code == ErrorCode.NO_ERROR
                                ? introductions.agreed(from.id(), introduction)
                                : introductions.refused(
                                        from.id(),
                                        introduction,
                                        code,
                                        message.getIntroductionReply().getMessage()));
            }
            case CHANNEL_ENDED -> {
                ChannelEnded ended = message.getChannelEnded();
                perform(introductions.ended(
                        from.id(), ended.getIntroduction(), Protocol.errorCode(ended.getCode()), ended.getMessage()));
            }
            default -> throw new IllegalArgumentException(message.toString());
        }
    }

    /** Where a relay packet goes; null if its handle means nothing to this coordinator, or not from there. */
    public @Nullable Hop relay(long handle, InetSocketAddress from) {
        Leg leg = legs.get(handle);
        return leg == null || !leg.owner().address().equals(from)
                ? null
                : new Hop(leg.receiver(), leg.receiverHandle());
    }

    private void perform(List<Action> actions) {
        for (Action action : actions) {
            if (action instanceof Action.Introduce it) {
                send(
                        it.to(),
                        Control.newBuilder()
                                .setIntroduction(Introduction.newBuilder()
                                        .setIntroduction(it.introduction())
                                        .setPeer(it.peer().value())
                                        .setCertificate(registered(it.peer()).certificate())
                                        .setRelayHandle(it.handle())
                                        .setRestores(it.restores())));
            } else if (action instanceof Action.Answer it) {
                ChannelAnswer.Builder answer =
                        ChannelAnswer.newBuilder().setRequest(it.request()).setIntroduction(it.introduction());
                if (it.dial()) {
                    answer.setCertificate(registered(it.peer()).certificate()).setRelayHandle(it.handle());
                }
                send(it.to(), Control.newBuilder().setChannelAnswer(answer));
            } else if (action instanceof Action.Refuse it) {
                send(
                        it.to(),
                        Control.newBuilder()
                                .setChannelAnswer(ChannelAnswer.newBuilder()
                                        .setRequest(it.request())
                                        .setCode((int) it.code().code())
                                        .setMessage(it.message())));
            } else if (action instanceof Action.End it) {
                send(
                        it.to(),
                        Control.newBuilder()
                                .setChannelEnded(ChannelEnded.newBuilder()
                                        .setIntroduction(it.introduction())
                                        .setCode((int) it.code().code())
                                        .setMessage(it.message())));
            } else if (action instanceof Action.RelayLost it) {
                send(
                        it.to(),
                        Control.newBuilder().setRelayLost(RelayLost.newBuilder().setIntroduction(it.introduction())));
            } else if (action instanceof Action.Relay it) {
                Link asker = registered(it.asker());
                Link asked = registered(it.asked());
                legs.put(it.askerHandle(), new Leg(asker, asked, it.askedHandle()));
                legs.put(it.askedHandle(), new Leg(asked, asker, it.askerHandle()));
            } else if (action instanceof Action.Unrelay it) {
                legs.remove(it.askerHandle());
                legs.remove(it.askedHandle());
            }
        }
    }

    private void send(ClientId to, Control.Builder message) {
        Link link = links.get(to);
        if (link != null) {
            link.client().accept(message.build());
        }
    }

    private Link registered(ClientId id) {
        Link link = links.get(id);
        if (link == null) {
            throw new AssertionError(id + " is introduced and not registered");
        }
        return link;
    }
}
