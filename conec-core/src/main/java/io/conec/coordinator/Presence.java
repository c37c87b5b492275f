package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.PresentClient;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected, who watches, and what each watcher has been told and is still to be told of those that it may see. What happens while a watcher takes nothing is told as the result, not as each
 * step, so that nothing piles up. Three bits for each watcher and client, as thousands may watch thousands. Pure. Owned by the event loop.
 */
final class Presence {
    /**
     * What a watcher is to be told.
     *
     * @param complete whether with this the watcher has been told of everybody for the first time
     */
    record Update(List<PresentClient> joined, List<ClientId> left, boolean complete) {}

    /** The place of a client in the watchers' sets, as long as it is connected or a watcher believes so. */
    private static final class Slot {
        final ClientId id;
        final int index;

        @Nullable
        PresentClient client;

        /** How many watchers believe that it is there. */
        int believers;

        Slot(ClientId id, int index) {
            this.id = id;
            this.index = index;
        }
    }

    /** By the slots' indexes. */
    private static final class Watcher {
        /** Who is there and may be seen. */
        final BitSet seen = new BitSet();
        /** Who is there as far as the watcher was told. */
        final BitSet told = new BitSet();
        /** Who it is to be told of. */
        final BitSet untold = new BitSet();

        boolean complete;
        boolean toldComplete;
    }

    private final Map<ClientId, Slot> slots = new HashMap<>();
    private final List<@Nullable Slot> byIndex = new ArrayList<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final Map<ClientId, Watcher> watchers = new LinkedHashMap<>();

    void joined(ClientId id, PresentClient client) {
        slots.computeIfAbsent(id, this::newSlot).client = client;
    }

    /** A client has gone, as a watcher and for all others. */
    void left(ClientId id) {
        unwatch(id);
        Slot slot = slots.get(id);
        if (slot != null) {
            slot.client = null;
            watchers.values().forEach(watcher -> hide(watcher, slot));
            freeIfForgotten(slot);
        }
    }

    /** A client wants to be told from now on; false if it is already. It is to be {@link #complete} once it was said of everybody {@link #visible whether it may see them}. */
    boolean watch(ClientId id) {
        return watchers.putIfAbsent(id, new Watcher()) == null;
    }

    void unwatch(ClientId id) {
        Watcher watcher = watchers.remove(id);
        if (watcher != null) {
            watcher.told.stream().forEach(index -> forgotten(at(index)));
        }
    }

    /** Who watches. A copy. */
    List<ClientId> watchers() {
        return List.copyOf(watchers.keySet());
    }

    /** Who is connected. A copy. */
    List<ClientId> present() {
        return slots.values().stream()
                .filter(slot -> slot.client != null)
                .map(slot -> slot.id)
                .toList();
    }

    /** A watcher may see a client, or not any more. Nothing happens if either has gone. */
    void visible(ClientId id, ClientId client, boolean visible) {
        Watcher watcher = watchers.get(id);
        Slot slot = slots.get(client);
        if (watcher == null || slot == null || slot.client == null || id.equals(client)) {
            return;
        }
        if (!visible) {
            hide(watcher, slot);
        } else if (!watcher.seen.get(slot.index)) {
            watcher.seen.set(slot.index);
            // One that it believes to be there has gone and come, or was hidden: what is told takes the place of what
            // was.
            watcher.untold.set(slot.index);
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
        for (int index = watcher.untold.nextSetBit(0);
                index >= 0 && joined.size() + left.size() < most;
                index = watcher.untold.nextSetBit(index + 1)) {
            watcher.untold.clear(index);
            Slot slot = at(index);
            if (watcher.seen.get(index) && slot.client != null) {
                joined.add(slot.client);
                if (!watcher.told.get(index)) {
                    watcher.told.set(index);
                    slot.believers++;
                }
            } else {
                left.add(slot.id);
                watcher.told.clear(index);
                forgotten(slot);
            }
        }
        boolean complete = watcher.complete && !watcher.toldComplete && watcher.untold.isEmpty();
        watcher.toldComplete |= complete;
        return joined.isEmpty() && left.isEmpty() && !complete ? null : new Update(joined, left, complete);
    }

    private static void hide(Watcher watcher, Slot slot) {
        watcher.seen.clear(slot.index);
        watcher.untold.set(slot.index, watcher.told.get(slot.index));
    }

    private Slot newSlot(ClientId id) {
        Integer index = free.poll();
        Slot slot = new Slot(id, index == null ? byIndex.size() : index);
        if (index == null) {
            byIndex.add(slot);
        } else {
            byIndex.set(index, slot);
        }
        return slot;
    }

    private Slot at(int index) {
        return Objects.requireNonNull(byIndex.get(index));
    }

    /** A watcher does not believe any more that the client is there. */
    private void forgotten(Slot slot) {
        slot.believers--;
        freeIfForgotten(slot);
    }

    private void freeIfForgotten(Slot slot) {
        if (slot.client == null && slot.believers == 0) {
            slots.remove(slot.id);
            byIndex.set(slot.index, null);
            free.add(slot.index);
        }
    }
}
