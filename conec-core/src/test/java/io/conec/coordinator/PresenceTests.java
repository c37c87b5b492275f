package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import io.conec.ClientId;
import io.conec.PresentClient;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

final class PresenceTests {
    private static final ClientId ALICE = new ClientId("alice");
    private static final ClientId BOB = new ClientId("bob");
    private static final ClientId CAROL = new ClientId("carol");
    private static final int ALL = 100;

    private Presence presence = new Presence();

    @Test
    void tellsTheListOnceItIsComplete() {
        joins(ALICE, 1);
        joins(BOB, 1);
        presence.watch(ALICE);
        assertThat(presence.next(ALICE, ALL)).isNull();
        presence.visible(ALICE, BOB, true);
        presence.complete(ALICE);

        assertThat(presence.next(ALICE, ALL)).isEqualTo(new Presence.Update(List.of(client(BOB, 1)), List.of(), true));
        assertThat(presence.next(ALICE, ALL)).isNull();
    }

    @Test
    void saysThatItIsCompleteWhenNobodyIsThere() {
        joins(ALICE, 1);
        presence.watch(ALICE);
        presence.visible(ALICE, ALICE, true);
        presence.complete(ALICE);

        assertThat(presence.next(ALICE, ALL)).isEqualTo(new Presence.Update(List.of(), List.of(), true));
        assertThat(presence.next(ALICE, ALL)).isNull();
    }

    @Test
    void tellsAsMuchAtATimeAsFits() {
        watching(ALICE);
        sees(BOB, 1);
        sees(CAROL, 1);
        presence.left(BOB);
        sees(BOB, 2);

        assertThat(List.of(told(), told()))
                .containsExactlyInAnyOrder(
                        new Presence.Update(List.of(client(CAROL, 1)), List.of(), false),
                        new Presence.Update(List.of(client(BOB, 2)), List.of(), false));
        assertThat(presence.next(ALICE, 1)).isNull();
    }

    @Test
    void doesNotTellOfWhoCameAndWent() {
        watching(ALICE);
        sees(BOB, 1);
        presence.left(BOB);

        assertThat(presence.next(ALICE, ALL)).isNull();
    }

    @Test
    void tellsTheNewOneOfWhoWentAndCame() {
        watching(ALICE);
        sees(BOB, 1);
        presence.next(ALICE, ALL);
        presence.left(BOB);
        sees(BOB, 2);

        assertThat(presence.next(ALICE, ALL)).isEqualTo(new Presence.Update(List.of(client(BOB, 2)), List.of(), false));
    }

    @Test
    void whoMayNotBeSeenAnyMoreIsGone() {
        watching(ALICE);
        sees(BOB, 1);
        presence.next(ALICE, ALL);
        presence.visible(ALICE, BOB, false);
        presence.visible(ALICE, BOB, false);

        assertThat(presence.next(ALICE, ALL)).isEqualTo(new Presence.Update(List.of(), List.of(BOB), false));
        presence.visible(ALICE, BOB, true);
        assertThat(presence.next(ALICE, ALL)).isEqualTo(new Presence.Update(List.of(client(BOB, 1)), List.of(), false));
    }

    @Test
    void aDecisionAboutSomebodyWhoHasGoneCountsForNothing() {
        watching(ALICE);
        joins(BOB, 1);
        presence.left(BOB);
        presence.visible(ALICE, BOB, true);
        presence.visible(CAROL, ALICE, true);

        assertThat(presence.next(ALICE, ALL)).isNull();
        assertThat(presence.next(CAROL, ALL)).isNull();
    }

    @Test
    void watchesOnceAtATime() {
        joins(ALICE, 1);
        assertThat(presence.watch(ALICE)).isTrue();
        assertThat(presence.watch(ALICE)).isFalse();
        presence.unwatch(ALICE);
        assertThat(presence.watch(ALICE)).isTrue();
    }

    @Test
    void oneThatHasGoneIsToldToEachWatcherOnce() {
        watching(ALICE);
        watching(CAROL);
        sees(BOB, 1);
        presence.visible(CAROL, BOB, true);
        presence.next(ALICE, ALL);
        presence.next(CAROL, ALL);
        presence.left(BOB);
        assertThat(told()).isEqualTo(new Presence.Update(List.of(), List.of(BOB), false));
        // While Carol is still to be told, Bob comes back, which Alice may not see.
        joins(BOB, 2);
        presence.visible(ALICE, BOB, false);
        presence.visible(CAROL, BOB, true);
        assertThat(presence.next(ALICE, ALL)).isNull();
        assertThat(presence.next(CAROL, ALL)).isEqualTo(new Presence.Update(List.of(client(BOB, 2)), List.of(), false));
        assertThat(presence.present()).containsExactlyInAnyOrder(ALICE, CAROL, BOB);
    }

