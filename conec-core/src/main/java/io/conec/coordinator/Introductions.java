package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who is being introduced to whom. Pure: events and time in, {@link Action}s out; no socket, no clock, randomness as an argument. Owned by the coordinator's event
 * loop.
 *
 * <p>There is at most one introduction for a pair of clients (two ids, or one id for a client and itself):
 *
 * <pre>
 * none --open, restore--> ASKED --agreed--> MADE --ended, left--> none
 *                           |  `--refused, deadline, left--> none
 *                           `--the same from the other side: waits for the same introduction
 * MADE --open (the asking side has lost its end)--> ASKED, the old one ended
 * </pre>
 *
 * <p>When a client's link is lost its introductions end here, with what is relayed for them, but the channels live on: they may have a direct path. Whichever client then asks
 * to restore one gets a new introduction for it, if the other agrees that it is there.
 */
final class Introductions {
    /** What is to be done, in order. */
    sealed interface Action {
        /** Tells a client that the peer wants a channel to it. */
        record Introduce(ClientId to, long introduction, ClientId peer, long handle, long restores) implements Action {}

        /** Answers a request: dial the peer, or, without {@code dial}, wait for the peer to dial. */
        record Answer(ClientId to, long request, long introduction, ClientId peer, long handle, boolean dial)
                implements Action {}

        /** Answers a request in the negative. */
        record Refuse(ClientId to, long request, ErrorCode code, String message) implements Action {}

        /** Tells a client that an introduction is over. */
        record End(ClientId to, long introduction, ErrorCode code, String message) implements Action {}

        /** Tells a client that nothing is relayed for this introduction any more, which says nothing about its channel. */
        record RelayLost(ClientId to, long introduction) implements Action {}

        /** Begins to relay between two clients. */
        record Relay(ClientId asker, long askerHandle, ClientId asked, long askedHandle) implements Action {}

        /** Ends the relaying under these handles. */
        record Unrelay(long askerHandle, long askedHandle) implements Action {}
    }

    /** An introduction that the asker asked for; {@code restores} if that was not what began the channel. */
    record Existing(long introduction, ClientId asker, ClientId asked, boolean restores) {
        boolean isOf(ClientId client) {
            return asker.equals(client) || asked.equals(client);
        }
    }

    private record Pair(ClientId low, ClientId high) {
        static Pair of(ClientId a, ClientId b) {
            return a.compareTo(b) <= 0 ? new Pair(a, b) : new Pair(b, a);
        }
    }

    private static final class Introduction {
        final long id;
        final ClientId asker;
        final ClientId asked;
        final long askerHandle;
        final long askedHandle;
        final long restores;
        final long deadline;
        final List<Long> askerRequests = new ArrayList<>();
        final List<Long> askedRequests = new ArrayList<>();
        boolean made;

        Introduction(
                long id,
                ClientId asker,
                ClientId asked,
                long askerHandle,
                long askedHandle,
                long restores,
                long deadline) {
            this.id = id;
            this.asker = asker;
            this.asked = asked;
            this.askerHandle = askerHandle;
            this.askedHandle = askedHandle;
            this.restores = restores;
            this.deadline = deadline;
        }

        Pair pair() {
            return Pair.of(asker, asked);
        }

        /** What stays the same however often the channel is restored. */
        long channel() {
            return restores != 0 ? restores : id;
        }

        ClientId other(ClientId id) {
            return id.equals(asker) ? asked : asker;
        }
    }

    private final LongSupplier random;
    private final Predicate<ClientId> connected;
    private final long timeoutMillis;
    private final int maxChannelsPerClient;
    private final Map<Long, Introduction> byId = new HashMap<>();
    private final Map<Pair, Introduction> byPair = new HashMap<>();
    private final Map<ClientId, Integer> perClient = new HashMap<>();
    private int made;
    private long ignored;

    /**
     * @param random gives introduction ids and handles: 64 unpredictable bits, never 0
     * @param connected whether a client is registered right now
     * @param timeoutMillis how long the asked client has to answer
     */
    Introductions(LongSupplier random, Predicate<ClientId> connected, long timeoutMillis, int maxChannelsPerClient) {
        this.random = random;
        this.connected = connected;
        this.timeoutMillis = timeoutMillis;
        this.maxChannelsPerClient = maxChannelsPerClient;
    }

