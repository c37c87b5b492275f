package io.conec.spring.boot.autoconfigure.endpoint;

import io.conec.ChannelPath;
import io.conec.ChannelStatistics;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecParty;
import io.conec.ErrorCode;
import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import io.conec.client.NatMapping;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorStatistics;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
    private final ConecParty party;

    /** The endpoint of that coordinator or client. */
    public ConecEndpoint(ConecParty party) {
        this.party = party;
    }

    /** What is going on now. */
    @ReadOperation
    public ConecDescriptor conec() {
        boolean running = party.isRunning();
        List<ChannelDescriptor> channels =
                party.channels().stream().map(ChannelDescriptor::of).toList();
        if (party instanceof ConecClient client) {
            return new ConecDescriptor(
                    "client",
                    client.name(),
                    running ? text(client.localAddress()) : null,
                    LinkDescriptor.of(client),
                    null,
                    channels);
        }
        ConecCoordinator coordinator = party instanceof ConecCoordinator c ? c : null;
        return new ConecDescriptor(
                "coordinator",
                party.name(),
                running && coordinator != null ? text(coordinator.localAddress()) : null,
                null,
                coordinator == null ? null : coordinator.statistics(),
                channels);
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
     * @param mode {@code coordinator} or {@code client}
     * @param name the party's own name
     * @param localAddress its UDP address while it runs
     * @param coordinator a client's link to its coordinator
     * @param statistics a coordinator's counts since the application started
     * @param channels the channels that are open
     */
    public record ConecDescriptor(
            String mode,
            String name,
            @Nullable String localAddress,
            @Nullable LinkDescriptor coordinator,
            @Nullable CoordinatorStatistics statistics,
            List<ChannelDescriptor> channels)
            implements OperationResponseBody {}

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
