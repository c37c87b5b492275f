package io.conec.benchmarks.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a receiver checks. */
final class PayloadTests {
    @ParameterizedTest
    @ValueSource(ints = {16, 17, 64, 1024, 65_536})
    void knowsItsMessages(int size) {
        Payload payload = new Payload(size);
        byte[] message = payload.message(42);
        ByteBuf buffer = Unpooled.buffer().writeZero(3).skipBytes(3);
        payload.write(42, buffer);

        assertThat(message).hasSize(size);
        assertThat(Payload.first(message)).isEqualTo(42);
        assertThat(payload.isIntact(message)).isTrue();
        assertThat(buffer.readableBytes()).isEqualTo(size);
        assertThat(payload.isIntact(buffer, size)).isTrue();
        assertThat(buffer.readableBytes()).isEqualTo(size);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 48, 56})
    void noticesWhatWasChanged(int at) {
        Payload payload = new Payload(64);
        byte[] message = payload.message(42);
        message[at + 7] ^= 1;

        assertThat(payload.isIntact(message)).isFalse();
        assertThat(payload.isIntact(Unpooled.wrappedBuffer(message), 64)).isFalse();
    }

    @Test
    void noticesWhatWasShiftedOrCut() {
        Payload payload = new Payload(1024);
        byte[] shifted = new byte[1024];
        System.arraycopy(payload.message(1), 0, shifted, 1, 1023);

        assertThat(payload.isIntact(shifted)).isFalse();
        assertThat(payload.isIntact(new byte[1023])).isFalse();
    }

    @Test
    void countsWhatIsMissingDamagedOrLate() {
        Sink sink = new Sink();
        Payload payload = new Payload(64);
        sink.message(payload.message(0));
        sink.message(payload.message(1));
        sink.message(payload.message(4));
        sink.message(payload.message(3));
        sink.message(new byte[64]);

        assertThat(sink.messages()).isEqualTo(5);
        assertThat(sink.bytes()).isEqualTo(5 * 64);
        assertThat(sink.errors()).isEqualTo(2 + 1 + 1);
    }

    @Test
    void takesASecondSenderForANewOne() {
        Sink sink = new Sink();
        Payload payload = new Payload(64);
        sink.message(payload.message(0));
        sink.message(payload.message(1));
        sink.message(payload.message(0));

        assertThat(sink.errors()).isZero();
    }
}
