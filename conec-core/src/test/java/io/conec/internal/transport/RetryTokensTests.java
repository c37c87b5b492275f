package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.Quic;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RetryTokensTests {
    private static final int REFUSED = -1;
    private static final int HEAD_BYTES = 32 + 8;
    private static final InetSocketAddress CLIENT = address("127.0.0.1", 50_000);
    private static final byte[] CONNECTION_ID = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");

    private Instant now = Instant.parse("2030-01-01T00:00:00Z");
    private final RetryTokens tokens = new RetryTokens(() -> now, new SecureRandom());

    @Test
    void aTokenIsGoodForTheAddressThatItWasMadeFor() {
        byte[] token = write(CLIENT);

        assertThat(validate(token, CLIENT)).isEqualTo(HEAD_BYTES);
        assertThat(validate(token, address("127.0.0.1", 50_000))).isEqualTo(HEAD_BYTES);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 50001", "127.0.0.1, 0", "127.0.0.2, 50000", "::1, 50000", "::ffff:7f00:1:0, 50000"})
    void aTokenIsWorthNothingFromAnotherAddressOrPort(String host, int port) {
        assertThat(validate(write(CLIENT), address(host, port))).isEqualTo(REFUSED);
    }

    @ParameterizedTest
    @CsvSource({"::1, ::2", "::1, 127.0.0.1"})
    void ipv6AddressesAreBoundAsWell(String host, String other) {
        byte[] token = write(address(host, 443));

        assertThat(validate(token, address(host, 443))).isEqualTo(HEAD_BYTES);
        assertThat(validate(token, address(other, 443))).isEqualTo(REFUSED);
    }

    @ParameterizedTest
    @CsvSource({"0, true", "1, true", "15000, true", "15001, false", "86400000, false"})
    void aTokenExpiresAfterFifteenSeconds(long laterMillis, boolean valid) {
        byte[] token = write(CLIENT);

        now = now.plusMillis(laterMillis);

        assertThat(validate(token, CLIENT)).isEqualTo(valid ? HEAD_BYTES : REFUSED);
    }

    @Test
    void aTokenFromTheFutureIsRefused() {
        byte[] token = write(CLIENT);

        now = now.minusMillis(1);

        assertThat(validate(token, CLIENT)).isEqualTo(REFUSED);
    }

    @Test
    void aChangeOfAnyByteIsNoticed() {
        byte[] token = write(CLIENT);
        for (int i = 0; i < token.length; i++) {
            for (int change : new int[] {0x01, 0x80, 0xff}) {
                byte[] changed = token.clone();
                changed[i] ^= (byte) change;

                assertThat(validate(changed, CLIENT)).as("byte %d", i).isEqualTo(REFUSED);
            }
        }
    }

    @Test
    void aTokenCutOffOrLengthenedIsRefused() {
        byte[] token = write(CLIENT);
        for (int length = 0; length < token.length; length++) {
            assertThat(validate(Arrays.copyOf(token, length), CLIENT))
                    .as("%d bytes", length)
                    .isEqualTo(REFUSED);
        }
        for (int more = 1; more < 30; more++) {
            assertThat(validate(Arrays.copyOf(token, token.length + more), CLIENT))
                    .as("%d bytes more", more)
                    .isEqualTo(REFUSED);
        }
    }

    @Test
    void anotherCoordinatorsTokenIsRefused() {
        RetryTokens other = new RetryTokens(() -> now, new SecureRandom());

        assertThat(other.validateToken(Unpooled.wrappedBuffer(write(CLIENT)), CLIENT))
                .isEqualTo(REFUSED);
    }

    /** What validation returns is where the original destination connection id begins, which QUIC goes on with. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8, 16, 20})
    void theConnectionIdStandsAtTheEnd(int idBytes) {
        byte[] id = new byte[idBytes];
        new SecureRandom().nextBytes(id);
        ByteBuf token = Unpooled.buffer();

        assertThat(tokens.writeToken(token, Unpooled.wrappedBuffer(id), CLIENT)).isTrue();

        int offset = tokens.validateToken(token, CLIENT);
        assertThat(offset).isEqualTo(HEAD_BYTES);
        assertThat(ByteBufUtil.getBytes(token, offset, token.readableBytes() - offset))
                .isEqualTo(id);
        assertThat(token.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
    }

    /** The codec's buffers need not begin at index 0, and are still needed afterwards. */
    @Test
    void neitherIdNorTokenIsConsumed() {
        ByteBuf id = Unpooled.wrappedBuffer(new byte[] {9, 9, 1, 2, 3}).skipBytes(2);
        ByteBuf token = Unpooled.buffer().writeZero(5).skipBytes(5);

        tokens.writeToken(token, id, CLIENT);

        assertThat(id.readableBytes()).isEqualTo(3);
        assertThat(tokens.validateToken(token, CLIENT)).isEqualTo(HEAD_BYTES);
        assertThat(token.readableBytes()).isEqualTo(HEAD_BYTES + 3);
    }

    @Property
    void noStringOfBytesIsAToken(@ForAll @Size(max = HEAD_BYTES + Quic.MAX_CONN_ID_LEN + 5) byte[] garbage) {
        assertThat(validate(garbage, CLIENT)).isEqualTo(REFUSED);
    }

    private byte[] write(InetSocketAddress address) {
        ByteBuf token = Unpooled.buffer();
        tokens.writeToken(token, Unpooled.wrappedBuffer(CONNECTION_ID), address);
        return ByteBufUtil.getBytes(token);
    }

    private int validate(byte[] token, InetSocketAddress address) {
        return tokens.validateToken(Unpooled.wrappedBuffer(token), address);
    }

    private static InetSocketAddress address(String literal, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(literal), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
