package io.conec.spring.boot.autoconfigure.endpoint;

import io.conec.ChannelPath;
import io.conec.ChannelStatistics;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ConecParty;
import io.conec.ErrorCode;
import io.conec.PresentClient;
import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import io.conec.client.NatMapping;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorStatistics;
import io.conec.coordinator.HostedGroup;
import io.conec.spring.listener.ConecListenerContainer;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * {@link Endpoint} that shows a coordinator or client with its channels and streams. Names peers, so expose it to operators only. Closing channels is off unless {@code management.endpoint.conec.access} is
 * {@code unrestricted}.
 */
@Endpoint(id = "conec", defaultAccess = Access.READ_ONLY)
public final class ConecEndpoint {
    /** A client that watches presence has the list: this is for one that has just connected. */
    private static final Duration PRESENCE_TIMEOUT = Duration.ofMillis(500);

    private final ConecParty party;
    private final @Nullable ConecListenerEndpointRegistry listeners;

    /**
     * The endpoint of that coordinator or client.
     *
     * @param listeners the application's listeners; null if it has none
     */
    public ConecEndpoint(ConecParty party, @Nullable ConecListenerEndpointRegistry listeners) {
        this.party = party;
        this.listeners = listeners;
    }

    /** What is going on now. */
    @ReadOperation
    public ConecDescriptor conec() {
        boolean running = party.isRunning();
        ConecClient client = party instanceof ConecClient c ? c : null;
        ConecCoordinator coordinator = party instanceof ConecCoordinator c ? c : null;
        InetSocketAddress localAddress = !running
                ? null
                : client != null ? client.localAddress() : coordinator != null ? coordinator.localAddress() : null;
        return new ConecDescriptor(
                client != null ? "client" : "coordinator",
                party.name(),
                localAddress == null ? null : text(localAddress),
                client == null ? null : LinkDescriptor.of(client),
                coordinator == null ? null : coordinator.statistics(),
                party.channels().stream().map(ChannelDescriptor::of).toList(),
                party.groups().stream().map(MembershipDescriptor::of).toList(),
                coordinator == null ? null : coordinator.hostedGroups(),
                coordinator != null ? coordinator.presence() : client == null ? null : present(client),
                listeners == null
                        ? List.of()
                        : listeners.containers().stream()
                                .map(ListenerDescriptor::of)
                                .toList());
    }

