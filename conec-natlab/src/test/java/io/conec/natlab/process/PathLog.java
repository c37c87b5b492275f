package io.conec.natlab.process;

import io.conec.ChannelPath;
import io.conec.ConecChannel;
import io.conec.client.ConecClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Which paths each peer's channel has had, and since when. */
final class PathLog {
    private static final int PERIOD_MS = 20;

    private record Entry(ChannelPath.Kind kind, long nanoTime) {}

    private final ConecClient client;
    private final Map<String, List<Entry>> entries = new ConcurrentHashMap<>();

    PathLog(ConecClient client) {
        this.client = client;
    }

    void start() {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "paths");
            thread.setDaemon(true);
            return thread;
        });
        executor.scheduleWithFixedDelay(this::look, 0, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        for (ConecChannel channel : client.channels()) {
            if (channel.kind() == ConecChannel.Kind.PEER) {
                add(channel.peer(), new Entry(channel.path().kind(), System.nanoTime()));
            }
        }
    }

    private void add(String peer, Entry entry) {
        List<Entry> known = entries.computeIfAbsent(peer, ignored -> new ArrayList<>());
        synchronized (known) {
            if (known.isEmpty() || known.get(known.size() - 1).kind() != entry.kind()) {
                known.add(entry);
            }
        }
    }

    /** {@code RELAYED@NANOTIME DIRECT@NANOTIME ...} */
    String of(String peer) {
        List<Entry> known = entries.getOrDefault(peer, List.of());
        StringBuilder text = new StringBuilder();
        synchronized (known) {
            known.forEach(entry -> text.append(entry.kind())
                    .append('@')
                    .append(entry.nanoTime())
                    .append(' '));
        }
        return text.toString().strip();
    }
}
