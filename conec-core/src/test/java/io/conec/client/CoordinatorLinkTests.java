package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which of a host's addresses a client tries. */
final class CoordinatorLinkTests {
    @Test
    void triesTheAddressesInTheOrderThatTheSystemPrefers() throws Exception {
        InetAddress[] addresses = {InetAddress.getByName("192.0.2.1"), InetAddress.getByName("2001:db8::1")};

        assertThat(IntStream.rangeClosed(1, 4).mapToObj(attempt -> CoordinatorLink.choose(addresses, attempt)))
                .containsExactly(addresses[0], addresses[1], addresses[0], addresses[1]);
    }
}
