package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.internal.protocol.Candidate.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LocalCandidatesTests {
    private static final int PORT = 5_000;
    private static final InetSocketAddress PUBLIC = new InetSocketAddress("203.0.113.5", 61_000);

    private static final InetSocketAddress COORDINATOR = new InetSocketAddress("192.0.2.1", 1719);

    private final LocalCandidates candidates = new LocalCandidates(
            new InetSocketAddress("0.0.0.0", PORT), List.of(new InetSocketAddress("198.51.100.1", 1_720)));

    @Test
    void areOfTheInterfacesTheCoordinatorAndTheConfiguration() throws Exception {
        candidates.hosts(List.of(InetAddress.getByName("10.0.0.2"), InetAddress.getLoopbackAddress()));
        candidates.observed(PUBLIC, COORDINATOR);

        assertThat(candidates.all())
                .containsEntry(new InetSocketAddress("10.0.0.2", PORT), Kind.HOST)
                .containsEntry(PUBLIC, Kind.SERVER_REFLEXIVE)
                .containsEntry(new InetSocketAddress("198.51.100.1", 1_720), Kind.CONFIGURED)
                .hasSize(3);
    }

    @Test
    void nameTheLoopbackInterfaceOnlyIfTheCoordinatorIsThere() {
        candidates.hosts(List.of(InetAddress.getLoopbackAddress()));
        candidates.observed(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1719));

        assertThat(candidates.onLoopback()).isTrue();
        assertThat(candidates.all()).containsKey(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
    }

    /** Else it and a peer could have this client send to what listens on its own host. */
    @Test
    void areNotOnTheLoopbackInterfaceOfACoordinatorThatIsElsewhere() {
        candidates.hosts(List.of(InetAddress.getLoopbackAddress()));
        candidates.observed(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT), COORDINATOR);

        assertThat(candidates.onLoopback()).isFalse();
        assertThat(candidates.all()).containsOnlyKeys(new InetSocketAddress("198.51.100.1", 1_720));
    }

    @Test
    void tellWhetherTheyHaveChanged() throws Exception {
        List<InetAddress> hosts = List.of(InetAddress.getByName("10.0.0.2"));

        assertThat(candidates.hosts(hosts)).isTrue();
        assertThat(candidates.hosts(hosts)).isFalse();
        assertThat(candidates.observed(PUBLIC, COORDINATOR)).isTrue();
        assertThat(candidates.observed(PUBLIC, COORDINATOR)).isFalse();
    }

    @Test
    void aSocketBoundToOneAddressHasThatOne() throws Exception {
        InetAddress bound = InetAddress.getByName("127.0.0.7");

        assertThat(LocalCandidates.interfaces(bound)).containsExactly(bound);
    }

    @Test
    void interfacesHaveNoLinkLocalAddresses() throws Exception {
        assertThat(LocalCandidates.interfaces(InetAddress.getByName("::")))
                .isNotEmpty()
                .noneMatch(InetAddress::isLinkLocalAddress);
        assertThat(LocalCandidates.interfaces(InetAddress.getByName("0.0.0.0")))
                .isNotEmpty()
                .allMatch(address -> address.getAddress().length == 4);
    }

    @Test
    void withoutANatTheCoordinatorSeesAnAddressOfThisHost() throws Exception {
        candidates.hosts(List.of(InetAddress.getByName("10.0.0.2")));
        candidates.observed(new InetSocketAddress("10.0.0.2", PORT), COORDINATOR);

        assertThat(candidates.mapping()).isEqualTo(NatMapping.NONE);
    }

    @Test
    void aNatIsEndpointIndependentIfAPeerSeesTheSameAddress() {
        candidates.observed(PUBLIC, COORDINATOR);
        assertThat(candidates.mapping()).isEqualTo(NatMapping.UNKNOWN);
        candidates.observedByPeer(PUBLIC);

        assertThat(candidates.mapping()).isEqualTo(NatMapping.ENDPOINT_INDEPENDENT);
    }

    @Test
    void aNatIsEndpointDependentIfAPeerSeesAnotherAddress() {
        candidates.observed(PUBLIC, COORDINATOR);
        candidates.observedByPeer(new InetSocketAddress("203.0.113.5", 61_001));

        assertThat(candidates.mapping()).isEqualTo(NatMapping.ENDPOINT_DEPENDENT);
    }

    @Test
    void aPeerOnTheSameNetworkSaysNothingAboutTheNat() throws Exception {
        candidates.hosts(List.of(InetAddress.getByName("10.0.0.2")));
        candidates.observed(PUBLIC, COORDINATOR);
        candidates.observedByPeer(new InetSocketAddress("10.0.0.2", PORT));

        assertThat(candidates.mapping()).isEqualTo(NatMapping.UNKNOWN);
    }

    @Test
    void aPeerThatSeesAnAddressOfTheOtherFamilySaysNothingAboutTheNat() {
        candidates.observed(PUBLIC, COORDINATOR);
        candidates.observedByPeer(new InetSocketAddress("2001:db8::5", 61_000));

        assertThat(candidates.mapping()).isEqualTo(NatMapping.UNKNOWN);
    }
}