    /** Only what the client has been told already: to ask would make the coordinator tell it from now on. */
    private static @Nullable List<PresentClient> present(ConecClient client) {
        if (!client.config().watchPresence() || !client.isRunning()) {
            return null;
        }
        CompletableFuture<List<PresentClient>> present = client.presence();
        try {
            return present.get(PRESENCE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** The channels to one peer; none if there is none. */
    @ReadOperation
    public @Nullable PeerDescriptor peer(@Selector String peer) {
        List<ChannelDescriptor> channels =
                channels(peer).map(ChannelDescriptor::of).toList();
        return channels.isEmpty() ? null : new PeerDescriptor(peer, channels);
    }

    /** Closes the channels to one peer, which is told that an operator did so. A client that is closed by its coordinator, or closes its channel to it, connects again. */
    @DeleteOperation
    public ClosedDescriptor close(@Selector String peer) {
        List<ConecChannel> channels = channels(peer).toList();
        channels.forEach(channel -> channel.close(ErrorCode.CANCELLED, "closed by an operator of " + party.name()));
        return new ClosedDescriptor(channels.size());
    }

    private Stream<ConecChannel> channels(String peer) {
        return party.channels().stream().filter(channel -> channel.peer().equals(peer));
    }

    private static String text(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /**
     * A coordinator or client.
     *
     * @param mode what it is: "coordinator" or "client"
     * @param name the party's own name
     * @param localAddress its UDP address while it runs
     * @param coordinator a client's link to its coordinator
     * @param statistics a coordinator's counts since the application started
     * @param channels the channels that are open
     * @param groups its own memberships in groups
     * @param hostedGroups the groups that a coordinator hosts
     * @param clients the clients that are connected, as far as this party knows: all for a coordinator, those it may see for a client that watches presence
     * @param listeners the application's listeners
     */
    public record ConecDescriptor(
            String mode,
            String name,
            @Nullable String localAddress,
            @Nullable LinkDescriptor coordinator,
            @Nullable CoordinatorStatistics statistics,
            List<ChannelDescriptor> channels,
            List<MembershipDescriptor> groups,
            @Nullable List<HostedGroup> hostedGroups,
            @Nullable List<PresentClient> clients,
            List<ListenerDescriptor> listeners)
            implements OperationResponseBody {}

    /**
     * A membership in a group.
     *
     * @param name the group's name
     * @param joined whether the coordinator counts it right now
     * @param members memberships of the group
     * @param senders those that send
     * @param receivers those that receive
     * @param lost messages dropped for this one
     */
    public record MembershipDescriptor(
            String name, boolean joined, int members, int senders, int receivers, long lost) {
        private static MembershipDescriptor of(ConecGroup group) {
            return new MembershipDescriptor(
                    group.name(),
                    group.isJoined(),
                    group.members(),
                    group.senders(),
                    group.receivers(),
                    group.lostMessages());
        }
    }

    /**
     * A listener.
     *
     * @param id its id
     * @param running whether it runs
     * @param paused whether it was told to pause
     * @param waiting calls that wait for their turn
     */
    public record ListenerDescriptor(String id, boolean running, boolean paused, int waiting) {
        private static ListenerDescriptor of(ConecListenerContainer container) {
            return new ListenerDescriptor(
                    container.id(), container.isRunning(), container.isPaused(), container.waiting());
        }
    }

    /**
     * One peer.
     *
     * @param peer its name
     * @param channels the channels to it: one, or the two ends of a client's channel to itself
     */
    public record PeerDescriptor(String peer, List<ChannelDescriptor> channels) implements OperationResponseBody {}

    /**
     * What was closed.
     *
     * @param channels how many channels
     */
    public record ClosedDescriptor(int channels) implements OperationResponseBody {}

    /**
     * A client's link to its coordinator.
     *
     * @param host the configured host name
     * @param address the address that was last tried
     * @param state what the client is doing
     * @param since since when
     * @param reconnects how often the link was made again
     * @param lastError why the last attempt failed or the last link ended
     * @param natMapping what is known of the NAT before the client
     */
    public record LinkDescriptor(
            String host,
            @Nullable String address,
            ClientStatus.State state,
            Instant since,
            long reconnects,
            @Nullable ErrorDescriptor lastError,
            NatMapping natMapping) {
        private static LinkDescriptor of(ConecClient client) {
            ClientStatus status = client.status();
            InetSocketAddress address = status.coordinator();
            ConecException error = status.lastError();
            return new LinkDescriptor(
                    client.config().coordinatorHost(),
                    address == null ? null : text(address),
                    status.state(),
                    status.since(),
                    status.reconnects(),
                    error == null ? null : new ErrorDescriptor(error.code().name(), error.getMessage()),
                    status.natMapping());
        }
    }

    /**
     * An error.
     *
     * @param code the {@link io.conec.ErrorCode}
     * @param message what happened
     */
    public record ErrorDescriptor(String code, @Nullable String message) {}

    /**
     * A channel.
     *
     * @param id its id in this process
     * @param kind who the other side is
     * @param peer the other side's name
     * @param openedAt when it opened
     * @param path how its packets travel
     * @param roundTripMillis the smoothed round trip time; null before the first sample
     * @param messagesSent messages taken by QUIC
     * @param messagesReceived messages received whole
     * @param bytesSent their payload
     * @param bytesReceived their payload
     * @param streamsOpened streams opened so far
     * @param streams the streams that are open
     */
    public record ChannelDescriptor(
            String id,
            ConecChannel.Kind kind,
            String peer,
            Instant openedAt,
            PathDescriptor path,
            @Nullable Double roundTripMillis,
            long messagesSent,
            long messagesReceived,
            long bytesSent,
            long bytesReceived,
            long streamsOpened,
            List<StreamDescriptor> streams) {
        private static ChannelDescriptor of(ConecChannel channel) {
            ChannelStatistics statistics = channel.statistics();
            Duration roundTrip = statistics.roundTrip();
            return new ChannelDescriptor(
                    channel.id(),
                    channel.kind(),
                    channel.peer(),
                    channel.openedAt(),
                    PathDescriptor.of(channel.path()),
                    roundTrip.isZero() ? null : roundTrip.toNanos() / 1_000_000.0,
                    statistics.messagesSent(),
                    statistics.messagesReceived(),
                    statistics.bytesSent(),
                    statistics.bytesReceived(),
                    statistics.streamsOpened(),
                    channel.streams().stream()
                            .map(stream -> new StreamDescriptor(stream.id(), stream.name()))
                            .toList());
        }
    }

    /**
     * How packets travel.
     *
     * @param kind relayed or direct
     * @param local this side's address
     * @param remote where the packets go
     * @param since since when
     * @param reason why
     */
    public record PathDescriptor(ChannelPath.Kind kind, String local, String remote, Instant since, String reason) {
        private static PathDescriptor of(ChannelPath path) {
            return new PathDescriptor(
                    path.kind(), text(path.local()), text(path.remote()), path.since(), path.reason());
        }
    }

    /**
     * A stream.
     *
     * @param id its id in the channel
     * @param name its name
     */
    public record StreamDescriptor(long id, String name) {}
}
