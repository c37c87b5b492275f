package io.conec.internal.transport;

import io.conec.ConecException;
import io.conec.internal.protocol.RelayPacket;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coordinator's further sockets, on the port of the first and on a thread each, for packets to relay: relaying takes the processor time, and needs nothing of QUIC. Linux gives them these packets
 * ({@link RelaySteering}). What else they get goes on to the first socket: on real networks the kernel merges packets of one sender (GRO) before it chooses by the first of them.
 *
 * <p>Opened and closed by one thread, which is no network thread.
 */
final class RelaySockets {
    private static final Logger log = LoggerFactory.getLogger(RelaySockets.class);

    private record Member(NetworkThread thread, Channel socket) {}

    private volatile List<Member> members = List.of();
    private final EndpointConfig config;
    private final PacketCounts counts;
    private final Consumer<List<DatagramPacket>> others;

    /** @param others takes what is not to be relayed, on any thread */
    RelaySockets(EndpointConfig config, PacketCounts counts, Consumer<List<DatagramPacket>> others) {
        this.config = config;
        this.counts = counts;
        this.others = others;
    }

    /**
     * Opens one for each relay; none, with a warning, if the system does not let them share the port.
     *
     * @param first bound
     * @param segments whether the kernel takes and hands over several packets at a time
     */
    void open(Channel first, boolean segments, List<? extends DatagramHandler> relays) {
        InetSocketAddress address = (InetSocketAddress) first.localAddress();
        try {
            // After it was bound, which so failed if anybody else has the port.
            first.config().setOption(EpollChannelOption.SO_REUSEPORT, true);
            for (DatagramHandler relay : relays) {
                List<Member> more = new ArrayList<>(members);
                more.add(bind(more.size() + 1, address, segments, relay));
                members = more;
            }
            RelaySteering.attach(first, relays.size());
        } catch (ChannelException | ConecException e) {
            close();
            log.warn("One thread relays, as the system does not let {} share the port", relays.size() + 1, e);
        }
    }

    /**
     * Runs the task on the event loop of the socket that gets relay packets under that handle, after those that it has got. Any thread.
     *
     * @return whether there is one
     */
    boolean execute(long handle, Runnable task) {
        List<Member> now = members;
        if (now.isEmpty()) {
            return false;
        }
        NetworkThread thread =
                now.get(RelaySteering.socketOf(handle, now.size())).thread();
        // Not among the tasks of this turn, which may have read the socket before.
        return thread.execute(() -> thread.eventLoop().schedule(task, 1, TimeUnit.MILLISECONDS));
    }

    private Member bind(int number, InetSocketAddress address, boolean segments, DatagramHandler relay) {
        NetworkThread thread = NetworkThread.own(config.name() + "-relay-" + number, true);
        try {
            Channel socket = UdpSocket.bind(
                    UdpSocket.on(thread, true, segments, config.transport())
                            .option(EpollChannelOption.SO_REUSEPORT, true)
                            .handler(new Router(relay, segments)),
                    address);
            return new Member(thread, socket);
        } catch (RuntimeException | Error e) {
            thread.end();
            throw e;
        }
    }

    /** Waits until they are closed. */
    void close() {
        // Each of them before the next: who has the last place in the kernel's row leaves it without moving the others.
        List<Member> now = members;
        for (int i = now.size() - 1; i >= 0; i--) {
            now.get(i).socket().close().awaitUninterruptibly();
            now.get(i).thread().end();
        }
        members = List.of();
    }

    private final class Router extends CoordinatorRouter {
        private List<DatagramPacket> handedOver = new ArrayList<>();

        Router(DatagramHandler relay, boolean segments) {
            super(counts, relay, segments);
        }

        @Override
        void route(DatagramPacket packet) {
            if (RelayPacket.kind(packet.content()) == RelayPacket.RELAY) {
                super.route(packet);
            } else {
                handedOver.add(packet);
            }
        }

        @Override
        void batchComplete() {
            super.batchComplete();
            if (!handedOver.isEmpty()) {
                others.accept(handedOver);
                handedOver = new ArrayList<>();
            }
        }
    }
}
