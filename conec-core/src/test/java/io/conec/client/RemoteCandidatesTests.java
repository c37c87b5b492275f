package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.conec.internal.protocol.Candidate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RemoteCandidatesTests {
    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "10.0.0.1", "2001:db8::1", "fd00::1"})
    void takesWhereAHostMayBe(String address) throws Exception {
        assertThat(admissible(false, true, candidate(address, 5))).containsExactly(new InetSocketAddress(address, 5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "255.255.255.255",
                "240.0.0.1",
                "224.0.0.1",
                "239.1.2.3",
                "169.254.1.1",
                "::",
                "ff02::1",
                "fe80::1",
                "100::1",
                "::ffff:127.0.0.1",
                "::ffff:224.0.0.1",
                "127.0.0.1",
                "127.1.2.3",
                "::1"
            })
    void refusesWhereNoPeerIs(String address) throws Exception {
        assertThat(admissible(false, true, candidate(address, 5))).isEmpty();
    }

    @Test
    void refusesPortZero() throws Exception {
        assertThat(admissible(false, true, candidate("192.0.2.1", 0))).isEmpty();
    }

    @Test
    void takesLoopbackAddressesIfBothAreOnTheCoordinatorsHost() throws Exception {
        assertThat(admissible(true, true, candidate("127.0.0.1", 5), candidate("::1", 5)))
                .hasSize(2);
    }

    @Test
    void leavesIpv6OutIfTheSocketHasNone() throws Exception {
        assertThat(admissible(false, false, candidate("2001:db8::1", 5), candidate("192.0.2.1", 5)))
                .containsExactly(new InetSocketAddress("192.0.2.1", 5));
    }

    @ParameterizedTest
    @CsvSource({"0, 5", "3, 5", "5, 5", "17, 5", "4, 65536", "4, -1"})
    void leavesOutWhatIsNoAddress(int length, int port) {
        Candidate malformed = Candidate.newBuilder()
                .setAddress(ByteString.copyFrom(new byte[length]))
                .setPort(port)
                .build();

        assertThat(admissible(false, true, malformed)).isEmpty();
    }

    @Test
    void takesEachOnceAndNoMoreThanTheLimit() {
        List<Candidate> many = IntStream.rangeClosed(1, 100)
                .mapToObj(port -> candidate("192.0.2.1", 1 + port / 2))
                .toList();

        assertThat(RemoteCandidates.admissible(many, false, true))
                .hasSize(RemoteCandidates.MAX)
                .doesNotHaveDuplicates()
                .startsWith(new InetSocketAddress("192.0.2.1", 1), new InetSocketAddress("192.0.2.1", 2));
    }

    private static List<InetSocketAddress> admissible(boolean onLoopback, boolean ipv6, Candidate... candidates) {
        return RemoteCandidates.admissible(List.of(candidates), onLoopback, ipv6);
    }

    private static Candidate candidate(String address, int port) {
        try {
            return Candidate.newBuilder()
                    .setAddress(
                            ByteString.copyFrom(InetAddress.getByName(address).getAddress()))
                    .setPort(port)
                    .build();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
