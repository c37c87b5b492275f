package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ErrorCode;
import io.conec.client.PeerIntroductions.Action;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.ChannelEnded;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.RelayLost;
import io.conec.security.Identity;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The transition table of {@link PeerIntroductions}, seen from client a, which is linked, welcomes b and refuses x. Requests and callers are numbered from 1 in the order of
 * asking; introductions as the event says, and an end keeps the number of its first introduction as its name.
 */
final class PeerIntroductionsTests {
    private static final long REQUEST = 10_000;
    private static final long CONTACT = 8_000;
    private static final Map<String, ByteString> CERTIFICATES = Map.of(
            "a",
            certificate("a"),
            "b",
            certificate("b"),
            "b with another key",
            certificate("b"),
            "x",
            certificate("x"));

    /** A channel to b, asked for by a. */
    private static final String DIALLED = "a opens b; answer 1 dial b 7; opened 7";

    /** A channel to b, asked for by b. */
    private static final String ACCEPTED = "b introduced 7; contact 7; opened 7";

    private final List<CompletableFuture<ConecChannel>> callers = new ArrayList<>();
    private final Map<PeerEnd, String> names = new LinkedHashMap<>();
    private long now = 1_000_000;
    private final PeerIntroductions introductions =
            new PeerIntroductions(new ClientId("a"), peer -> !peer.value().equals("x"), () -> 0.5, REQUEST, CONTACT);