    /**
     * A client asks for a channel to a peer.
     *
     * @param restores the first introduction of a channel between the two that the client has and wants to go on with; 0 for a new channel
     */
    List<Action> open(long now, ClientId from, long request, ClientId to, long restores) {
        List<Action> actions = new ArrayList<>();
        if (!connected.test(to)) {
            actions.add(new Action.Refuse(
                    from, request, ErrorCode.UNKNOWN_PEER, "no client \"" + to + "\" is connected to the coordinator"));
            return actions;
        }
        Introduction existing = byPair.get(Pair.of(from, to));
        if (existing != null && !existing.made && existing.restores == restores) {
            // Both want the same thing at the same time: the first one to ask has begun it.
            (from.equals(existing.asker) ? existing.askerRequests : existing.askedRequests).add(request);
            return actions;
        }
        if (existing != null && restores != 0 && existing.channel() != restores) {
            actions.add(new Action.Refuse(
                    from,
                    request,
                    ErrorCode.REPLACED,
                    "there is a newer channel between \"" + from + "\" and \"" + to + '"'));
            return actions;
        }
        if (existing != null) {
            // This side would not ask if it had the channel; or if it had the relay.
            end(
                    existing,
                    ErrorCode.REPLACED,
                    "\"" + from + "\" opens a new channel",
                    actions,
                    restores != 0 ? null : existing.other(from));
        }
        if (count(from) >= maxChannelsPerClient || count(to) >= maxChannelsPerClient) {
            ClientId full = count(from) >= maxChannelsPerClient ? from : to;
            actions.add(new Action.Refuse(
                    from,
                    request,
                    ErrorCode.CHANNEL_LIMIT,
                    "\"" + full + "\" has " + maxChannelsPerClient + " channels, which is the coordinator's limit"));
            return actions;
        }
        Introduction begun = new Introduction(
                random.getAsLong(), from, to, random.getAsLong(), random.getAsLong(), restores, now + timeoutMillis);
        begun.askerRequests.add(request);
        byId.put(begun.id, begun);
        byPair.put(begun.pair(), begun);
        perClient.merge(from, 1, Integer::sum);
        perClient.merge(to, 1, Integer::sum);
        actions.add(new Action.Introduce(to, begun.id, from, begun.askedHandle, restores));
        return actions;
    }

    /** The asked client agrees. Ignored unless it was asked and has not answered. */
    List<Action> agreed(ClientId from, long introduction) {
        Introduction asked = awaiting(from, introduction);
        if (asked == null) {
            return List.of();
        }
        made++;
        asked.made = true;
        List<Action> actions = new ArrayList<>();
        actions.add(new Action.Relay(asked.asker, asked.askerHandle, asked.asked, asked.askedHandle));
        boolean dial = true;
        for (long request : asked.askerRequests) {
            actions.add(new Action.Answer(asked.asker, request, asked.id, asked.asked, asked.askerHandle, dial));
            dial = false;
        }
        for (long request : asked.askedRequests) {
            actions.add(new Action.Answer(asked.asked, request, asked.id, asked.asker, asked.askedHandle, false));
        }
        return actions;
    }

    /** The asked client refuses. Ignored unless it was asked and has not answered. */
    List<Action> refused(ClientId from, long introduction, ErrorCode code, String message) {
        Introduction asked = awaiting(from, introduction);
        if (asked == null) {
            return List.of();
        }
        List<Action> actions = new ArrayList<>();
        remove(asked, actions);
        refuseRequests(asked, code, message, actions);
        return actions;
    }

    /** A client says that a channel has ended. Ignored unless it is one of its own. */
    List<Action> ended(ClientId from, long introduction, ErrorCode code, String message) {
        Introduction over = byId.get(introduction);
        if (over == null) {
            // The other side said so a moment earlier.
            return List.of();
        }
        if (!from.equals(over.asker) && !from.equals(over.asked)) {
            ignored++;
            return List.of();
        }
        List<Action> actions = new ArrayList<>();
        end(over, code, message, actions, over.other(from));
        return actions;
    }

