package io.conec.natlab;

import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Which two clients get a direct channel, for IPv4, by the NATs that they are behind. A hole is punched by both sides' sending to where the other's packets come
 * from. That is not known where a symmetric NAT takes a new port for it, so then the other side has to let in any port; where it does not, the channel stays relayed.
 */
@InLaboratory
final class NatMatrixTests {
    private static NatMatrix matrix;

    @BeforeAll
    static void connect() {
        matrix = new NatMatrix("matrix");
        for (String side : new String[] {"one", "other"}) {
            add("none-" + side);
            for (Nat nat :
                    new Nat[] {Nat.ENDPOINT_INDEPENDENT, Nat.ADDRESS_DEPENDENT, Nat.PORT_DEPENDENT, Nat.SYMMETRIC}) {
                add(nat.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + side, nat);
            }
        }
        addLan("home", Nat.PORT_DEPENDENT);
        addLan("office", Nat.SYMMETRIC);
        Host one = matrix.internet().host("blocked-one", Family.IPV4);
        Host other = matrix.internet().host("blocked-other", Family.IPV4);
        matrix.internet().block(one.uplink(), other.uplink());
        matrix.add("blocked-one", internet -> one);
        matrix.add("blocked-other", internet -> other);
        matrix.awaitConnected();
    }

    private static void add(String id) {
        matrix.add(id, internet -> internet.host(id, Family.IPV4));
    }

    private static void add(String id, Nat nat) {
        matrix.add(
                id,
                internet -> internet.router("router-" + id, nat, Family.IPV4).host(id));
    }

    private static void addLan(String name, Nat nat) {
        Router router = matrix.internet().router(name, nat, Family.IPV4);
        for (String id : new String[] {name + "-one", name + "-other"}) {
            matrix.add(id, internet -> router.host(id));
        }
    }

    @AfterAll
    static void close() {
        matrix.close();
    }

    @Test
    void noneToNone() {
        matrix.becomesDirect("none-one", "none-other");
    }

    @Test
    void noneToEndpointIndependent() {
        matrix.becomesDirect("none-one", "endpoint-independent-other");
    }

    @Test
    void noneToAddressDependent() {
        matrix.becomesDirect("none-one", "address-dependent-other");
    }

    @Test
    void noneToPortDependent() {
        matrix.becomesDirect("none-one", "port-dependent-other");
    }

    @Test
    void noneToSymmetric() {
        matrix.becomesDirect("none-one", "symmetric-other");
    }

    @Test
    void endpointIndependentToNone() {
        matrix.becomesDirect("endpoint-independent-one", "none-other");
    }

    @Test
    void endpointIndependentToEndpointIndependent() {
        matrix.becomesDirect("endpoint-independent-one", "endpoint-independent-other");
    }

    @Test
    void endpointIndependentToAddressDependent() {
        matrix.becomesDirect("endpoint-independent-one", "address-dependent-other");
    }

    @Test
    void endpointIndependentToPortDependent() {
        matrix.becomesDirect("endpoint-independent-one", "port-dependent-other");
    }

    @Test
    void endpointIndependentToSymmetric() {
        matrix.becomesDirect("endpoint-independent-one", "symmetric-other");
    }

    @Test
    void addressDependentToNone() {
        matrix.becomesDirect("address-dependent-one", "none-other");
    }

    @Test
    void addressDependentToEndpointIndependent() {
        matrix.becomesDirect("address-dependent-one", "endpoint-independent-other");
    }

    @Test
    void addressDependentToAddressDependent() {
        matrix.becomesDirect("address-dependent-one", "address-dependent-other");
    }

    @Test
    void addressDependentToPortDependent() {
        matrix.becomesDirect("address-dependent-one", "port-dependent-other");
    }

    @Test
    void addressDependentToSymmetric() {
        matrix.becomesDirect("address-dependent-one", "symmetric-other");
    }

    @Test
    void portDependentToNone() {
        matrix.becomesDirect("port-dependent-one", "none-other");
    }

    @Test
    void portDependentToEndpointIndependent() {
        matrix.becomesDirect("port-dependent-one", "endpoint-independent-other");
    }

    @Test
    void portDependentToAddressDependent() {
        matrix.becomesDirect("port-dependent-one", "address-dependent-other");
    }

    @Test
    void portDependentToPortDependent() {
        matrix.becomesDirect("port-dependent-one", "port-dependent-other");
    }

    @Test
    void portDependentToSymmetric() {
        matrix.staysRelayed("port-dependent-one", "symmetric-other");
    }

    @Test
    void symmetricToNone() {
        matrix.becomesDirect("symmetric-one", "none-other");
    }

    @Test
    void symmetricToEndpointIndependent() {
        matrix.becomesDirect("symmetric-one", "endpoint-independent-other");
    }

    @Test
    void symmetricToAddressDependent() {
        matrix.becomesDirect("symmetric-one", "address-dependent-other");
    }

    @Test
    void symmetricToPortDependent() {
        matrix.staysRelayed("symmetric-one", "port-dependent-other");
    }

    @Test
    void symmetricToSymmetric() {
        matrix.staysRelayed("symmetric-one", "symmetric-other");
    }

    @Test
    void sameLanBehindOnePortDependentNat() {
        matrix.becomesDirect("home-one", "home-other");
    }

    @Test
    void sameLanBehindOneSymmetricNat() {
        matrix.becomesDirect("office-one", "office-other");
    }

    @Test
    void udpBlockedBetweenTheTwo() {
        matrix.staysRelayed("blocked-one", "blocked-other");
    }
}
