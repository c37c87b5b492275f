package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.PresentClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected, who watches, and what each watcher has been told and is still to be told of those that it may see. What happens while a watcher takes nothing is told as the result, not as each
 * step, so that nothing piles up. Pure. Owned by the event loop.
 */
final class Presence {
    /**
     * What a watcher is to be told.
     *
     * @param complete whether with this the watcher has been told of everybody for the first time
     */
    record Update(List<PresentClient> joined, List<ClientId> left, boolean complete) {}

    private static final class Watcher {
        final Map<ClientId, PresentClient> told = new HashMap<>();
        /** Empty for one that is to be told as gone. */
        final Map<ClientId, Optional<PresentClient>> untold = new LinkedHashMap<>();

        boolean complete;
        boolean toldComplete;
    }

    private final Map<ClientId, PresentClient> present = new LinkedHashMap<>();
    private final Map<ClientId, Watcher> watchers = new LinkedHashMap<>();

    void joined(ClientId id, PresentClient client) {
        present.put(id, client);
    }

    /** A client has gone, as a watcher and for all others. */
    void left(ClientId id) {
        present.remove(id);
        watchers.remove(id);
        watchers.values().forEach(watcher -> hide(watcher, id));
    }

    /** A client wants to be told from now on; false if it is already. It is to be {@link #complete} once it was said of everybody {@link #visible whether it may see them}. */
    boolean watch(ClientId id) {
        return watchers.putIfAbsent(id, new Watcher()) == null;
    }

    void unwatch(ClientId id) {
        watchers.remove(id);
    }

    /** Who watches. A copy. */
    List<ClientId> watchers() {
        return List.copyOf(watchers.keySet());
    }

    /** Who is connected. A copy. */
    List<ClientId> present() {
        return List.copyOf(present.keySet());
    }

    /** A watcher may see a client, or not any more. Nothing happens if either has gone. */
    void visible(ClientId id, ClientId client, boolean visible) {
        Watcher watcher = watchers.get(id);
        PresentClient now = present.get(client);
        if (watcher == null || now == null || id.equals(client)) {
            return;
        }
        if (!visible) {
            hide(watcher, client);
        } else if (Objects.equals(watcher.told.get(client), now)) {
            watcher.untold.remove(client);
        } else {
            watcher.untold.put(client, Optional.of(now));
        }
    }

    /** It was said of everybody whether this watcher may see them. */
    void complete(ClientId id) {
        Watcher watcher = watchers.get(id);
        if (watcher != null) {
            watcher.complete = true;
        }
    }

    /** The next that this watcher is to be told, of at most so many clients; null if there is nothing. */
    @Nullable
    Update next(ClientId id, int most) {
        Watcher watcher = watchers.get(id);
        if (watcher == null) {
            return null;
        }
        List<PresentClient> joined = new ArrayList<>();
        List<ClientId> left = new ArrayList<>();
        var untold = watcher.untold.entrySet().iterator();
        while (untold.hasNext() && joined.size() + left.size() < most) {
            Map.Entry<ClientId, Optional<PresentClient>> each = untold.next();
            untold.remove();
            if (each.getValue().isPresent()) {
                joined.add(each.getValue().get());
                watcher.told.put(each.getKey(), each.getValue().get());
            } else {
                left.add(each.getKey());
                watcher.told.remove(each.getKey());
            }
        }
        boolean complete = watcher.complete && !watcher.toldComplete && watcher.untold.isEmpty();
        watcher.toldComplete |= complete;
        return joined.isEmpty() && left.isEmpty() && !complete ? null : new Update(joined, left, complete);
    }

    private static void hide(Watcher watcher, ClientId client) {
        if (watcher.told.containsKey(client)) {
            watcher.untold.put(client, Optional.empty());
        } else {
            watcher.untold.remove(client);
        }
    }
}
