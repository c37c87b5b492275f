package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.coordinator.Introductions.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** What holds for {@link Introductions} whatever the clients do. */
final class IntroductionsPropertyTests {
    private enum What {
        OPEN,
        RESTORE,
        AGREE,
        REFUSE,
        END,
        FORBID,
        LEAVE,
        JOIN,
        WAIT
    }

    /** One event; {@code number} picks the other client, an introduction or a time, as the event needs. */
    record Event(What what, int client, int number) {}

    private static final List<ClientId> CLIENTS =
            List.of(new ClientId("a"), new ClientId("b"), new ClientId("c"), new ClientId("d"));
    private static final int LIMIT = 3;
    private static final long TIMEOUT = 100;

    @Property(tries = 2_000)
    void theRulesHoldForAnySequenceOfEvents(@ForAll("events") List<Event> events) {
        World world = new World();

        events.forEach(world::happen);

        world.happen(new Event(What.WAIT, 0, (int) TIMEOUT));
        assertThat(world.unanswered).as("requests that nobody answered").isEmpty();
        world.everybodyLeaves();
        assertThat(world.live).as("introductions of clients that have left").isEmpty();
        assertThat(world.introductions.made()).isZero();
        world.countsAreBackAtZero();
    }

    @Provide
    Arbitrary<List<Event>> events() {
        Arbitrary<What> what = Arbitraries.frequency(
                Tuple.of(8, What.OPEN),
                Tuple.of(6, What.AGREE),
                Tuple.of(2, What.REFUSE),
                Tuple.of(3, What.END),
                Tuple.of(1, What.FORBID),
                Tuple.of(1, What.LEAVE),
                Tuple.of(2, What.JOIN),
                Tuple.of(2, What.WAIT));
        return Combinators.combine(
                        what,
                        Arbitraries.integers().between(0, CLIENTS.size() - 1),
                        Arbitraries.integers().between(0, 60))
                .as(Event::new)
                .list()
                .ofMaxSize(80);
    }

    private static final class Live {
        final long id;
        final ClientId asker;
        final ClientId asked;
        final long askedHandle;
        final Request first;
        long askerHandle;

        Live(long id, ClientId asker, ClientId asked, long askedHandle, Request first) {
            this.id = id;
            this.asker = asker;
            this.asked = asked;
            this.askedHandle = askedHandle;
            this.first = first;
        }

        boolean isMade() {
            return askerHandle != 0;
        }

        boolean isOf(ClientId client) {
            return asker.equals(client) || asked.equals(client);
        }

        Set<ClientId> pair() {
            return new HashSet<>(List.of(asker, asked));
        }
    }

    private record Request(ClientId client, long number) {}

    /** The clients' and the relay's view, built from the actions alone. */
    private static final class World {
        final Set<ClientId> connected = new HashSet<>(CLIENTS);
        final Set<Request> unanswered = new HashSet<>();
        final Map<Long, Live> live = new HashMap<>();
        final List<Long> introduced = new ArrayList<>();
        final Set<Long> numbers = new HashSet<>();
        private long lastRandom;
        private long lastRequest;
        private long now;
        final Introductions introductions = new Introductions(() -> ++lastRandom, connected::contains, TIMEOUT, LIMIT);

        void happen(Event event) {
            ClientId who = CLIENTS.get(event.client());
            if (event.what() == What.JOIN) {
                connected.add(who);
            } else if (event.what() == What.WAIT) {
                now += event.number();
                perform(introductions.expire(now), null);
            } else if (connected.contains(who)) {
                act(event, who);
            }
            invariants();
        }

        private void act(Event event, ClientId who) {
            switch (event.what()) {
                case OPEN -> {
                    Request request = new Request(who, ++lastRequest);
                    unanswered.add(request);
                    ClientId to = CLIENTS.get(event.number() % CLIENTS.size());
                    perform(introductions.open(now, who, request.number(), to, 0), request);
                }
                case RESTORE -> {
                    Request request = new Request(who, ++lastRequest);
                    unanswered.add(request);
                    ClientId to = CLIENTS.get(event.number() % CLIENTS.size());
                    perform(introductions.open(now, who, request.number(), to, Math.max(1, pick(event))), request);
                }
                case AGREE -> perform(introductions.agreed(who, pick(event)), null);
                case REFUSE -> perform(introductions.refused(who, pick(event), ErrorCode.REFUSED, "no"), null);
                case END -> perform(introductions.ended(who, pick(event), ErrorCode.NO_ERROR, ""), null);
                case FORBID -> perform(introductions.forbid(pick(event), ErrorCode.NOT_ALLOWED, "no"), null);
                case LEAVE -> leave(who);
                case JOIN, WAIT -> throw new IllegalArgumentException(event.toString());
            }
        }

