package io.conec.natlab.process;

import io.conec.ChannelPath;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.client.ClientConfig;
import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import io.conec.security.Fingerprint;
import io.conec.security.Trust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A client. Arguments: id, coordinator's address, port and fingerprint, path policy; then, if a port is forwarded to it, that and the outer address. Besides what it answers to {@link Requests}, it tells of its link and its channels as
 * they come and go.
 */
public final class ClientMain {
    /** Small, so that what waits to be sent does not take longer than the faults that it has to get over. */
    private static final int SEND_BUFFER_BYTES = 64 * 1024;

    private final ConecClient client;
    private final Map<String, Traffic> traffic = new ConcurrentHashMap<>();
    private final PathLog paths = new PathLog();

    private ClientMain(ConecClient client) {
        this.client = client;
    }

    /** Ends with its standard input. */
    public static void main(String[] arguments) throws IOException {
        boolean isForwarded = arguments.length > 5;
        ClientConfig config = ClientConfig.builder(arguments[0], "coordinator.test")
                .coordinatorAddress(arguments[1])
                .coordinatorPort(Integer.parseInt(arguments[2]))
                .coordinatorTrust(Trust.pinned(Fingerprint.parse(arguments[3])))
                .path(PathPolicy.valueOf(arguments[4]))
                .bindAddress(new InetSocketAddress(isForwarded ? Integer.parseInt(arguments[5]) : 0))
                .candidates(
                        isForwarded
                                ? List.of(new InetSocketAddress(arguments[6], Integer.parseInt(arguments[5])))
                                : List.of())
                .transport(TransportConfig.builder()
                        .sendBufferBytes(SEND_BUFFER_BYTES)
                        .build())
                .build();
        try (ConecClient client = new ConecClient(config)) {
            ClientMain main = new ClientMain(client);
            client.onEvent(main.paths::take);
            client.onEvent(ClientMain::tell);
            client.onStream(
                    Traffic.STREAM,
                    stream -> main.traffic(stream.headers().getOrDefault("label", ""))
                            .accept(stream));
            // It goes on trying if the first attempt fails, and tells when it is connected.
            client.start();
            Requests.serve(main::handle);
        }
        System.exit(0);
    }

    private static void tell(ConecEvent event) {
        if (event instanceof ConecEvent.Connected) {
            Requests.event("connected " + System.nanoTime());
        } else if (event instanceof ConecEvent.Disconnected disconnected) {
            Requests.event("disconnected " + disconnected.reason());
        } else if (event instanceof ConecEvent.ChannelOpened opened
                && opened.channel().kind() == ConecChannel.Kind.PEER) {
            Requests.event("channel-opened " + opened.channel().peer());
        } else if (event instanceof ConecEvent.ChannelClosed closed
                && closed.channel().kind() == ConecChannel.Kind.PEER) {
            Requests.event("channel-closed " + closed.channel().peer() + " " + closed.reason());
        }
    }

    private Traffic traffic(String label) {
        return traffic.computeIfAbsent(label, ignored -> new Traffic());
    }

    private CompletableFuture<String> handle(List<String> words) {
        String name = words.size() > 1 ? words.get(1) : "";
        return switch (words.get(0)) {
            case "open" -> client.open(name).thenApply(channel -> "");
            case "close" ->
                now(() -> {
                    channel(name).close(ErrorCode.NO_ERROR, "");
                    return "";
                });
            // traffic PEER LABEL STREAMS BYTES-PER-SECOND BYTES
            case "traffic" ->
                later(() -> {
                    traffic(words.get(2))
                            .open(
                                    channel(name),
                                    words.get(2),
                                    Integer.parseInt(words.get(3)),
                                    Long.parseLong(words.get(4)),
                                    Long.parseLong(words.get(5)));
                    return "";
                });
            case "first-after" -> now(() -> traffic(name).firstAfter(Long.parseLong(words.get(2))));
            case "report" -> now(() -> traffic(name).report());
            case "finish" ->
                later(() -> {
                    traffic(name).stop();
                    traffic(name).join();
                    return traffic(name).report();
                });
            case "join" ->
                later(() -> {
                    traffic(name).join();
                    return traffic(name).report();
                });
            // echo BYTES
            case "echo" -> later(() -> LinkEcho.ask(client.coordinator().orElseThrow(), Integer.parseInt(name)));
            case "path" -> now(() -> describe(channel(name).path()));
            case "paths" -> now(() -> paths.of(name));
            case "status" -> now(() -> client.status().toString());
            default -> throw new IllegalArgumentException(words.get(0));
        };
    }

    private ConecChannel channel(String peer) {
        return client.channels().stream()
                .filter(channel -> channel.kind() == ConecChannel.Kind.PEER
                        && channel.peer().equals(peer))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("no channel to " + peer));
    }

    private static String describe(ChannelPath path) {
        return path.kind() + " " + path.local() + " " + path.remote() + " " + path.reason();
    }

    /** What answers a request. */
    @FunctionalInterface
    private interface Answer {
        String get() throws InterruptedException;
    }

    private static CompletableFuture<String> now(Answer answer) {
        try {
            return CompletableFuture.completedFuture(answer.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CompletableFuture.failedFuture(e);
        }
    }

    /** On a thread of its own, because it waits. */
    private static CompletableFuture<String> later(Answer answer) {
        CompletableFuture<String> stage = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        stage.complete(Objects.requireNonNull(answer.get()));
                    } catch (RuntimeException | InterruptedException e) {
                        stage.completeExceptionally(e);
                    }
                })
                .start();
        return stage;
    }
}
