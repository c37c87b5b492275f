package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No real packet may pass for a peer's: the router drops what claims to come from these addresses. */
final class VirtualAddressTests {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 255, Long.MAX_VALUE, -1})
    void recognizesEveryAddressThatItMakes(long number) {
        assertThat(VirtualAddress.isVirtual(VirtualAddress.of(number))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"100::", "100::1", "100::ffff:ffff:ffff:ffff"})
    void coversTheWholePrefixWhateverThePort(String address) {
        assertThat(VirtualAddress.isVirtual(new InetSocketAddress(address, 4_242)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0.0.0", "127.0.0.1", "::1", "::", "100:0:0:1::", "101::", "ff:ffff::", "fe80::100"})
    void takesNoOther(String address) {
        assertThat(VirtualAddress.isVirtual(new InetSocketAddress(address, 1_719)))
                .isFalse();
    }

    @Test
    void givesEachNumberAnAddressOfItsOwn() {
        assertThat(VirtualAddress.of(1)).isNotEqualTo(VirtualAddress.of(2)).isEqualTo(VirtualAddress.of(1));
        assertThat(VirtualAddress.LOCAL).isNotEqualTo(VirtualAddress.of(1));
    }
}
