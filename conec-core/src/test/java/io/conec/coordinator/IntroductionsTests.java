package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.coordinator.Introductions.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The transition table of {@link Introductions}, and its limits. Clients a, b and c are connected, x is not. Requests are numbered from 1 in the order of asking; the
 * first introduction is 1 with handles 2 (asker) and 3 (asked), the second 4 with 5 and 6.
 */
final class IntroductionsTests {
    private static final long TIMEOUT = 5_000;

    private long lastRandom;
    private long lastRequest;
    private long now = 1_000_000;
    private Introductions introductions = introductions(1_000);

    /** State: what has happened before. */
    @ParameterizedTest(name = "{0} | {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            none                 | a opens b    | b: introduce 1 a/3
            none                 | a opens a    | a: introduce 1 a/3
            none                 | a opens x    | a: refuse 1 UNKNOWN_PEER
            none                 | b agrees     | ignored
            none                 | b refuses    | ignored
            none                 | b ends       | ""
            none                 | b leaves     | ""
            none                 | time is up   | ""

            a opens b            | a opens b    | ""
            a opens b            | b opens a    | ""
            a opens b            | c opens b    | b: introduce 4 c/6
            a opens b            | b agrees     | relay a/2 b/3; a: dial 1 b/2 1
            a opens b            | a agrees     | ignored
            a opens b            | c agrees     | ignored
            a opens b            | b refuses    | a: refuse 1 REFUSED
            a opens b            | a refuses    | ignored
            a opens b            | c refuses    | ignored
            a opens b            | a ends       | b: end 1 CANCELLED; a: refuse 1 CANCELLED
            a opens b            | b ends       | a: end 1 CANCELLED; a: refuse 1 CANCELLED
            a opens b            | c ends       | ignored
            a opens b            | a leaves     | b: end 1 CONNECTION_LOST
            a opens b            | b leaves     | a: end 1 CONNECTION_LOST; a: refuse 1 CONNECTION_LOST
            a opens b            | c leaves     | ""
            a opens b            | time is near | ""
            a opens b            | time is up   | b: end 1 TIMEOUT; a: refuse 1 TIMEOUT

            none                 | rules forbid | ""
            a opens b            | rules forbid | b: end 1 NOT_ALLOWED; a: refuse 1 NOT_ALLOWED
            a opens b; b opens a | rules forbid | b: end 1 NOT_ALLOWED; a: refuse 1 NOT_ALLOWED; b: refuse 2 NOT_ALLOWED
            a opens b; b agrees  | rules forbid | unrelay 2 3; b: end 1 NOT_ALLOWED; a: end 1 NOT_ALLOWED
            a opens a; a agrees  | rules forbid | unrelay 2 3; a: end 1 NOT_ALLOWED
            a opens b; rules forbid | a opens b | b: introduce 4 a/6

            a opens b; a opens b | b agrees     | relay a/2 b/3; a: dial 1 b/2 1; a: wait 2 b 1
            a opens b; a opens b | b refuses    | a: refuse 1 REFUSED; a: refuse 2 REFUSED
            a opens b; a opens b | b leaves     | a: end 1 CONNECTION_LOST; a: refuse 1 CONNECTION_LOST; a: refuse 2 CONNECTION_LOST

            a opens b; b opens a | b opens a    | ""
            a opens b; b opens a | b agrees     | relay a/2 b/3; a: dial 1 b/2 1; b: wait 2 a 1
            a opens b; b opens a | a agrees     | ignored
            a opens b; b opens a | c agrees     | ignored
            a opens b; b opens a | b refuses    | a: refuse 1 REFUSED; b: refuse 2 REFUSED
            a opens b; b opens a | a refuses    | ignored
            a opens b; b opens a | a ends       | b: end 1 CANCELLED; a: refuse 1 CANCELLED; b: refuse 2 CANCELLED
            a opens b; b opens a | b ends       | a: end 1 CANCELLED; a: refuse 1 CANCELLED; b: refuse 2 CANCELLED
            a opens b; b opens a | a leaves     | b: end 1 CONNECTION_LOST; b: refuse 2 CONNECTION_LOST
            a opens b; b opens a | b leaves     | a: end 1 CONNECTION_LOST; a: refuse 1 CONNECTION_LOST
            a opens b; b opens a | time is near | ""
            a opens b; b opens a | time is up   | b: end 1 TIMEOUT; a: refuse 1 TIMEOUT; b: refuse 2 TIMEOUT

            a opens b; b agrees  | a opens b    | unrelay 2 3; b: end 1 REPLACED; b: introduce 4 a/6
            a opens b; b agrees  | b opens a    | unrelay 2 3; a: end 1 REPLACED; a: introduce 4 b/6
            a opens b; b agrees  | a opens x    | a: refuse 2 UNKNOWN_PEER
            a opens b; b agrees  | c opens a    | a: introduce 4 c/6
            a opens b; b agrees  | b agrees     | ignored
            a opens b; b agrees  | a agrees     | ignored
            a opens b; b agrees  | b refuses    | ignored
            a opens b; b agrees  | a refuses    | ignored
            a opens b; b agrees  | a ends       | unrelay 2 3; b: end 1 CANCELLED
            a opens b; b agrees  | b ends       | unrelay 2 3; a: end 1 CANCELLED
            a opens b; b agrees  | c ends       | ignored
            a opens b; b agrees  | a leaves     | unrelay 2 3; b: relay lost 1
            a opens b; b agrees  | b leaves     | unrelay 2 3; a: relay lost 1
            a opens b; b agrees  | c leaves     | ""
            a opens b; b agrees  | time is up   | ""

            a opens b; b agrees; a ends  | a ends    | ""
            a opens b; b agrees; a ends  | b ends    | ""
            a opens b; b agrees; a ends  | c ends    | ""
            a opens b; b agrees; a ends  | b agrees  | ignored
            a opens b; b agrees; a ends  | a opens b | b: introduce 4 a/6
            a opens b; b agrees; a ends  | b opens a | a: introduce 4 b/6
            a opens b; b refuses         | b agrees  | ignored
            a opens b; b refuses         | b refuses | ignored
            a opens b; b refuses         | a opens b | b: introduce 4 a/6
            a opens b; time is up        | b agrees  | ignored
            a opens b; time is up        | a opens b | b: introduce 4 a/6
            a opens b; a leaves          | b agrees  | ignored
            a opens b; b leaves          | a opens b | a: refuse 2 UNKNOWN_PEER
            a opens b; b agrees; a opens b | b agrees  | ignored
            a opens b; b agrees; a opens b | b ends    | ""

            a opens a            | a opens a    | ""
            a opens a            | a agrees     | relay a/2 a/3; a: dial 1 a/2 1
            a opens a            | b agrees     | ignored
            a opens a            | a refuses    | a: refuse 1 REFUSED
            a opens a            | b refuses    | ignored
            a opens a            | a ends       | a: end 1 CANCELLED; a: refuse 1 CANCELLED
            a opens a            | b ends       | ignored
            a opens a            | a leaves     | ""
            a opens a            | time is up   | a: end 1 TIMEOUT; a: refuse 1 TIMEOUT
            a opens a; a agrees  | a opens a    | unrelay 2 3; a: end 1 REPLACED; a: introduce 4 a/6
            a opens a; a agrees  | a agrees     | ignored
            a opens a; a agrees  | a ends       | unrelay 2 3; a: end 1 CANCELLED
            a opens a; a agrees  | b ends       | ignored
            a opens a; a agrees  | a leaves     | unrelay 2 3
            a opens a; a agrees  | time is up   | ""

            none                        | a restores b 77 | b: introduce 1 a/3 restores 77
            none                        | a restores a 77 | a: introduce 1 a/3 restores 77
            none                        | a restores x 77 | a: refuse 1 UNKNOWN_PEER
            a restores b 77             | a restores b 77 | ""
            a restores b 77             | b restores a 77 | ""
            a restores b 77             | b agrees        | relay a/2 b/3; a: dial 1 b/2 1
            a restores b 77             | b refuses       | a: refuse 1 REFUSED
            a restores b 77             | a leaves        | b: relay lost 1
            a restores b 77             | b leaves        | a: refuse 1 UNKNOWN_PEER
            a restores b 77             | time is up      | b: relay lost 1; a: refuse 1 TIMEOUT
            a restores b 77             | b opens a       | a: end 1 REPLACED; a: refuse 1 REPLACED; a: introduce 4 b/6
            a restores b 77             | b restores a 78 | b: refuse 2 REPLACED
            a restores b 77; b restores a 77 | b agrees   | relay a/2 b/3; a: dial 1 b/2 1; b: wait 2 a 1
            a restores b 77; b restores a 77 | a leaves   | b: relay lost 1; b: refuse 2 UNKNOWN_PEER
            a restores b 77; b restores a 77 | b leaves   | a: refuse 1 UNKNOWN_PEER
            a restores b 77; b agrees   | a restores b 77 | unrelay 2 3; b: introduce 4 a/6 restores 77
            a restores b 77; b agrees   | b restores a 77 | unrelay 2 3; a: introduce 4 b/6 restores 77
            a restores b 77; b agrees   | b restores a 1  | b: refuse 2 REPLACED
            a restores b 77; b agrees   | b leaves        | unrelay 2 3; a: relay lost 1
            a restores b 77; b agrees; a leaves; a returns | b restores a 77 | a: introduce 4 b/6 restores 77
            a opens b                   | b restores a 77 | b: refuse 2 REPLACED
            a opens b; b agrees         | b restores a 77 | b: refuse 2 REPLACED
            a opens b; b agrees         | b restores a 1  | unrelay 2 3; a: introduce 4 b/6 restores 1
            a opens b; b agrees; a leaves            | b restores a 1 | b: refuse 2 UNKNOWN_PEER
            a opens b; b agrees; a leaves; a returns | b restores a 1 | a: introduce 4 b/6 restores 1
            a opens b; b agrees; a leaves; a returns | a restores b 1 | b: introduce 4 a/6 restores 1
            a opens b; b agrees; a leaves; a returns; a restores b 1; b restores a 1 | b agrees second | relay a/5 b/6; a: dial 2 b/5 4; b: wait 3 a 4
            """)
    void transition(String state, String event, String expected) {
        if (!state.equals("none")) {
            Stream.of(state.split("; ", -1)).forEach(this::happen);
        }
        long ignoredBefore = introductions.ignored();

        List<Action> actions = happen(event);

        boolean ignored = expected.equals("ignored");
        assertThat(told(actions)).isEqualTo(ignored ? "" : expected);
        assertThat(introductions.ignored() - ignoredBefore).isEqualTo(ignored ? 1 : 0);
    }

    @Test
    void leavingEndsAllIntroductionsOfOneClientAndNoOthers() {
        Stream.of("a opens b", "b agrees", "c opens a", "a opens a", "a agrees third", "b opens c")
                .forEach(this::happen);

        assertThat(told(happen("a leaves")).split("; ", -1))
                .containsExactlyInAnyOrder(
                        "unrelay 2 3",
                        "b: relay lost 1",
                        "c: end 4 CONNECTION_LOST",
                        "c: refuse 2 CONNECTION_LOST",
                        "unrelay 8 9");
        assertThat(introductions.made()).isZero();
        assertThat(told(happen("c agrees fourth"))).isEqualTo("relay b/11 c/12; b: dial 4 c/11 10");
    }

    @Test
    void theDeadlineCountsFromTheFirstToAsk() {
        happen("a opens b");
        now += TIMEOUT - 1;
        happen("b opens a");
        now++;

        assertThat(introductions.expire(now)).hasSize(3);
    }

    @Test
    void aClientHasNoMoreChannelsThanTheLimit() {
        introductions = introductions(2);
        happen("a opens b");
        happen("c opens a");

        assertThat(told(happen("a opens a"))).isEqualTo("a: refuse 3 CHANNEL_LIMIT");
        assertThat(told(happen("b opens c"))).isEqualTo("c: introduce 7 b/9");
        assertThat(told(happen("c opens c"))).isEqualTo("c: refuse 5 CHANNEL_LIMIT");
    }

    @Test
    void thePeersLimitCountsToo() {
        introductions = introductions(1);
        happen("a opens b");

        assertThat(told(happen("c opens b"))).isEqualTo("c: refuse 2 CHANNEL_LIMIT");
        assertThat(told(happen("b opens c"))).isEqualTo("b: refuse 3 CHANNEL_LIMIT");
        assertThat(introductions.open(now, id("c"), 9, id("b"), 0))
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Refuse.class,
                        refuse -> assertThat(refuse.message()).contains("\"b\" has 1 channels"));
    }

    @Test
    void anEndedIntroductionMakesRoom() {
        introductions = introductions(1);
        happen("a opens b");
        happen("b agrees");
        happen("b ends");

        assertThat(told(happen("c opens b"))).isEqualTo("b: introduce 4 c/6");
    }

    /** Asking again at the limit replaces the old channel, it does not need another place. */
    @Test
    void openingAgainNeedsNoRoom() {
        introductions = introductions(1);
        happen("a opens b");
        happen("b agrees");

        assertThat(told(happen("a opens b"))).isEqualTo("unrelay 2 3; b: end 1 REPLACED; b: introduce 4 a/6");
    }

    /** Code 0 in an answer means that the peer agreed. */
    @Test
    void anEndWithoutErrorBeforeTheAnswerRefusesAllTheSame() {
        happen("a opens b");

        List<Action> actions = introductions.ended(id("b"), 1, ErrorCode.NO_ERROR, "");

        assertThat(told(actions)).isEqualTo("a: end 1 NO_ERROR; a: refuse 1 REFUSED");
    }

    /** A client that does not number its requests gets as many answers as it has asked questions, and dials once. */
    @Test
    void onlyOneAnswerSaysDial() {
        introductions.open(now, id("a"), 7, id("b"), 0);
        introductions.open(now, id("a"), 7, id("b"), 0);

        assertThat(told(introductions.agreed(id("b"), 1))).isEqualTo("relay a/2 b/3; a: dial 7 b/2 1; a: wait 7 b 1");
    }

    @Test
    void theReasonsOfTheOtherSideArePassedOn() {
        happen("a opens b");
        assertThat(introductions.refused(id("b"), 1, ErrorCode.CHANNEL_LIMIT, "full"))
                .containsExactly(new Action.Refuse(id("a"), 1, ErrorCode.CHANNEL_LIMIT, "full"));

        happen("a opens b");
        happen("b agrees second");
        assertThat(introductions.ended(id("a"), 4, ErrorCode.SHUTTING_DOWN, "bye"))
                .containsExactly(new Action.Unrelay(5, 6), new Action.End(id("b"), 4, ErrorCode.SHUTTING_DOWN, "bye"));
    }

    private Introductions introductions(int maxChannelsPerClient) {
        Set<ClientId> connected = Stream.of("a", "b", "c").map(ClientId::new).collect(Collectors.toSet());
        return new Introductions(
                () -> ++lastRandom, id -> connected.contains(id) && !left.contains(id), TIMEOUT, maxChannelsPerClient);
    }

    private final List<ClientId> left = new ArrayList<>();

    private List<Action> happen(String event) {
        String[] words = event.split(" ", -1);
        if (words[0].equals("time")) {
            now += words[2].equals("up") ? TIMEOUT : TIMEOUT - 1;
            return introductions.expire(now);
        }
        if (words[0].equals("rules")) {
            return introductions.forbid(1, ErrorCode.NOT_ALLOWED, "no");
        }
        ClientId who = id(words[0]);
        long introduction = words.length < 3
                ? 1
                : switch (words[2]) {
                    case "second" -> 4;
                    case "third" -> 7;
                    case "fourth" -> 10;
                    default -> 1;
                };
        return switch (words[1]) {
            case "opens" -> introductions.open(now, who, ++lastRequest, id(words[2]), 0);
            // Which introduction, by its number.
            case "restores" -> introductions.open(now, who, ++lastRequest, id(words[2]), Long.parseLong(words[3]));
            case "returns" -> {
                left.remove(who);
                yield List.of();
            }
            case "agrees" -> introductions.agreed(who, introduction);
            case "refuses" -> introductions.refused(who, introduction, ErrorCode.REFUSED, "no");
            case "ends" -> introductions.ended(who, introduction, ErrorCode.CANCELLED, "over");
            case "leaves" -> {
                left.add(who);
                yield introductions.left(who);
            }
            default -> throw new IllegalArgumentException(event);
        };
    }

    private static String told(List<Action> actions) {
        return actions.stream().map(IntroductionsTests::told).collect(Collectors.joining("; "));
    }

    private static String told(Action action) {
        if (action instanceof Action.Introduce it) {
            String restores = it.restores() == 0 ? "" : " restores " + it.restores();
            return String.format(
                    Locale.ROOT,
                    "%s: introduce %d %s/%d%s",
                    it.to(),
                    it.introduction(),
                    it.peer(),
                    it.handle(),
                    restores);
        } else if (action instanceof Action.Answer it && it.dial()) {
            return String.format(
                    Locale.ROOT,
                    "%s: dial %d %s/%d %d",
                    it.to(),
                    it.request(),
                    it.peer(),
                    it.handle(),
                    it.introduction());
        } else if (action instanceof Action.Answer it) {
            return String.format(Locale.ROOT, "%s: wait %d %s %d", it.to(), it.request(), it.peer(), it.introduction());
        } else if (action instanceof Action.Refuse it) {
            return String.format(Locale.ROOT, "%s: refuse %d %s", it.to(), it.request(), it.code());
        } else if (action instanceof Action.End it) {
            return String.format(Locale.ROOT, "%s: end %d %s", it.to(), it.introduction(), it.code());
        } else if (action instanceof Action.RelayLost it) {
            return String.format(Locale.ROOT, "%s: relay lost %d", it.to(), it.introduction());
        } else if (action instanceof Action.Relay it) {
            return String.format(
                    Locale.ROOT, "relay %s/%d %s/%d", it.asker(), it.askerHandle(), it.asked(), it.askedHandle());
        } else if (action instanceof Action.Unrelay it) {
            return String.format(Locale.ROOT, "unrelay %d %d", it.askerHandle(), it.askedHandle());
        }
        throw new IllegalArgumentException(action.toString());
    }

    private static ClientId id(String name) {
        return new ClientId(name);
    }
}