    /** A client's link is gone, and with it all its introductions; not the channels that were made. */
    List<Action> left(ClientId gone) {
        List<Action> actions = new ArrayList<>();
        for (Introduction each : List.copyOf(byId.values())) {
            if (!gone.equals(each.asker) && !gone.equals(each.asked)) {
                continue;
            }
            ClientId other = each.other(gone);
            String message = "\"" + gone + "\" has lost its link to the coordinator";
            if (each.made) {
                remove(each, actions);
                if (!other.equals(gone)) {
                    actions.add(new Action.RelayLost(other, each.id));
                }
            } else if (each.restores != 0) {
                notRestored(each, ErrorCode.UNKNOWN_PEER, message, actions);
            } else {
                end(each, ErrorCode.CONNECTION_LOST, message, actions, other.equals(gone) ? null : other);
            }
        }
        actions.removeIf(
                action -> (action instanceof Action.Refuse refuse && refuse.to().equals(gone))
                        || (action instanceof Action.RelayLost lost && lost.to().equals(gone)));
        return actions;
    }

    /** Whether an introduction of that client is not answered yet. */
    boolean isUndecided(ClientId client) {
        return byId.values().stream()
                .anyMatch(each -> !each.made && (each.asker.equals(client) || each.asked.equals(client)));
    }

    /** What has been asked for or made. A snapshot. */
    List<Existing> existing() {
        return byId.values().stream()
                .map(each -> new Existing(each.id, each.asker, each.asked, each.restores != 0))
                .toList();
    }

    /** An introduction is not allowed any more: ends it for both sides. Ignored if it has ended. */
    List<Action> forbid(long introduction, ErrorCode code, String message) {
        Introduction over = byId.get(introduction);
        if (over == null) {
            return List.of();
        }
        List<Action> actions = new ArrayList<>();
        end(over, code, message, actions, over.asked);
        if (over.made && !over.asker.equals(over.asked)) {
            actions.add(new Action.End(over.asker, over.id, code, message));
        }
        return actions;
    }

    /** Time has passed: ends what was not answered. */
    List<Action> expire(long now) {
        List<Action> actions = new ArrayList<>();
        for (Introduction each : List.copyOf(byId.values())) {
            if (each.made || each.deadline > now) {
                continue;
            }
            String message = "\"" + each.asked + "\" did not answer the introduction in " + timeoutMillis + " ms";
            if (each.restores != 0) {
                notRestored(each, ErrorCode.TIMEOUT, message, actions);
            } else {
                end(each, ErrorCode.TIMEOUT, message, actions, each.asked);
            }
        }
        return actions;
    }

    /** Introductions that were agreed to and have not ended. */
    int made() {
        return made;
    }

    /** Answers and ends that matched no introduction of their sender's. */
    long ignored() {
        return ignored;
    }

    private @Nullable Introduction awaiting(ClientId from, long introduction) {
        Introduction asked = byId.get(introduction);
        if (asked == null || asked.made || !asked.asked.equals(from)) {
            ignored++;
            return null;
        }
        return asked;
    }

    private void end(Introduction over, ErrorCode code, String message, List<Action> actions, @Nullable ClientId tell) {
        remove(over, actions);
        if (tell != null) {
            actions.add(new Action.End(tell, over.id, code, message));
        }
        if (!over.made) {
            refuseRequests(over, code, message, actions);
        }
    }

    /** Not now: the channel lives on. The asked client may have agreed, and count on a relay that will not be. */
    private void notRestored(Introduction over, ErrorCode code, String message, List<Action> actions) {
        remove(over, actions);
        actions.add(new Action.RelayLost(over.asked, over.id));
        refuseRequests(over, code, message, actions);
    }

    private void remove(Introduction over, List<Action> actions) {
        byId.remove(over.id);
        byPair.remove(over.pair(), over);
        release(over.asker);
        release(over.asked);
        if (over.made) {
            made--;
            actions.add(new Action.Unrelay(over.askerHandle, over.askedHandle));
        }
    }

    private static void refuseRequests(Introduction over, ErrorCode reason, String message, List<Action> actions) {
        // In an answer, no error would mean that the peer agreed.
        ErrorCode code = reason == ErrorCode.NO_ERROR ? ErrorCode.REFUSED : reason;
        for (long request : over.askerRequests) {
            actions.add(new Action.Refuse(over.asker, request, code, message));
        }
        for (long request : over.askedRequests) {
            actions.add(new Action.Refuse(over.asked, request, code, message));
        }
    }

    private int count(ClientId id) {
        return perClient.getOrDefault(id, 0);
    }

    private void release(ClientId id) {
        perClient.computeIfPresent(id, (key, count) -> count <= 1 ? null : count - 1);
    }
}
