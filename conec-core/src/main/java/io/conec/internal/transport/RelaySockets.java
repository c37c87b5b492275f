package io.conec.internal.transport;

import io.conec.internal.protocol.RelayPacket;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coordinator's further sockets, on the port of the first and on a thread each, for packets to relay: relaying takes the processor time, and needs nothing of QUIC. Linux gives them these packets
 * ({@link RelaySteering}). What else they get goes on to the first socket: on real networks the kernel merges packets of one sender (GRO) before it chooses by the first of them.
 *
 * <p>For one thread, which is no network thread.
 */
final class RelaySockets {
    private static final Logger log = LoggerFactory.getLogger(RelaySockets.class);

    /** So many packets may be on their way to the first socket, each of which may keep a buffer of 64 KiB; more are dropped, as from a socket's full buffer. */
    static final int MOST_HANDED_OVER = 256;

    private record Member(NetworkThread thread, Channel socket) {}

    private final List<Member> members = new ArrayList<>();
    private final EndpointConfig config;
    private final PacketCounts counts;
    private final BiConsumer<List<DatagramPacket>, Runnable> others;
    private final AtomicInteger handedOver = new AtomicInteger();

    /** @param others takes what is not to be relayed, on any thread, and runs the task when it has */
    RelaySockets(EndpointConfig config, PacketCounts counts, BiConsumer<List<DatagramPacket>, Runnable> others) {
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
                add(address, segments, relay);
            }
            RelaySteering.attach(first, relays.size());
        } catch (RuntimeException e) {
            close();
            unshare(first, e);
            log.warn("One thread relays, as the system does not let {} share the port", relays.size() + 1, e);
        }
    }

    private static void unshare(Channel first, RuntimeException because) {
        try {
            first.config().setOption(EpollChannelOption.SO_REUSEPORT, false);
        } catch (ChannelException e) {
            because.addSuppressed(e);
        }
    }

    private void add(InetSocketAddress address, boolean segments, DatagramHandler relay) {
        NetworkThread thread = NetworkThread.own(config.name() + "-relay-" + (members.size() + 1), true);
        try {
            Channel socket = UdpSocket.bind(
                    UdpSocket.on(thread, true, segments, config.transport())
                            .option(EpollChannelOption.SO_REUSEPORT, true)
                            .handler(new Router(relay, segments)),
                    address);
            members.add(new Member(thread, socket));
        } catch (RuntimeException | Error e) {
            thread.end();
            throw e;
        }
    }

    /** Waits until they are closed. */
    void close() {
        // Each of them before the next: who has the last place in the kernel's row leaves it without moving the others.
        for (int i = members.size() - 1; i >= 0; i--) {
            members.get(i).socket().close().awaitUninterruptibly();
            members.get(i).thread().end();
        }
        members.clear();
    }

    private final class Router extends CoordinatorRouter {
        private List<DatagramPacket> handingOver = new ArrayList<>();

        Router(DatagramHandler relay, boolean segments) {
            super(counts, relay, segments);
        }

        @Override
        void route(DatagramPacket packet) {
            if (RelayPacket.kind(packet.content()) == RelayPacket.RELAY) {
                super.route(packet);
            } else if (handedOver.incrementAndGet() > MOST_HANDED_OVER) {
                handedOver.decrementAndGet();
                drop(packet);
            } else {
                handingOver.add(packet);
            }
        }

        @Override
        void batchComplete() {
            super.batchComplete();
            if (!handingOver.isEmpty()) {
                int packets = handingOver.size();
                others.accept(handingOver, () -> handedOver.addAndGet(-packets));
                handingOver = new ArrayList<>();
            }
        }
    }
}
