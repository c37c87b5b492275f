package io.conec.client;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which path the packets of one peer connection take. Pure: events and time in, {@link Action}s out; no socket, no clock, randomness as an argument. Times are
 * milliseconds of any one clock. Owned by the event loop.
 *
 * <pre>
 *               candidates             a pair is valid
 *  RELAYED -----------------> PROBING -----------------> DIRECT --.
 *     ^                        |  ^                       |  ^    | a better pair
 *     |                        |  '--- three checks ------'  '----'
 *     |                        |       unanswered         |
 *     '--- no candidates ------'--------------------------'
 * </pre>
 *
 * <p>A client has one socket, so a pair (RFC 8445, section 5) is known by the peer's address alone. A pair is valid when it has answered a probe that was as long as the largest
 * packet. The relay needs no probing: packets go there first and whenever there is no valid pair.
 */
final class PathMachine {
    /** Where packets are sent. */
    enum State {
        /** Through the relay; there is nothing to probe. */
        RELAYED,
        /** Through the relay, while candidates are probed: at first often, then again and again. */
        PROBING,
        /** Straight to the peer. */
        DIRECT
    }

    /** What is to be done, in order. Where there is an address, null stands for the relay. */
    sealed interface Action {
        /** Sends a probe request. */
        record Probe(@Nullable InetSocketAddress to, long transaction, boolean silent, boolean padded)
                implements Action {}

        /** From now on sends packets there. */
        record Use(@Nullable InetSocketAddress to, String reason) implements Action {}

        /** Sends the last packet once more. */
        record Repeat(@Nullable InetSocketAddress to) implements Action {}
    }

    /** What has passed since the beginning, as the router counted it. */
    record Traffic(long sent, long receivedDirect, long receivedRelayed) {}

    /** Nothing to wait for. */
    static final long NEVER = Long.MAX_VALUE;

    /** Remote addresses known at a time, those learned from probes among them. */
    static final int MAX_PAIRS = 16;

    /**
     * When a burst of probes sends its rounds, from its beginning. Close together at first, for two hosts that begin at almost the same moment and open their NATs for each other;
     * then further apart, for links that lose or take long. A burst is at most 8 rounds to 16 addresses, and single rounds follow it.
     */
    static final long[] ROUNDS = {0, 100, 250, 500, 1_000, 1_800, 3_000, 4_500};

    /** However often the peer names candidates or this side's addresses change, one burst does not follow another sooner: nobody is to make a client send what it likes. */
    static final long BURST_INTERVAL = 1_000;

    /** From the last round of a burst to the next single one; then half as long again each time, up to the longest. */
    static final long FIRST_BACK_OFF = 2_000;

    /** A NAT that forgets after 30 s, and the worst do, still knows of one side's round when the other side's comes. */
    static final long LONGEST_BACK_OFF = 15_000;

    /** Sending for this long without hearing anything calls for a check of the path. */
    static final long SILENCE = 1_000;

    /** Between checks, and from the last to giving the path up: three, and 3 s, after the last sign of life. */
    static final long CHECK_INTERVAL = 667;

    static final int UNANSWERED_CHECKS = 3;

    /** While packets are being sent, what is received is looked at this often. */
    static final long LOOK_INTERVAL = 500;

    /** A path is left for another that is faster by a quarter and by this much, so that two alike do not take turns. */
    static final long BETTER_BY = 5;

    static final double BETTER_RATIO = 0.75;

    /** Requests whose answers still count. */
    private static final int MAX_TRANSACTIONS = 256;

    /** A probe from an address calls for one to it, but not more often than this. */
    private static final long TRIGGERED_INTERVAL = 50;

    private static final class Pair {
        final InetSocketAddress address;
        boolean listed;
        boolean reached;
        boolean valid;
        double roundTrip = Double.NaN;
        long probedAt = Long.MIN_VALUE / 2;

        Pair(InetSocketAddress address) {
            this.address = address;
        }

        void sample(long millis) {
            // As RFC 6298 smooths.
            roundTrip = Double.isNaN(roundTrip) ? millis : roundTrip * 7 / 8 + millis / 8.0;
        }

