package io.conec.natlab;

import static org.awaitility.Awaitility.await;

import io.conec.natlab.process.UdpAgent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;

/** Plain UDP sockets inside a namespace. */
final class UdpSockets {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A datagram that arrived, the how manieth of its sending it was, from 0, and when ({@link System#nanoTime()}). */
    record Arrival(String socket, InetSocketAddress from, int number, String text, long nanoTime) {}

    private final ChildProcess process;

    UdpSockets(Laboratory laboratory, String name, Namespace namespace) {
        process = laboratory.java(name, namespace, UdpAgent.class);
    }

    /** Opens a socket of that name; returns its port. */
    int open(String socket, String address, int port) {
        return Integer.parseInt(process.ask("open " + socket + " " + address + " " + port, PATIENCE));
    }

    void send(String socket, InetSocketAddress to, String text) {
        send(socket, to, text, 1);
    }

    void send(String socket, InetSocketAddress to, String text, int count) {
        process.ask(
                "send " + socket + " " + to.getAddress().getHostAddress() + " " + to.getPort() + " " + text + " "
                        + count,
                PATIENCE);
    }

    /** All that arrived so far. */
    List<Arrival> arrivals() {
        return process.events().stream()
                .filter(event -> !event.equals("ready"))
                .map(UdpSockets::arrival)
                .toList();
    }

    /** Waits for the datagram of that text. */
    Arrival expect(String text) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () -> arrivals().stream()
                                .filter(arrival -> arrival.text().equals(text))
                                .findFirst(),
                        java.util.Optional::isPresent)
                .orElseThrow();
    }

    private static Arrival arrival(String event) {
        String[] words = event.split(" ", -1);
        String[] content = words[3].split("-", 2);
        try {
            return new Arrival(
                    words[0],
                    new InetSocketAddress(InetAddress.getByName(words[1]), Integer.parseInt(words[2])),
                    Integer.parseInt(content[0]),
                    content[1],
                    Long.parseLong(words[4]));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(event, e);
        }
    }
}
