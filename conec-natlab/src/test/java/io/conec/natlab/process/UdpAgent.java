package io.conec.natlab.process;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * Plain UDP sockets inside a namespace, to find out what the network does. {@code open NAME ADDRESS PORT} answers the bound port,
 * {@code send NAME ADDRESS PORT TEXT COUNT} sends datagrams, {@code 0-TEXT} first; each one that arrives is the event {@code NAME FROM-ADDRESS FROM-PORT NUMBER-TEXT NANOTIME}.
 */
public final class UdpAgent {
    private static final int MAX_BYTES = 2048;
    /** Datagrams sent in a millisecond: few enough for the queues of devices and sockets. */
    private static final int BURST = 10;

    private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

    private final Map<String, DatagramSocket> sockets = new HashMap<>();

    private UdpAgent() {}

    /** Ends with its standard input. */
    public static void main(String[] arguments) throws IOException {
        UdpAgent agent = new UdpAgent();
        Requests.event("ready");
        Requests.serve(agent::handle);
        System.exit(0);
    }

    private CompletableFuture<String> handle(List<String> words) throws IOException {
        String name = words.get(1);
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getByName(words.get(2)), Integer.parseInt(words.get(3)));
        switch (words.get(0)) {
            case "open" -> {
                DatagramSocket socket = new DatagramSocket(address);
                socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
                sockets.put(name, socket);
                new Thread(() -> receive(name, socket), name).start();
                return CompletableFuture.completedFuture(Integer.toString(socket.getLocalPort()));
            }
            case "send" -> {
                int count = Integer.parseInt(words.get(5));
                for (int i = 0; i < count; i++) {
                    byte[] text = (i + "-" + words.get(4)).getBytes(StandardCharsets.UTF_8);
                    Objects.requireNonNull(sockets.get(name)).send(new DatagramPacket(text, text.length, address));
                    if (i % BURST == BURST - 1) {
                        LockSupport.parkNanos(1_000_000);
                    }
                }
                return CompletableFuture.completedFuture("");
            }
            default -> throw new IllegalArgumentException(words.get(0));
        }
    }

    private static void receive(String name, DatagramSocket socket) {
        DatagramPacket packet = new DatagramPacket(new byte[MAX_BYTES], MAX_BYTES);
        while (true) {
            try {
                socket.receive(packet);
            } catch (IOException e) {
                Requests.event(name + " failed " + Requests.describe(e));
                return;
            }
            long now = System.nanoTime();
            Requests.event(String.join(
                    " ",
                    name,
                    packet.getAddress().getHostAddress(),
                    Integer.toString(packet.getPort()),
                    new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8),
                    Long.toString(now)));
        }
    }
}