    /** State: what has happened before. */
    @ParameterizedTest(name = "{0} | {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            none        | a opens b              | ask 1 b
            none        | b introduced 7         | prepare 7; agree 7
            none        | x introduced 7         | refuse 7 REFUSED
            none        | b introduced 7 as x    | refuse 7 CERTIFICATE_NAME_MISMATCH
            none        | b introduced 7 as dust | refuse 7 PROTOCOL_VIOLATION
            none        | b introduced 8 restores 7 | refuse 8 CONNECTION_LOST
            none        | answer 1 dial b 7      | end 7 CANCELLED
            none        | answer 1 wait 7        | ""
            none        | answer 1 REFUSED       | ""
            none        | coordinator ends 7     | ""
            none        | relay lost 7           | ""
            none        | link lost              | ""
            none        | time 10000             | ""
            link lost   | a opens b              | fail 1 NOT_CONNECTED

            a opens b   | a opens b              | ""
            a opens b   | a opens x              | ask 2 x
            a opens b   | answer 1 dial b 7      | prepare 7; dial 7
            a opens b   | answer 1 dial x 7      | fail 1 CERTIFICATE_NAME_MISMATCH; end 7 CERTIFICATE_NAME_MISMATCH
            a opens b   | answer 1 dial dust 7   | fail 1 PROTOCOL_VIOLATION; end 7 PROTOCOL_VIOLATION
            a opens b   | answer 2 dial b 7      | end 7 CANCELLED
            a opens b   | answer 1 REFUSED       | fail 1 REFUSED
            a opens b   | answer 1 wait 7        | fail 1 CONNECTION_LOST
            a opens b   | time 9999              | ""
            a opens b   | time 10000             | fail 1 TIMEOUT
            a opens b   | link lost              | fail 1 CONNECTION_LOST
            a opens b   | shut down              | fail 1 SHUTTING_DOWN
            a opens x   | x introduced 7         | prepare 7; agree 7
            a opens b; time 10000 | answer 1 dial b 7 | end 7 CANCELLED
            a opens b; link lost  | linked       | ""

            a opens b; b introduced 7 | answer 1 wait 7  | ""
            a opens b; b introduced 7; contact 7 | opened 7 | complete 1 with 7
            a opens b; b introduced 7; answer 1 wait 7 | a opens b | ""
            a opens b; b introduced 7; answer 1 wait 7; contact 7 | opened 7 | complete 1 with 7
            a opens b; b introduced 7; answer 1 wait 7; contact 7 | closed 7 | remove 7; end 7 CONNECTION_LOST; fail 1 CONNECTION_LOST
            a opens b; b introduced 7; answer 1 wait 7 | time 8000 | remove 7; end 7 TIMEOUT; fail 1 TIMEOUT
            a opens b; b introduced 7; contact 7; closed 7 TIMEOUT | answer 1 wait 7 | fail 1 TIMEOUT
            a opens b; b introduced 7; contact 7; opened 7 | answer 1 wait 7 | ""

            b introduced 7 | a opens b           | ""
            b introduced 7 | b introduced 7      | refuse 7 PROTOCOL_VIOLATION
            b introduced 7 | coordinator ends 7  | remove 7; end 7 CANCELLED
            b introduced 7 | relay lost 7        | remove 7; end 7 CONNECTION_LOST
            b introduced 7 | link lost           | remove 7
            b introduced 7 | time 7999           | ""
            b introduced 7 | time 8000           | remove 7; end 7 TIMEOUT
            b introduced 7; contact 7 | contact 7   | already
            b introduced 7; contact 7 | time 8000   | ""
            b introduced 7; contact 7 | opened 7    | ""
            b introduced 7; contact 7 | a opens b   | ""
            b introduced 7; contact 7 | link lost   | close 7 CONNECTION_LOST
            b introduced 7; a opens b | link lost   | remove 7; fail 1 CONNECTION_LOST
            b introduced 7; a opens b; contact 7 | opened 7 | complete 1 with 7
            b introduced 7; a opens b; contact 7 | closed 7 | remove 7; end 7 CONNECTION_LOST; fail 1 CONNECTION_LOST
            b introduced 7; coordinator ends 7 | contact 7 | already

            a opens b; answer 1 dial b 7 | contact 7   | already
            a opens b; answer 1 dial b 7 | opened 7    | complete 1 with 7
            a opens b; answer 1 dial b 7 | closed 7    | remove 7; end 7 CONNECTION_LOST; fail 1 CONNECTION_LOST
            a opens b; answer 1 dial b 7 | relay lost 7 | close 7 CONNECTION_LOST
            a opens b; answer 1 dial b 7 | coordinator ends 7 | close 7 CANCELLED by peer
            a opens b; answer 1 dial b 7 | link lost   | close 7 CONNECTION_LOST; fail 1 CONNECTION_LOST
            a opens b; answer 1 dial b 7 | a opens b   | ""
            a opens b; a opens b; answer 1 dial b 7 | opened 7 | complete 1 with 7; complete 2 with 7
            a opens b; answer 1 dial b 7; time 10000 | a opens b | ask 2 b
            a opens b; answer 1 dial b 7; time 10000; a opens b | closed 7 | remove 7; end 7 CONNECTION_LOST
            """)
    void transition(String state, String event, String expected) {
        table(state, event, expected);
    }

    @ParameterizedTest(name = "open, {0} | {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            none        | a opens b              | complete 2 with 7
            none        | coordinator ends 7     | close 7 CANCELLED by peer
            none        | closed 7               | remove 7; end 7 CONNECTION_LOST
            none        | opened 7               | ""
            none        | shut down              | close 7 SHUTTING_DOWN
            none        | b introduced 9         | prepare 9; agree 9
            b introduced 9; contact 9 | opened 9 | close 7 REPLACED
            b introduced 9; contact 9; opened 9 | a opens b | complete 2 with 9
            b introduced 9; contact 9; opened 9 | closed 7 | remove 7; end 7 CONNECTION_LOST
            coordinator ends 7 | a opens b       | ask 2 b
            coordinator ends 7 | coordinator ends 7 | ""
            coordinator ends 7 | relay lost 7    | ""
            coordinator ends 7 | closed 7        | remove 7; end 7 CONNECTION_LOST
            closed 7    | a opens b              | ask 2 b
            closed 7    | closed 7               | ""
            closed 7    | coordinator ends 7     | ""

            none        | link lost              | ""
            link lost   | a opens b              | complete 2 with 7
            link lost   | closed 7               | remove 7
            link lost   | time 60000             | ""
            link lost   | linked                 | ask 2 b restores 7
            link lost; closed 7 | linked         | ""

            none         | relay lost 7          | ""
            relay lost 7 | time 999              | ""
            relay lost 7 | time 1000             | ask 2 b restores 7
            relay lost 7; relay lost 7 | time 1000 | ask 2 b restores 7
            relay lost 7; link lost | time 1000  | ""
            relay lost 7; link lost | linked     | ask 2 b restores 7
            relay lost 7 | closed 7              | remove 7; end 7 CONNECTION_LOST
            relay lost 7; closed 7 | time 1000   | ""
            relay lost 7 | b introduced 8 restores 7 | rebind 7; agree 8
            relay lost 7 | b introduced 8 restores 7 as b with another key | refuse 8 CERTIFICATE_MISMATCH
            relay lost 7 | x introduced 8 restores 7 as x | refuse 8 CONNECTION_LOST
            relay lost 7; b introduced 8 restores 7 | time 1000 | ""
            none         | b introduced 8 restores 7 | rebind 7; agree 8
            relay lost 7; b introduced 8 restores 7 | coordinator ends 8 | close 7 CANCELLED by peer
            relay lost 7; b introduced 8 restores 7 | relay lost 8 | ""
            relay lost 7; b introduced 8 restores 7 | b introduced 9 restores 7 | rebind 7; agree 9
            relay lost 7; b introduced 8 restores 7 | b introduced 9 restores 8 | refuse 9 CONNECTION_LOST
            relay lost 7; b introduced 8 restores 7; relay lost 8 | time 1000 | ask 2 b restores 7
            relay lost 7; b introduced 8 restores 7; link lost    | linked    | ask 2 b restores 7
            relay lost 7; b introduced 8 restores 7 | closed 7 | remove 7; end 8 CONNECTION_LOST

            relay lost 7; time 1000 | answer 2 dial b 8       | rebind 7
            relay lost 7; time 1000 | answer 2 dial b with another key 8 | end 8 CERTIFICATE_MISMATCH; close 7 CERTIFICATE_MISMATCH
            relay lost 7; time 1000 | answer 2 dial dust 8    | end 8 PROTOCOL_VIOLATION; close 7 PROTOCOL_VIOLATION
            relay lost 7; time 1000 | answer 2 wait 8         | ""
            relay lost 7; time 1000 | answer 2 REFUSED        | close 7 REFUSED
            relay lost 7; time 1000 | answer 2 REPLACED       | close 7 REPLACED
            relay lost 7; time 1000 | answer 2 CONNECTION_LOST | close 7 CONNECTION_LOST
            relay lost 7; time 1000 | answer 2 UNKNOWN_PEER   | ""
            relay lost 7; time 1000; answer 2 UNKNOWN_PEER | time 1000 | ask 3 b restores 7
            relay lost 7; time 1000; answer 2 RATE_LIMITED | time 1000 | ask 3 b restores 7
            relay lost 7; time 1000; answer 2 TIMEOUT      | time 1000 | ask 3 b restores 7
            relay lost 7; time 1000 | relay lost 7            | ""
            relay lost 7; time 1000 | link lost               | ""
            relay lost 7; time 1000; link lost | linked       | ask 3 b restores 7
            relay lost 7; time 1000 | b introduced 8 restores 7 | rebind 7; agree 8
            """)
    void transitionOfAnOpenChannel(String state, String event, String expected) {
        table(state.equals("none") ? DIALLED : DIALLED + "; " + state, event, expected);
    }

