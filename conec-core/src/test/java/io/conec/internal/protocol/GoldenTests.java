package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The messages of {@code conec.proto} on the wire. */
final class GoldenTests {
    private static final int UNKNOWN_FIELD = 2_000;

    static Stream<Golden> all() {
        return Stream.concat(Golden.CONTROL.stream(), Golden.DATA.stream());
    }

    @Test
    void everyKindOfControlMessageHasGoldenBytes() {
        Set<Control.KindCase> missing = EnumSet.complementOf(EnumSet.of(Control.KindCase.KIND_NOT_SET));
        Golden.CONTROL.forEach(golden -> missing.remove(((Control) golden.message()).getKindCase()));

        assertThat(missing).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    void writesExactlyTheseBytes(Golden golden) {
        ByteBuf frame = Frames.of(UnpooledByteBufAllocator.DEFAULT, golden.message());
        try {
            byte[] written = new byte[frame.readableBytes()];
            frame.readBytes(written);

            assertThat(HexFormat.of().formatHex(written)).isEqualTo(golden.hex());
        } finally {
            frame.release();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void readsTheseBytesBack(Golden golden) throws Exception {
        Decoded decoded = Decoded.of(golden.bytes(), Protocol.MAX_CONTROL_BYTES);

        assertThat(decoded.frames).hasSize(1);
        assertThat(parse(golden, decoded.frames.get(0))).isEqualTo(golden.message());
    }

    @ParameterizedTest
    @MethodSource("all")
    void aFrameCutOffAnywhereDeliversNothing(Golden golden) {
        byte[] frame = golden.bytes();
        for (int length = 0; length < frame.length; length++) {
            Decoded decoded = Decoded.of(Arrays.copyOf(frame, length), Protocol.MAX_CONTROL_BYTES);

            assertThat(decoded.frames)
                    .as("%d bytes of %d", length, frame.length)
                    .isEmpty();
            assertThat(decoded.ends).isZero();
        }
    }

    /** A message cut off between two fields is a message with fewer fields; anywhere else it is malformed, and nothing but that. */
    @ParameterizedTest
    @MethodSource("all")
    void aMessageCutOffAnywhereIsNeverTakenForTheWhole(Golden golden) {
        byte[] payload = golden.message().toByteArray();
        int malformed = 0;
        for (int length = 0; length < payload.length; length++) {
            try {
                assertThat(parse(golden, Arrays.copyOf(payload, length))).isNotEqualTo(golden.message());
            } catch (InvalidProtocolBufferException e) {
                malformed++;
            }
        }
        assertThat(malformed).isGreaterThanOrEqualTo(payload.length / 2);
    }

    /** The payload has a wrapping field around everything: fields added inside it and beside it. */
    @ParameterizedTest
    @MethodSource("all")
    void unknownFieldsAreIgnored(Golden golden) throws Exception {
        Message later = withUnknownFields(golden.message());

        Message read = parse(golden, later.toByteArray());

        assertThat(later.getSerializedSize()).isGreaterThan(golden.message().getSerializedSize());
        assertThat(read.getAllFields().keySet())
                .isEqualTo(golden.message().getAllFields().keySet());
        assertThat(withoutUnknownFields(read)).isEqualTo(golden.message());
    }

    @Test
    void aKindOfALaterVersionIsNoKind() throws Exception {
        // Field 500, length-delimited, two bytes.
        Control later = Control.parseFrom(HexFormat.of().parseHex("a21f020801"));

        assertThat(later.getKindCase()).isEqualTo(Control.KindCase.KIND_NOT_SET);
    }

    @Test
    void anEmptyFrameIsAControlMessageWithoutKind() throws Exception {
        assertThat(Control.parseFrom(new byte[0]).getKindCase()).isEqualTo(Control.KindCase.KIND_NOT_SET);
    }

    private static Message parse(Golden golden, byte[] payload) throws InvalidProtocolBufferException {
        return golden.message().getParserForType().parseFrom(payload);
    }

    private static Message withUnknownFields(Message message) {
        Message.Builder builder = message.toBuilder();
        message.getAllFields().forEach((field, value) -> {
            if (value instanceof Message inner) {
                builder.setField(field, withUnknownFields(inner));
            }
        });
        return builder.setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                UNKNOWN_FIELD,
                                UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                        .build())
                .build();
    }

    private static Message withoutUnknownFields(Message message) {
        Message.Builder builder = message.toBuilder();
        message.getAllFields().forEach((field, value) -> {
            if (value instanceof Message inner) {
                builder.setField(field, withoutUnknownFields(inner));
            }
        });
        return builder.setUnknownFields(UnknownFieldSet.getDefaultInstance()).build();
    }
}
