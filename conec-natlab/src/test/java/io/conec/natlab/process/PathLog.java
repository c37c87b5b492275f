package io.conec.natlab.process;

import io.conec.ChannelPath;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Which paths each peer's channels have had, and since when. */
final class PathLog {
    private record Entry(ChannelPath.Kind kind, long nanoTime) {
        @Override
        public String toString() {
            return kind + "@" + nanoTime;
        }
    }

    private final Map<String, List<Entry>> entries = new ConcurrentHashMap<>();

    void take(ConecEvent event) {
        if (event instanceof ConecEvent.ChannelOpened opened) {
            add(opened.channel(), opened.channel().path());
        } else if (event instanceof ConecEvent.PathChanged changed) {
            add(changed.channel(), changed.to());
        }
    }

    private void add(ConecChannel channel, ChannelPath path) {
        Entry entry = new Entry(path.kind(), System.nanoTime());
        entries.merge(channel.peer(), List.of(entry), (before, more) -> {
            List<Entry> all = new ArrayList<>(before);
            all.addAll(more);
            return all;
        });
    }

    /** {@code RELAYED@NANOTIME DIRECT@NANOTIME ...}; one direct path may follow another. */
    String of(String peer) {
        return entries.getOrDefault(peer, List.of()).stream()
                .map(Entry::toString)
                .collect(Collectors.joining(" "));
    }
}
