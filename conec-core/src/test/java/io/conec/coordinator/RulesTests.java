package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.security.Identity;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RulesTests {
    private static final X509Certificate CERTIFICATE =
            Identity.generate(new ClientId("any")).certificate();

    /** The rule allows; no other kind of request is matched. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "*,        -,         -,     -,    CONNECT,     alice,    -,           true",
                "alice,    -,         -,     -,    CONNECT,     alice,    -,           true",
                "alice,    -,         -,     -,    CONNECT,     alice2,   -,           false",
                "sensor-*, -,         -,     -,    CONNECT,     sensor-1, -,           true",
                "*,        -,         -,     -,    INTRODUCE,   alice,    bob,         true",
                "*,        -,         -,     -,    SEND,        alice,    chat,        true",
                "alice,    bob,       -,     -,    INTRODUCE,   alice,    bob,         true",
                "alice,    bob,       -,     -,    SEE,         alice,    bob,         true",
                "alice,    bob,       -,     -,    INTRODUCE,   bob,      alice,       false",
                "alice,    *.example, -,     -,    INTRODUCE,   alice,    a.b.example, true",
                "alice,    *.example, -,     -,    INTRODUCE,   alice,    example,     false",
                "alice,    bob,       -,     -,    CONNECT,     alice,    -,           false",
                "alice,    bob,       -,     -,    JOIN,        alice,    bob,         false",
                "*,        -,         log-*, -,    OPEN_STREAM, alice,    log-1,       true",
                "*,        -,         log-*, -,    OPEN_STREAM, alice,    logs,        false",
                "*,        -,         log-*, -,    JOIN,        alice,    log-1,       false",
                "*,        -,         -,     chat, JOIN,        alice,    chat,        true",
                "*,        -,         -,     chat, SEND,        alice,    chat,        true",
                "*,        -,         -,     chat, SEND,        alice,    Chat,        false",
                "*,        -,         -,     chat, OPEN_STREAM, alice,    chat,        false"
            })
    void aRuleMatchesItsKindsAndPatterns(
            String from,
            @Nullable String to,
            @Nullable String stream,
            @Nullable String group,
            AccessKind kind,
            String requester,
            @Nullable String object,
            boolean matches) {
        Rules rules = rules(new AccessRule(Access.ALLOW, Set.of(), from, to, stream, group));

        assertThat(rules.decide(request(kind, requester, String.valueOf(object))))
                .isEqualTo(matches ? Access.ALLOW : null);
    }

    @Test
    void aRuleMayBeForSomeKindsOnly() {
        Rules rules = rules(
                new AccessRule(Access.DENY, Set.of(AccessKind.SEND), "*", null, null, "news"),
                new AccessRule(Access.ALLOW, Set.of(AccessKind.CONNECT, AccessKind.JOIN), "*", null, null, null));

        assertThat(rules.decide(request(AccessKind.SEND, "alice", "news"))).isEqualTo(Access.DENY);
        assertThat(rules.decide(request(AccessKind.JOIN, "alice", "news"))).isEqualTo(Access.ALLOW);
        assertThat(rules.decide(request(AccessKind.CONNECT, "alice", ""))).isEqualTo(Access.ALLOW);
        assertThat(rules.decide(request(AccessKind.INTRODUCE, "alice", "bob"))).isNull();
    }

    @Test
    void theFirstRuleThatMatchesDecides() {
        AccessRule allow = new AccessRule(Access.ALLOW, Set.of(), "alice", "bob", null, null);
        AccessRule deny = new AccessRule(Access.DENY, Set.of(), "*", "bob", null, null);
        AccessRequest request = request(AccessKind.INTRODUCE, "alice", "bob");

        assertThat(rules(allow, deny).decide(request)).isEqualTo(Access.ALLOW);
        assertThat(rules(deny, allow).decide(request)).isEqualTo(Access.DENY);
    }

    @Test
    void aRuleWithoutKindsIsForThoseThatGoWithItsFields() {
        assertThat(new AccessRule(Access.DENY, Set.of(), "*", null, null, null).kinds())
                .isEqualTo(EnumSet.allOf(AccessKind.class));
        assertThat(new AccessRule(Access.DENY, Set.of(), "*", "*", null, null).kinds())
                .containsExactlyInAnyOrder(AccessKind.INTRODUCE, AccessKind.SEE);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "'',     -,   -, -,  matches no client id",
                "Alice,  -,   -, -,  matches no client id",
                "a b,    -,   -, -,  matches no client id",
                "*,      B,   -, -,  matches no client id",
                "*,      bob, x, -,  one of to",
                "*,      -,   x, y,  one of to",
                "*,      -,  '', -,  stream may not be empty",
                "*,      -,   -, '', group may not be empty"
            })
    void aRuleThatCannotMatchIsRefused(
            String from, @Nullable String to, @Nullable String stream, @Nullable String group, String message) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> new AccessRule(Access.ALLOW, Set.of(), from, to, stream, group))
                .withMessageContaining(message)
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION);
    }

    @Test
    void aKindThatDoesNotGoWithTheFieldsIsRefused() {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> new AccessRule(Access.ALLOW, Set.of(AccessKind.CONNECT), "*", null, null, "chat"))
                .withMessageContaining("CONNECT");
    }

    private static Rules rules(AccessRule... rules) {
        return new Rules(new AccessPolicy(List.of(rules), null, Access.DENY));
    }

    private static AccessRequest request(AccessKind kind, String from, String object) {
        AccessRequest.Client client = new AccessRequest.Client(new ClientId(from), CERTIFICATE);
        return switch (kind) {
            case CONNECT -> new AccessRequest.Connect(client);
            case INTRODUCE -> new AccessRequest.Introduce(client, new ClientId(object));
            case SEE -> new AccessRequest.See(client, new ClientId(object));
            case OPEN_STREAM -> new AccessRequest.OpenStream(client, object);
            case JOIN -> new AccessRequest.Join(client, object);
            case SEND -> new AccessRequest.Send(client, object);
        };
    }
}