    @ParameterizedTest(name = "to oneself, {0} | {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            a opens a                             | a introduced 7  | prepare 7; agree 7
            a opens a; a introduced 7             | answer 1 dial a 7 | prepare 7'; dial 7'
            a opens a; a introduced 7             | a opens a       | ""
            a opens a; a introduced 7; answer 1 dial a 7; contact 7 | opened 7  | ""
            a opens a; a introduced 7; answer 1 dial a 7; contact 7; opened 7 | opened 7' | complete 1 with 7'
            a opens a; a introduced 7; answer 1 dial a 7; contact 7; opened 7; opened 7' | a opens a | complete 2 with 7'
            a opens a; a introduced 7; answer 1 dial a 7; contact 7; opened 7; opened 7' | coordinator ends 7 | close 7' CANCELLED by peer; close 7 CANCELLED by peer
            a opens a; a introduced 7; answer 1 dial a 7; contact 7; opened 7; opened 7'; link lost | linked | ask 2 a restores 7
            a opens a; a introduced 7; answer 1 dial a 7; contact 7; opened 7; opened 7'; link lost; linked | a introduced 8 restores 7 | rebind 7; agree 8
            a opens a; a introduced 7; answer 1 dial a 7; contact 7; opened 7; opened 7'; link lost; linked; a introduced 8 restores 7 | answer 2 dial a 8 | rebind 7'
            """)
    void transitionOfAChannelToOneself(String state, String event, String expected) {
        table(state, event, expected);
    }

    /** A request that is still under way when its time to ask again comes would be answered as if there were a newer channel. */
    @Test
    void asksForOneRelayAtATime() {
        happenAll(DIALLED, "relay lost 7", "link lost", "linked", "relay lost 7");

        assertThat(told(happen("time 60000"))).isEmpty();
        assertThat(told(happen("answer 2 dial b 8"))).isEqualTo("rebind 7");
    }

    /** It has no route any more. */
    @Test
    void aChannelThatEndedWhileItsRelayWasAskedForStaysEnded() {
        happenAll(DIALLED, "link lost", "linked", "closed 7");

        assertThat(told(happen("answer 2 dial b 8"))).isEqualTo("end 8 CANCELLED");
        assertThat(told(happen("a opens b"))).isEqualTo("ask 3 b");
    }

    /** Whatever the coordinator's limit is, and whoever runs it. */
    @Test
    void waitsForSoManyPeersAndRefusesFurtherOnes() {
        happenAll(DIALLED, "b introduced 8 restores 7");
        int first = 1_000;
        int beyond = first + PeerIntroductions.MAX_EXPECTED;
        for (int introduction = first; introduction < beyond; introduction++) {
            assertThat(told(happen("b introduced " + introduction))).endsWith("agree " + introduction);
        }

        assertThat(told(happen("b introduced " + beyond))).isEqualTo("refuse " + beyond + " CHANNEL_LIMIT");
        assertThat(told(happen("a opens x"))).isEqualTo("ask 2 x");
        assertThat(told(happen("answer 2 dial x 9"))).isEqualTo("prepare 9; dial 9");
        happen("coordinator ends " + first);
        assertThat(told(happen("b introduced " + beyond))).endsWith("agree " + beyond);
    }

    @Test
    void aChannelThatIsBeingClosedIsNotGivenToAnybody() {
        happenAll(ACCEPTED, "coordinator ends 7");

        assertThat(told(happen("a opens b"))).isEqualTo("ask 1 b");
    }

    @Test
    void theEndOfAnEarlierAttemptDoesNotFailALaterOne() {
        happenAll("a opens b", "answer 1 dial b 7", "time 10000", "a opens b", "closed 7");

        happen("answer 2 dial b 9");
        assertThat(told(happen("opened 9"))).isEqualTo("complete 2 with 9");
    }

    private void table(String state, String event, String expected) {
        happen("linked");
        if (!state.equals("none")) {
            Stream.of(state.split("; ", -1)).forEach(this::happen);
        }

        List<Action> actions = happen(event);

        assertThat(told(actions)).isEqualTo(expected.equals("already") ? "" : expected);
        if (event.startsWith("contact")) {
            assertThat(lastContact).isEqualTo(!expected.equals("already"));
        }
    }

    private boolean lastContact;

    private void happenAll(String... events) {
        happen("linked");
        for (String each : events) {
            Stream.of(each.split("; ", -1)).forEach(this::happen);
        }
    }

    private List<Action> happen(String event) {
        List<Action> actions = act(event);
        for (Action action : actions) {
            if (action instanceof Action.Prepare prepare) {
                String name = Long.toString(prepare.end().introduction());
                names.put(prepare.end(), names.containsValue(name) ? name + "'" : name);
            }
        }
        return actions;
    }

    private List<Action> act(String event) {
        String[] words = event.split(" ", -1);
        if (words.length > 1 && words[1].equals("opens")) {
            callers.add(new CompletableFuture<>());
            return introductions.open(now, new ClientId(words[2]), callers.get(callers.size() - 1), null);
        } else if (words.length > 1 && words[1].equals("introduced")) {
            return introductions.introduced(now, introduction(words, event));
        }
        return switch (words[0]) {
            case "linked" -> introductions.linked();
            case "link" -> introductions.linkLost(new CloseReason(ErrorCode.IDLE_TIMEOUT, "silence", false));
            case "shut" -> introductions.close(ErrorCode.SHUTTING_DOWN, "bye");
            case "answer" -> introductions.answered(now, answer(words));
            case "coordinator" ->
                introductions.ended(ChannelEnded.newBuilder()
                        .setIntroduction(Long.parseLong(words[2]))
                        .setCode((int) ErrorCode.CANCELLED.code())
                        .build());
            case "relay" ->
                introductions.relayLost(
                        now,
                        RelayLost.newBuilder()
                                .setIntroduction(Long.parseLong(words[2]))
                                .build());
            case "contact" -> {
                lastContact = introductions.contacted(end(words[1]));
                yield List.of();
            }
            case "opened" -> introductions.opened(end(words[1]));
            case "closed" ->
                introductions.closed(
                        end(words[1]),
                        new CloseReason(
                                words.length > 2 ? ErrorCode.valueOf(words[2]) : ErrorCode.CONNECTION_LOST,
                                "gone",
                                false));
            case "time" -> {
                now += Long.parseLong(words[1]);
                yield introductions.deadline() <= now ? introductions.timeout(now) : List.of();
            }
            default -> throw new IllegalArgumentException(event);
        };
    }

    private static Introduction introduction(String[] words, String event) {
        int as = event.indexOf(" as ");
        Introduction.Builder message = Introduction.newBuilder()
                .setIntroduction(Long.parseLong(words[2]))
                .setPeer(words[0])
                .setRelayHandle(Long.parseLong(words[2]) * 10)
                .setCertificate(der(as < 0 ? words[0] : event.substring(as + 4)));
        return words.length > 3 && words[3].equals("restores")
                ? message.setRestores(Long.parseLong(words[4])).build()
                : message.build();
    }

    private static ChannelAnswer answer(String[] words) {
        ChannelAnswer.Builder message = ChannelAnswer.newBuilder().setRequest(Long.parseLong(words[1]));
        String last = words[words.length - 1];
        return switch (words[2]) {
            case "dial" ->
                message.setIntroduction(Long.parseLong(last))
                        .setRelayHandle(Long.parseLong(last) * 10 + 1)
                        .setCertificate(der(String.join(" ", List.of(words).subList(3, words.length - 1))))
                        .build();
            case "wait" -> message.setIntroduction(Long.parseLong(last)).build();
            default -> message.setCode((int) ErrorCode.valueOf(words[2]).code()).build();
        };
    }

    private static ByteString der(String who) {
        return who.equals("dust") ? ByteString.copyFromUtf8("dust") : Objects.requireNonNull(CERTIFICATES.get(who));
    }

    private PeerEnd end(String name) {
        return names.entrySet().stream()
                .filter(each -> each.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findAny()
                .orElseThrow();
    }

    /** Which caller, from 1: a future equals only itself. */
    @SuppressWarnings("ReferenceEquality")
    private int number(CompletableFuture<?> caller) {
        return 1
                + IntStream.range(0, callers.size())
                        .filter(i -> callers.get(i) == caller)
                        .findFirst()
                        .orElseThrow();
    }

    private String told(List<Action> actions) {
        return actions.stream().map(this::told).collect(Collectors.joining("; "));
    }

    private String told(Action action) {
        if (action instanceof Action.Ask it) {
            String restores = it.restores() == 0 ? "" : " restores " + it.restores();
            return "ask " + it.request() + " " + it.peer() + restores;
        } else if (action instanceof Action.Reply it) {
            return it.code() == ErrorCode.NO_ERROR
                    ? "agree " + it.introduction()
                    : "refuse " + it.introduction() + " " + it.code();
        } else if (action instanceof Action.Ended it) {
            return "end " + it.introduction() + " " + it.code();
        } else if (action instanceof Action.Prepare it) {
            assertThat(it.handle() / 10).isEqualTo(it.end().introduction());
            return "prepare " + names.get(it.end());
        } else if (action instanceof Action.Dial it) {
            return "dial " + names.get(it.end());
        } else if (action instanceof Action.Rebind it) {
            assertThat(it.handle() / 10).isEqualTo(it.end().introduction());
            return "rebind " + names.get(it.end());
        } else if (action instanceof Action.Close it) {
            return "close " + names.get(it.end()) + " " + it.code() + (it.byPeer() ? " by peer" : "");
        } else if (action instanceof Action.Remove it) {
            return "remove " + names.get(it.end());
        } else if (action instanceof Action.Complete it) {
            return "complete " + number(it.caller()) + " with " + names.get(it.end());
        } else if (action instanceof Action.Fail it) {
            return "fail " + number(it.caller()) + " " + it.cause().code();
        }
        throw new IllegalArgumentException(action.toString());
    }

    private static ByteString certificate(String id) {
        try {
            return ByteString.copyFrom(
                    Identity.generate(new ClientId(id)).certificate().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}
