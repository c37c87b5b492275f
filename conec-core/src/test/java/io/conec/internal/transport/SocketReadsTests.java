package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When QUIC gets its turn. */
final class SocketReadsTests {
    private static final int BUFFER = 65_536;

    @ParameterizedTest
    @CsvSource({"65536, 16", "4096, 256", "40, 256"})
    void readsUntilThereAreManyBytesOrManyDatagrams(int datagram, int reads) {
        RecvByteBufAllocator.ExtendedHandle handle = handle();

        assertThat(readsUntilTheEnd(handle, datagram)).isEqualTo(reads);
    }

    @Test
    void beginsAnewWithEachTurn() {
        RecvByteBufAllocator.ExtendedHandle handle = handle();
        readsUntilTheEnd(handle, BUFFER);

        assertThat(readsUntilTheEnd(handle, BUFFER)).isEqualTo(16);
    }

    @Test
    void readsWithBuffersOfThatSize() {
        assertThat(handle().guess()).isEqualTo(BUFFER);
    }

    private static RecvByteBufAllocator.ExtendedHandle handle() {
        return (RecvByteBufAllocator.ExtendedHandle) new SocketReads(BUFFER).newHandle();
    }

    private static int readsUntilTheEnd(RecvByteBufAllocator.ExtendedHandle handle, int datagram) {
        EmbeddedChannel channel = new EmbeddedChannel();
        try {
            handle.reset(channel.config());
            int reads = 0;
            do {
                handle.lastBytesRead(datagram);
                handle.incMessagesRead(1);
                reads++;
            } while (handle.continueReading(() -> true));
            return reads;
        } finally {
            channel.close();
        }
    }
}