        void everybodyLeaves() {
            List.copyOf(connected).forEach(this::leave);
        }

        private void leave(ClientId who) {
            connected.remove(who);
            unanswered.removeIf(request -> request.client().equals(who));
            perform(introductions.left(who), null);
            live.values().removeIf(each -> each.isOf(who) && !each.isMade());
        }

        /** After all have left and come back, each may have as many channels as at the beginning. */
        void countsAreBackAtZero() {
            connected.addAll(CLIENTS);
            for (ClientId from : CLIENTS) {
                for (ClientId to : CLIENTS) {
                    if (from.compareTo(to) < 0) {
                        assertThat(introductions.open(now, from, ++lastRequest, to, 0))
                                .singleElement()
                                .isInstanceOf(Action.Introduce.class);
                    }
                }
            }
        }

        /** An introduction of the last few, living or not; the client may have nothing to do with it. */
        private long pick(Event event) {
            int back = event.number() % 6;
            return introduced.size() > back ? introduced.get(introduced.size() - 1 - back) : event.number();
        }

        private void perform(List<Action> actions, @Nullable Request cause) {
            for (Action action : actions) {
                if (action instanceof Action.Introduce introduce) {
                    introduce(introduce, cause);
                } else if (action instanceof Action.Answer answer) {
                    assertThat(unanswered.remove(new Request(answer.to(), answer.request())))
                            .as("%s answers an open request", answer)
                            .isTrue();
                    Live made = live.get(answer.introduction());
                    assertThat(made).isNotNull();
                    assertThat(made.isMade())
                            .as("relayed before it is answered")
                            .isTrue();
                    assertThat(answer.dial()).isEqualTo(made.first.equals(new Request(answer.to(), answer.request())));
                    assertThat(answer.handle())
                            .isEqualTo(answer.to().equals(made.asker) ? made.askerHandle : made.askedHandle);
                } else if (action instanceof Action.Refuse refuse) {
                    Request request = new Request(refuse.to(), refuse.request());
                    assertThat(refuse.code()).isNotEqualTo(ErrorCode.NO_ERROR);
                    assertThat(unanswered.remove(request))
                            .as("%s refuses an open request", refuse)
                            .isTrue();
                    live.values().removeIf(each -> each.first.equals(request));
                } else if (action instanceof Action.End end) {
                    assertThat(connected).contains(end.to());
                    assertThat(introduced).contains(end.introduction());
                } else if (action instanceof Action.RelayLost lost) {
                    assertThat(connected).contains(lost.to());
                    assertThat(introduced).contains(lost.introduction());
                } else if (action instanceof Action.Relay relay) {
                    relay(relay);
                } else if (action instanceof Action.Unrelay unrelay) {
                    assertThat(live.values()
                                    .removeIf(each -> each.askerHandle == unrelay.askerHandle()
                                            && each.askedHandle == unrelay.askedHandle()))
                            .as("%s ends what was relayed", unrelay)
                            .isTrue();
                }
            }
        }

        private void introduce(Action.Introduce introduce, @Nullable Request cause) {
            assertThat(cause).isNotNull();
            Live begun =
                    new Live(introduce.introduction(), introduce.peer(), introduce.to(), introduce.handle(), cause);
            assertThat(begun.asker).isEqualTo(cause.client());
            assertThat(connected).contains(begun.asker, begun.asked);
            assertThat(live.values()).noneMatch(each -> each.pair().equals(begun.pair()));
            assertThat(numbers.add(begun.id)).isTrue();
            assertThat(numbers.add(begun.askedHandle)).isTrue();
            live.put(begun.id, begun);
            introduced.add(begun.id);
        }

        private void relay(Action.Relay relay) {
            Live begun = live.values().stream()
                    .filter(each -> each.askedHandle == relay.askedHandle())
                    .findAny()
                    .orElseThrow();
            assertThat(begun.isMade()).as("relayed once").isFalse();
            assertThat(relay.asker()).isEqualTo(begun.asker);
            assertThat(relay.asked()).isEqualTo(begun.asked);
            assertThat(numbers.add(relay.askerHandle())).isTrue();
            begun.askerHandle = relay.askerHandle();
        }

        private void invariants() {
            assertThat(introductions.made())
                    .isEqualTo(live.values().stream().filter(Live::isMade).count());
            for (ClientId client : CLIENTS) {
                long ends =
                        live.values().stream().filter(each -> each.isOf(client)).count();
                assertThat(ends).isLessThanOrEqualTo(LIMIT);
            }
            assertThat(unanswered).allMatch(request -> connected.contains(request.client()));
        }
    }
}
