package io.conec.client;

import io.conec.ConecEvent;
import io.conec.PresentClient;
import io.conec.internal.protocol.ClientPresence;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.PresenceFrame;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the coordinator has told this client of others. Keeps it from one link to the next, so that only what has changed in between is told to the application. Pure. */
final class PresenceMirror {
    private final Map<String, PresentClient> seen = new TreeMap<>();
    /** The list that is coming, until it is complete. */
    private @Nullable Map<String, PresentClient> coming = new TreeMap<>();

    /** The coordinator begins anew. */
    void begin() {
        coming = new TreeMap<>();
    }

    /** Whether the coordinator has told of everybody. */
    boolean isComplete() {
        return coming == null;
    }

    /** Everybody, by id. */
    List<PresentClient> seen() {
        return List.copyOf(seen.values());
    }

    /** Takes what the coordinator says; returns what is new about that. */
    List<ConecEvent> apply(PresenceFrame frame) {
        List<ConecEvent> events = new ArrayList<>();
        Map<String, PresentClient> list = coming;
        if (list != null) {
            frame.getLeftList().forEach(list::remove);
            frame.getJoinedList().forEach(each -> list.put(each.getId(), client(each)));
            if (frame.getComplete()) {
                replace(list, events);
                coming = null;
            }
            return events;
        }
        frame.getLeftList().forEach(id -> leave(id, events));
        frame.getJoinedList().forEach(each -> join(client(each), events));
        return events;
    }

    private void replace(Map<String, PresentClient> list, List<ConecEvent> events) {
        for (String id : List.copyOf(seen.keySet())) {
            if (!list.containsKey(id)) {
                leave(id, events);
            }
        }
        list.values().forEach(client -> join(client, events));
    }

    private void join(PresentClient client, List<ConecEvent> events) {
        PresentClient before = seen.put(client.id(), client);
        if (client.equals(before)) {
            return;
        }
        if (before != null) {
            events.add(new ConecEvent.ClientLeft(before));
        }
        events.add(new ConecEvent.ClientJoined(client));
    }

    private void leave(String id, List<ConecEvent> events) {
        PresentClient gone = seen.remove(id);
        if (gone != null) {
            events.add(new ConecEvent.ClientLeft(gone));
        }
    }

    private static PresentClient client(ClientPresence presence) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (Header each : presence.getAttributesList()) {
            attributes.put(each.getName(), each.getValue());
        }
        return new PresentClient(presence.getId(), attributes, Instant.ofEpochMilli(presence.getSinceMillis()));
    }
}
