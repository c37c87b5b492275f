package io.conec.coordinator;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.ChannelEnded;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.IntroductionReply;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RelayLost;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Introduces clients to each other: asks the rules, and carries out what {@link Introductions} decides. Owned by the event loop; {@link #relayedChannels} is for any thread. */
final class ClientIntroductions {
    private final CoordinatorConfig config;
    private final AccessControl access;
    private final Directory directory;
    private final RelayTable relay;
    private final LongAdder introductionsMade;
    private final LongAdder refused;
    private final Introductions introductions;

    /** Clients that had channels when they lost their links: their peers go on asking for relays, and have to hear if such a client may not be here any more. */
    private final Map<ClientId, AccessRequest.Client> gone = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ClientId, AccessRequest.Client> eldest) {
            return size() > config.maxClients();
        }
    };

    private volatile int relayedChannels;

    /**
     * With the coordinator's counts.
     *
     * @param random gives introduction ids and handles: 64 unpredictable bits, never 0
     */
    ClientIntroductions(
            CoordinatorConfig config,
            AccessControl access,
            Directory directory,
            RelayTable relay,
            LongSupplier random,
            LongAdder introductionsMade,
            LongAdder refused) {
        this.config = config;
        this.access = access;
        this.directory = directory;
        this.relay = relay;
        this.introductionsMade = introductionsMade;
        this.refused = refused;
        this.introductions = new Introductions(
                random,
                directory::contains,
                // Before the asking client gives up waiting, so that it hears whose fault it is.
                config.transport().requestTimeout().toMillis() / 2,
                config.maxChannelsPerClient());
    }

    /** Channels that the relay knows now. */
    int relayedChannels() {
        return relayedChannels;
    }

    /** Whether an introduction of that client is not answered yet. */
    boolean isUndecided(ClientId client) {
        return introductions.isUndecided(client);
    }

    /** What there is, to be checked by other rules, with how it ends then. */
    List<AccessControl.Check> checks() {
        List<AccessControl.Check> checks = new ArrayList<>();
        for (Introductions.Existing each : introductions.existing()) {
            ConnectedClient asker = directory.find(each.asker());
            if (asker != null) {
                checks.add(new AccessControl.Check(
                        new AccessRequest.Introduce(asker.requester(), each.asked()),
                        refusal -> eitherWay(refusal, each.restores(), asker, each.asked(), decided -> {
                            if (decided != null) {
                                perform(introductions.forbid(
                                        each.introduction(), decided.code(), decided.getMessage()));
                            }
                        })));
            }
        }
        return checks;
    }

    /** A client may not be here any more: its channels end, also those that would outlive a lost link. */
    void forbid(ClientId client, ConecException reason) {
        for (Introductions.Existing each : introductions.existing()) {
            if (each.isOf(client)) {
                perform(introductions.forbid(each.introduction(), reason.code(), reason.getMessage()));
            }
        }
    }

    /** A client's link is gone. */
    void left(ConnectedClient client) {
        List<Introductions.Action> actions = introductions.left(client.id());
        gone.remove(client.id());
        if (actions.stream().anyMatch(Introductions.Action.RelayLost.class::isInstance)) {
            gone.put(client.id(), client.requester());
        }
        perform(actions);
    }

    /** Time has passed. */
    void expire() {
        perform(introductions.expire(monotonicMillis()));
    }

    /** A client says that a channel has ended. */
    void ended(ConnectedClient from, ChannelEnded ended) {
        perform(introductions.ended(
                from.id(),
                ended.getIntroduction(),
                Protocol.errorCode(ended.getCode()),
                Protocol.reason(ended.getMessage())));
    }

    /** A client asks for a channel. */
    void open(ConnectedClient from, OpenChannel request) {
        try {
            if (!from.mayAskForIntroduction(System.nanoTime())) {
                throw new ConecException(
                        ErrorCode.RATE_LIMITED,
                        "more than " + config.introductionsPerSecond() + " introductions asked for in a second");
            }
            ClientId peer = new ClientId(request.getPeer());
            boolean restores = request.getRestores() != 0;
            Consumer<@Nullable ConecException> decided = refusal -> {
                if (directory.find(from.id()) != from) {
                    // It has gone.
                    return;
                }
                if (refusal != null) {
                    refuse(from, request.getRequest(), refusal);
                } else {
                    perform(introductions.open(
                            monotonicMillis(), from.id(), request.getRequest(), peer, request.getRestores()));
                }
            };
            Runnable introduce = () -> access.check(
                    eventLoop(from),
                    new AccessRequest.Introduce(from.requester(), peer),
                    refusal -> eitherWay(refusal, restores, from, peer, decided));
            AccessRequest.Client absent = restores && !directory.contains(peer) ? gone.get(peer) : null;
            if (absent == null) {
                introduce.run();
            } else {
                access.check(eventLoop(from), new AccessRequest.Connect(absent), refusal -> {
                    if (refusal == null) {
                        introduce.run();
                    } else {
                        decided.accept(refusal);
                    }
                });
            }
        } catch (ConecException e) {
            refuse(from, request.getRequest(), e);
        }
    }

    /** A channel may be restored by the client that did not begin it, if the other might have: that one is asked whether it knows the channel. */
    private void eitherWay(
            @Nullable ConecException refusal,
            boolean restores,
            ConnectedClient from,
            ClientId to,
            Consumer<@Nullable ConecException> decided) {
        ConnectedClient connected = directory.find(to);
        AccessRequest.Client other = connected != null ? connected.requester() : gone.get(to);
        if (refusal == null || !restores || other == null) {
            decided.accept(refusal);
        } else {
            access.check(eventLoop(from), new AccessRequest.Introduce(other, from.id()), decided);
        }
    }

    private void refuse(ConnectedClient from, long request, ConecException e) {
        perform(List.of(new Introductions.Action.Refuse(from.id(), request, e.code(), e.getMessage())));
    }

    /** The asked client answers. */
    void reply(ConnectedClient from, IntroductionReply reply) {
        if (reply.getCode() == 0) {
            perform(introductions.agreed(from.id(), reply.getIntroduction()));
        } else {
            perform(introductions.refused(
                    from.id(),
                    reply.getIntroduction(),
                    Protocol.errorCode(reply.getCode()),
                    Protocol.reason(reply.getMessage())));
        }
    }

    private void perform(List<Introductions.Action> actions) {
        for (Introductions.Action action : actions) {
            if (action instanceof Introductions.Action.Introduce introduce) {
                send(
                        introduce.to(),
                        Control.newBuilder()
                                .setIntroduction(Introduction.newBuilder()
                                        .setIntroduction(introduce.introduction())
                                        .setPeer(introduce.peer().value())
                                        .setCertificate(certificate(introduce.peer()))
                                        .setRelayHandle(introduce.handle())
                                        .setRestores(introduce.restores())
                                        .setOnLoopback(onLoopback(introduce.to(), introduce.peer()))));
            } else if (action instanceof Introductions.Action.Answer answer) {
                ChannelAnswer.Builder message =
                        ChannelAnswer.newBuilder().setRequest(answer.request()).setIntroduction(answer.introduction());
                if (answer.dial()) {
                    message.setCertificate(certificate(answer.peer()))
                            .setRelayHandle(answer.handle())
                            .setOnLoopback(onLoopback(answer.to(), answer.peer()));
                }
                send(answer.to(), Control.newBuilder().setChannelAnswer(message));
            } else if (action instanceof Introductions.Action.Refuse refuse) {
                refused.increment();
                send(
                        refuse.to(),
                        Control.newBuilder()
                                .setChannelAnswer(ChannelAnswer.newBuilder()
                                        .setRequest(refuse.request())
                                        .setCode((int) refuse.code().code())
                                        .setMessage(Protocol.reason(refuse.message()))));
            } else if (action instanceof Introductions.Action.End end) {
                send(
                        end.to(),
                        Control.newBuilder()
                                .setChannelEnded(ChannelEnded.newBuilder()
                                        .setIntroduction(end.introduction())
                                        .setCode((int) end.code().code())
                                        .setMessage(Protocol.reason(end.message()))));
            } else if (action instanceof Introductions.Action.RelayLost lost) {
                send(
                        lost.to(),
                        Control.newBuilder().setRelayLost(RelayLost.newBuilder().setIntroduction(lost.introduction())));
            } else if (action instanceof Introductions.Action.Relay begin) {
                ConnectedClient asker = directory.find(begin.asker());
                ConnectedClient asked = directory.find(begin.asked());
                if (asker != null && asked != null) {
                    relay.connect(asker, begin.askerHandle(), asked, begin.askedHandle());
                    introductionsMade.increment();
                }
            } else if (action instanceof Introductions.Action.Unrelay unrelay) {
                relay.disconnect(unrelay.askerHandle(), unrelay.askedHandle());
            }
        }
        if (!actions.isEmpty()) {
            relayedChannels = introductions.made();
        }
    }

    private void send(ClientId to, Control.Builder message) {
        ConnectedClient client = directory.find(to);
        if (client != null) {
            client.link().send(message.build());
        }
    }

    private boolean onLoopback(ClientId a, ClientId b) {
        return isOnLoopback(a) && isOnLoopback(b);
    }

    private boolean isOnLoopback(ClientId id) {
        ConnectedClient client = directory.find(id);
        InetSocketAddress address = client == null ? null : client.address();
        return address != null && address.getAddress().isLoopbackAddress();
    }

    private ByteString certificate(ClientId of) {
        ConnectedClient client = directory.find(of);
        if (client == null) {
            throw new IllegalStateException("\"" + of + "\" is being introduced but is not connected");
        }
        try {
            return ByteString.copyFrom(client.certificate().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that came over the network has no encoding", e);
        }
    }

    private static EventLoop eventLoop(ConnectedClient of) {
        return of.link().connection().eventLoop();
    }

    private static long monotonicMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