        void forget() {
            reached = false;
            valid = false;
        }

        /** Whether somebody there has answered. */
        boolean isProven() {
            return reached || valid;
        }
    }

    private record Sent(@Nullable Pair pair, long at, boolean padded) {}

    private final LongSupplier random;
    private final long keepAlive;
    private final Map<InetSocketAddress, Pair> pairs = new LinkedHashMap<>();
    private final Map<Long, Sent> transactions = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Sent> eldest) {
            return size() > MAX_TRANSACTIONS;
        }
    };
    private List<Action> actions = new ArrayList<>();
    private State state = State.RELAYED;
    private @Nullable Pair selected;
    private boolean probeable;

    // Rounds of probes.
    private long burstBegan = Long.MIN_VALUE / 2;
    private long nextBurst = NEVER;
    private long nextRound = NEVER;
    private int round;
    private long backOff = FIRST_BACK_OFF;

    // Whether anything is heard.
    private Traffic seen = new Traffic(0, 0, 0);
    private long unheardSince = NEVER;
    private long heardAt;
    private long nextLook = NEVER;
    private long nextCheck = NEVER;
    private int unansweredChecks;
    private boolean doubted;

    /**
     * @param random gives transaction numbers: 64 unpredictable bits
     * @param keepAliveMillis an unused direct path is probed this often, which holds the NATs' bindings
     */
    PathMachine(LongSupplier random, long keepAliveMillis) {
        this.random = random;
        this.keepAlive = keepAliveMillis;
    }

    State state() {
        return state;
    }

    /** The smoothed round trip of the direct path in use; empty on the relay. */
    java.util.OptionalDouble roundTrip() {
        return selected == null ? java.util.OptionalDouble.empty() : java.util.OptionalDouble.of(selected.roundTrip);
    }

    /** The peer says where it may be reached. None ends the direct path. */
    List<Action> candidates(long now, List<InetSocketAddress> addresses) {
        probeable = true;
        pairs.values().forEach(pair -> pair.listed = false);
        for (InetSocketAddress address : addresses) {
            Pair pair = pair(address);
            if (pair != null) {
                pair.listed = true;
            }
        }
        pairs.values().removeIf(pair -> !pair.listed && !pair.valid);
        if (addresses.isEmpty()) {
            pairs.clear();
            if (selected != null) {
                relay(now, "the peer takes no direct path any more");
            }
            nextRound = NEVER;
            nextBurst = NEVER;
            state = State.RELAYED;
            return taken();
        }
        begin(now);
        return taken();
    }

    /** This side's own addresses have changed: what was known of the pairs may no longer hold. */
    List<Action> localChange(long now) {
        pairs.values().stream().filter(pair -> pair != selected).forEach(Pair::forget);
        if (selected != null) {
            check(now);
        }
        if (!pairs.isEmpty()) {
            begin(now);
        }
        return taken();
    }

    /** An authentic request came; it is answered elsewhere. */
    List<Action> request(long now, @Nullable InetSocketAddress from, boolean silent) {
        Pair pair = from == null ? null : pair(from);
        if (silent) {
            // Its acknowledgements may be what the peer is waiting for. But they are longer than a request, and anybody
            // can borrow an address for a request: nothing of the
            // connection goes where nobody has answered.
            boolean proven = from == null || (pair != null && pair.isProven());
            actions.add(new Action.Repeat(proven ? from : inUse()));
            if (selected != null && !doubted) {
                // What this side sends does not arrive there, whatever arrives here: only an answer counts now.
                doubted = true;
                check(now);
            }
        }
        if (pair != null && !pair.valid && now - pair.probedAt >= TRIGGERED_INTERVAL) {
            probe(now, pair, false);
        }
        return taken();
    }

    /** Whether a response of that transaction from there answers a request. */
    boolean awaits(long transaction, @Nullable InetSocketAddress from) {
        Sent sent = transactions.get(transaction);
        return sent != null && Objects.equals(sent.pair == null ? null : sent.pair.address, from);
    }

    /** An authentic response came. Ignored unless it answers a request to where it came from. */
    List<Action> response(long now, long transaction, @Nullable InetSocketAddress from, boolean padded) {
        Sent sent = transactions.get(transaction);
        if (sent == null || !awaits(transaction, from) || (sent.padded && !padded)) {
            return taken();
        }
        transactions.remove(transaction);
        Pair pair = sent.pair;
        if (pair == null) {
            if (selected == null) {
                if (unheardSince != NEVER) {
                    actions.add(new Action.Repeat(null));
                }
                answered(now);
            }
            return taken();
        }
        pair.sample(now - sent.at);
        if (pair == selected) {
            if (unheardSince != NEVER) {
                actions.add(new Action.Repeat(pair.address));
            }
            answered(now);
        } else if (sent.padded) {
            pair.valid = true;
            choose(now);
        } else if (!pair.reached) {
            pair.reached = true;
            probe(now, pair, true);
        }
        return taken();
    }

    /** The first packet since {@link #isIdle} was true is being sent. */
    List<Action> wake(long now) {
        if (nextLook == NEVER) {
            nextLook = now + LOOK_INTERVAL;
        }
        return taken();
    }

    /** Whether nothing is to be looked at before the next packet is sent; then {@link #wake} has to be called. */
    boolean isIdle() {
        return nextLook == NEVER;
    }

    /** The coordinator relays again. */
    List<Action> relayRestored(long now) {
        if (selected == null) {
            actions.add(new Action.Repeat(null));
            probe(now, null, false);
        }
        return taken();
    }

    /** When {@link #timeout} is to be called; {@link #NEVER} if it need not. */
    long deadline() {
        long next = Math.min(Math.min(nextLook, nextCheck), Math.min(nextRound, nextBurst));
        return selected != null && nextCheck == NEVER ? Math.min(next, heardAt + keepAlive) : next;
    }

    /** Time has passed. */
    List<Action> timeout(long now, Traffic traffic) {
        look(now, traffic);
        if (nextCheck <= now) {
            if (unansweredChecks >= UNANSWERED_CHECKS && selected != null) {
                InetSocketAddress lost = selected.address;
                selected.forget();
                relay(now, UNANSWERED_CHECKS + " probes to " + lost + " were not answered");
                actions.add(new Action.Repeat(null));
                begin(now);
            } else {
                check(now);
            }
        } else if (selected != null && nextCheck == NEVER && heardAt + keepAlive <= now) {
            check(now);
        }
        probeAll(now);
        return taken();
    }

    /** Is anything heard on the path in use? */
    private void look(long now, Traffic traffic) {
        boolean heard = selected != null
                ? traffic.receivedDirect > seen.receivedDirect
                : traffic.receivedRelayed > seen.receivedRelayed || traffic.receivedDirect > seen.receivedDirect;
        boolean sent = traffic.sent > seen.sent;
        seen = traffic;
        if (heard) {
            if (unheardSince != NEVER && now - unheardSince >= SILENCE) {
                // The path works again; without probes, on the relay alone, nothing else tells.
                actions.add(new Action.Repeat(inUse()));
            }
            heard(now);
        } else if (sent && unheardSince == NEVER) {
            unheardSince = now;
        }
        if (nextLook > now) {
            return;
        }
        if (unheardSince != NEVER && nextCheck == NEVER && now - unheardSince >= SILENCE - LOOK_INTERVAL) {
            check(now);
        }
        nextLook = sent || unheardSince != NEVER ? now + LOOK_INTERVAL : NEVER;
    }

    /** Something came over the path in use. */
    private void heard(long now) {
        heardAt = now;
        unheardSince = NEVER;
        if (!doubted) {
            nextCheck = NEVER;
            unansweredChecks = 0;
        }
    }

    /** The path in use works both ways. */
    private void answered(long now) {
        doubted = false;
        heard(now);
    }

    /** Asks over the path in use whether it still works. */
    private void check(long now) {
        unansweredChecks++;
        nextCheck = now + Math.max(CHECK_INTERVAL, selected == null ? 0 : Math.round(selected.roundTrip * 2));
        if (probeable) {
            send(now, selected, unheardSince != NEVER, false);
        } else {
            // On the relay alone there are no probes: the last packet asks, without waiting as long as QUIC would.
            actions.add(new Action.Repeat(null));
        }
    }

    /** Begins to probe all pairs, as soon as may be. */
    private void begin(long now) {
        if (state == State.RELAYED) {
            state = State.PROBING;
        }
        nextBurst = Math.max(now, burstBegan + BURST_INTERVAL);
        probeAll(now);
    }

    /** Sends the round that is due. */
    private void probeAll(long now) {
        if (nextBurst <= now) {
            nextBurst = NEVER;
            burstBegan = now;
            round = 0;
            nextRound = now;
            backOff = FIRST_BACK_OFF;
            pairs.values().stream().filter(pair -> pair != selected).forEach(Pair::forget);
        }
        if (nextRound > now) {
            return;
        }
        for (Pair pair : pairs.values()) {
            // Is it still, after all this time?
            pair.valid &= round < ROUNDS.length || pair == selected;
            if (!pair.valid) {
                probe(now, pair, pair.reached);
            }
        }
        do {
            round++;
        } while (round < ROUNDS.length && burstBegan + ROUNDS[round] <= now);
        if (round < ROUNDS.length) {
            nextRound = burstBegan + ROUNDS[round];
        } else {
            nextRound = now + backOff;
            backOff = Math.min(backOff * 3 / 2, LONGEST_BACK_OFF);
        }
    }

    /** Takes the fastest valid pair, unless the one in use is almost as fast. */
    private void choose(long now) {
        Pair best = pairs.values().stream()
                .filter(pair -> pair.valid)
                .min(Comparator.comparingDouble(pair -> pair.roundTrip))
                .orElse(null);
        if (best == null || best == selected) {
            return;
        }
        Pair current = selected;
        if (current == null) {
            use(now, best, "it answered probes");
        } else if (best.roundTrip < current.roundTrip * BETTER_RATIO
                && best.roundTrip + BETTER_BY <= current.roundTrip) {
            use(now, best, "it is faster than " + current.address);
        }
    }

    private void use(long now, Pair pair, String reason) {
        boolean unheard = unheardSince != NEVER;
        selected = pair;
        state = State.DIRECT;
        answered(now);
        actions.add(new Action.Use(pair.address, reason));
        if (unheard) {
            // The path before was silent; or there was none, for a channel that takes no relay.
            actions.add(new Action.Repeat(pair.address));
        }
    }

    private void relay(long now, String reason) {
        selected = null;
        state = State.RELAYED;
        answered(now);
        actions.add(new Action.Use(null, reason));
    }

    private @Nullable InetSocketAddress inUse() {
        return selected == null ? null : selected.address;
    }

    private void probe(long now, @Nullable Pair pair, boolean padded) {
        send(now, pair, false, padded);
    }

    private void send(long now, @Nullable Pair pair, boolean silent, boolean padded) {
        long transaction = random.getAsLong();
        transactions.put(transaction, new Sent(pair, now, padded));
        if (pair != null) {
            pair.probedAt = now;
        }
        actions.add(new Action.Probe(pair == null ? null : pair.address, transaction, silent, padded));
    }

    /** The pair with that address, made if there is room or one that did not answer can go. */
    private @Nullable Pair pair(InetSocketAddress address) {
        Pair known = pairs.get(address);
        if (known != null) {
            return known;
        }
        if (pairs.size() >= MAX_PAIRS) {
            Pair useless = pairs.values().stream()
                    .filter(pair -> !pair.valid && !pair.listed && pair != selected)
                    .findFirst()
                    .orElse(null);
            if (useless == null) {
                return null;
            }
            pairs.remove(useless.address);
        }
        Pair added = new Pair(address);
        pairs.put(address, added);
        return added;
    }

    private List<Action> taken() {
        List<Action> taken = actions;
        actions = new ArrayList<>();
        return taken;
    }
}
