package io.conec.natlab;

import io.conec.client.PathPolicy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients take the paths that both of them let their channel take. */
@InLaboratory
final class PathPolicyTests {
    private static NatMatrix matrix;

    @BeforeAll
    static void connect() {
        matrix = new NatMatrix("policies");
        add("auto", Nat.PORT_DEPENDENT, PathPolicy.AUTO);
        add("relay-only", Nat.PORT_DEPENDENT, PathPolicy.RELAY_ONLY);
        add("direct-only-one", Nat.PORT_DEPENDENT, PathPolicy.DIRECT_ONLY);
        add("direct-only-other", Nat.PORT_DEPENDENT, PathPolicy.DIRECT_ONLY);
        add("direct-only-symmetric", Nat.SYMMETRIC, PathPolicy.DIRECT_ONLY);
        matrix.awaitConnected();
    }

    private static void add(String id, Nat nat, PathPolicy policy) {
        matrix.add(
                id,
                policy,
                internet -> internet.router("router-" + id, nat, Family.IPV4).host(id));
    }

    @AfterAll
    static void close() {
        matrix.close();
    }

    @Test
    void relayOnlyStaysRelayed() {
        matrix.staysRelayed("auto", "relay-only");
    }

    @Test
    void directOnlyOpensWhereThereIsADirectPath() {
        matrix.opensDirect("direct-only-one", "direct-only-other");
        matrix.opensDirect("auto", "direct-only-one");
    }

    @Test
    void directOnlySaysThatThereIsNoDirectPath() {
        matrix.refuses("direct-only-one", "direct-only-symmetric", "NO_DIRECT_PATH");
        matrix.refuses("direct-only-symmetric", "auto", "NO_DIRECT_PATH");
    }

    @Test
    void relayOnlyAndDirectOnlyHaveNothingInCommon() {
        matrix.refuses("relay-only", "direct-only-one", "NO_DIRECT_PATH");
        matrix.refuses("direct-only-other", "relay-only", "NO_DIRECT_PATH");
    }
}