    /** As when a coordinator is started again. */
    @Test
    void thousandsMayWatchThousands() {
        List<ClientId> all = IntStream.range(0, 5_000)
                .mapToObj(i -> new ClientId("client-" + i))
                .toList();
        for (ClientId id : all) {
            joins(id, 1);
            presence.watch(id);
        }
        long told = 0;
        for (ClientId watcher : all) {
            all.forEach(other -> presence.visible(watcher, other, true));
            presence.complete(watcher);
            Presence.Update next = presence.next(watcher, ALL);
            while (next != null) {
                told += next.joined().size();
                next = presence.next(watcher, ALL);
            }
        }
        assertThat(told).isEqualTo(5_000L * 4_999);
        // Nothing is kept of those that everybody knows to be gone.
        all.subList(1, all.size()).forEach(presence::left);
        assertThat(presence.next(all.get(0), 5_000))
                .extracting(Presence.Update::left)
                .asInstanceOf(LIST)
                .hasSize(4_999);
        assertThat(presence.present()).containsExactly(all.get(0));
    }

    private Presence.Update told() {
        return Objects.requireNonNull(presence.next(ALICE, 1));
    }

    private enum What {
        JOIN,
        LEAVE,
        SHOW,
        HIDE,
        TELL
    }

    record Event(What what, int client) {}

    /** Whatever happens, and however seldom a watcher is told, in the end it knows exactly who is there and may be seen. */
    @Property(tries = 2_000)
    void whatAWatcherWasToldAddsUp(@ForAll("events") List<Event> events) {
        presence = new Presence();
        List<ClientId> others = List.of(BOB, CAROL, new ClientId("dave"));
        Map<String, PresentClient> known = new HashMap<>();
        Map<ClientId, PresentClient> there = new HashMap<>();
        Set<ClientId> shown = new HashSet<>();
        int version = 0;
        watching(ALICE);
        for (Event event : events) {
            ClientId who = others.get(event.client());
            switch (event.what()) {
                case JOIN -> {
                    if (!there.containsKey(who)) {
                        joins(who, ++version);
                        there.put(who, client(who, version));
                        presence.visible(ALICE, who, shown.contains(who));
                    }
                }
                case LEAVE -> {
                    there.remove(who);
                    presence.left(who);
                }
                case SHOW -> {
                    shown.add(who);
                    presence.visible(ALICE, who, true);
                }
                case HIDE -> {
                    shown.remove(who);
                    presence.visible(ALICE, who, false);
                }
                case TELL -> apply(presence.next(ALICE, 1), known);
            }
        }
        for (Presence.Update next = presence.next(ALICE, 1); next != null; next = presence.next(ALICE, 1)) {
            apply(next, known);
        }
        there.keySet().retainAll(shown);
        assertThat(known.values()).containsExactlyInAnyOrderElementsOf(there.values());
    }

    @Provide
    Arbitrary<List<Event>> events() {
        Arbitrary<What> what = Arbitraries.frequency(
                Tuple.of(3, What.JOIN),
                Tuple.of(2, What.LEAVE),
                Tuple.of(2, What.SHOW),
                Tuple.of(1, What.HIDE),
                Tuple.of(3, What.TELL));
        return Combinators.combine(what, Arbitraries.integers().between(0, 2))
                .as(Event::new)
                .list()
                .ofMaxSize(60);
    }

    private static void apply(
            Presence.@org.jspecify.annotations.Nullable Update update, Map<String, PresentClient> known) {
        if (update != null) {
            update.left().forEach(id -> assertThat(known.remove(id.value())).isNotNull());
            update.joined().forEach(client -> known.put(client.id(), client));
        }
    }

    private void watching(ClientId id) {
        joins(id, 1);
        presence.watch(id);
        presence.complete(id);
        presence.next(id, ALL);
    }

    private void sees(ClientId other, int version) {
        joins(other, version);
        presence.visible(ALICE, other, true);
    }

    private void joins(ClientId id, int version) {
        presence.joined(id, client(id, version));
    }

    private static PresentClient client(ClientId id, int version) {
        return new PresentClient(id.value(), Map.of("version", "" + version), Instant.EPOCH);
    }
}
