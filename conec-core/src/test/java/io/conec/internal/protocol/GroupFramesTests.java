package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.SlowReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GroupFramesTests {
    /** Around each size at which a length takes one byte more. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 120, 127, 128, 129, 16_200, 16_383, 16_384, 16_385, 2_097_151, 2_097_152, 4 << 20})
    void writesADeliveryAsProtobufDoes(int size) {
        for (String sender : new String[] {"", "a", "alice.example"}) {
            byte[] payload = new byte[size];
            ByteBuf expected = Frames.of(
                    UnpooledByteBufAllocator.DEFAULT,
                    GroupFrame.newBuilder()
                            .setDelivery(GroupDelivery.newBuilder()
                                    .setSender(sender)
                                    .setPayload(ByteString.copyFrom(payload)))
                            .build());
            ByteBuf written = GroupFrames.delivery(UnpooledByteBufAllocator.DEFAULT, sender, payload);

            assertThat(written).isEqualTo(expected);
            written.release();
            expected.release();
        }
    }

    @Test
    void theLargestMessageFitsWithTheLongestSender() {
        String longest = "a.".repeat(ClientId.MAX_LENGTH / 2) + "a";
        assertThat(new ClientId(longest).value()).hasSize(ClientId.MAX_LENGTH);
        GroupFrame frame = GroupFrame.newBuilder()
                .setDelivery(GroupDelivery.newBuilder()
                        .setSender(longest)
                        .setPayload(ByteString.copyFrom(new byte[1 << 20])))
                .build();

        assertThat(frame.getSerializedSize() - (1 << 20)).isLessThanOrEqualTo(GroupFrames.MAX_OVERHEAD);
    }

    static Stream<GroupOptions> options() {
        return Stream.of(
                GroupOptions.DEFAULTS,
                GroupOptions.sendOnly(),
                GroupOptions.receiveOnly().withOwnMessages(true),
                GroupOptions.DEFAULTS.withSlowReceiver(SlowReceiver.block(7, Duration.ofMillis(1))),
                GroupOptions.DEFAULTS.withSlowReceiver(SlowReceiver.dropOldest(1)),
                GroupOptions.DEFAULTS.withSlowReceiver(SlowReceiver.disconnect(Integer.MAX_VALUE)));
    }

    @ParameterizedTest
    @MethodSource("options")
    void carriesTheOptions(GroupOptions options) {
        assertThat(GroupFrames.options(GroupFrames.join(options, 5))).isEqualTo(options);
    }

    static Stream<JoinGroup> malformed() {
        JoinGroup sound = GroupFrames.join(GroupOptions.DEFAULTS, 5);
        return Stream.of(
                JoinGroup.getDefaultInstance(),
                sound.toBuilder().setSends(false).setReceives(false).build(),
                sound.toBuilder().setMaxMessages(0).build(),
                sound.toBuilder().setMaxMessages(-1).build(),
                sound.toBuilder().setMaxBlockMillis(0).build(),
                sound.toBuilder().setMaxBlockMillis(-1).build(),
                sound.toBuilder().setSlowReceiverValue(17).build());
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesOptionsThatMakeNoSense(JoinGroup join) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> GroupFrames.options(join))
                .matches(e -> e.code() == ErrorCode.PROTOCOL_VIOLATION);
    }

    @Test
    void aBlockIsNeverForever() {
        JoinGroup join = GroupFrames.join(GroupOptions.DEFAULTS, 5).toBuilder()
                .setMaxBlockMillis(Long.MAX_VALUE)
                .build();

        assertThat(GroupFrames.options(join).slowReceiver())
                .isEqualTo(SlowReceiver.block(SlowReceiver.DEFAULT_MESSAGES, Duration.ofDays(1)));
    }

    @Test
    void refusesWhatIsNoFrame() {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> GroupFrames.parse(new byte[] {0x0a, 0x7f}))
                .matches(e -> e.code() == ErrorCode.PROTOCOL_VIOLATION);
    }
}
