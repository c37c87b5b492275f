package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameDecoderTests {
    private static final int LIMIT = 200_000;

    @Property(tries = 300)
    void anySplitOfAnySequenceGivesTheSameFrames(
            @ForAll("payloads") List<byte[]> payloads, @ForAll @Size(max = 20) List<@IntRange(max = 99) Integer> cuts) {
        ByteBuf stream = Unpooled.buffer();
        payloads.forEach(payload -> Frames.write(stream, payload));
        Frames.writeEnd(stream);
        Decoded decoded = new Decoded();
        FrameDecoder decoder = new FrameDecoder(LIMIT, decoded);

        for (int end : ends(cuts, stream.readableBytes())) {
            ByteBuf part = stream.readSlice(end - stream.readerIndex());
            decoder.decode(part);
            assertThat(part.isReadable()).isFalse();
        }

        assertThat(decoded.frames).usingElementComparator(Arrays::compare).isEqualTo(payloads);
        assertThat(decoded.ends).isEqualTo(1);
        assertThat(decoder.ended()).isTrue();
    }

    @Test
    void everyPlaceToCutATwoByteLengthGivesTheSameFrames() {
        byte[] first = payload(300);
        byte[] second = payload(3);
        ByteBuf stream = Unpooled.buffer();
        Frames.write(stream, first);
        Frames.write(stream, second);
        for (int cut = 0; cut <= stream.readableBytes(); cut++) {
            Decoded decoded = new Decoded();
            FrameDecoder decoder = new FrameDecoder(LIMIT, decoded);
            decoder.decode(stream.slice(0, cut));
            assertThat(decoder.isInFrame())
                    .as("cut at " + cut)
                    .isEqualTo(cut != 0 && cut != 302 && cut != stream.readableBytes());
            decoder.decode(stream.slice(cut, stream.readableBytes() - cut));

            assertThat(decoded.frames).containsExactly(first, second);
        }
    }

    @Property
    void anyBytesAreFramesOrOneOfTwoErrors(@ForAll @Size(max = 200) byte[] garbage) {
        try {
            Decoded decoded = Decoded.of(garbage, 50);

            assertThat(decoded.frames).allMatch(frame -> frame.length <= 50);
        } catch (ConecException e) {
            assertThat(e.code()).isIn(ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.PROTOCOL_VIOLATION);
        }
    }

    /** Length plus one, little-endian groups of seven bits. */
    @ParameterizedTest
    @CsvSource({"0, 01", "1, 02", "126, 7f", "127, 8001", "16382, ff7f", "16383, 808001", "150000, f19309"})
    void aLengthIsWrittenInTheFewestBytes(int length, String varint) {
        ByteBuf out = Unpooled.buffer();

        Frames.write(out, new byte[length]);

        byte[] written = new byte[varint.length() / 2];
        out.getBytes(0, written);
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(varint);
        assertThat(out.readableBytes()).isEqualTo(written.length + length);
        assertThat(written.length).isLessThanOrEqualTo(Frames.MAX_OVERHEAD);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 65_536})
    void theLimitItselfFits(int limit) {
        assertThat(Decoded.of(frame(limit), limit).frames)
                .singleElement()
                .satisfies(read -> assertThat(read).hasSize(limit));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 65_536})
    void oneByteMoreIsRefusedAsSoonAsTheLengthIsKnown(int limit) {
        byte[] frame = frame(limit + 1);
        byte[] lengthOnly = Arrays.copyOf(frame, frame.length - limit - 1);

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> Decoded.of(lengthOnly, limit))
                .matches(e -> e.code() == ErrorCode.MESSAGE_TOO_LARGE)
                .withMessageContaining((limit + 1) + " bytes")
                .withMessageContaining("limit of " + limit);
    }

    /** The largest that five bytes can say is over every limit, not a negative number. */
    @Test
    void theLargestLengthIsTooLarge() {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> Decoded.of(hex("ffffffff7f"), Integer.MAX_VALUE))
                .matches(e -> e.code() == ErrorCode.MESSAGE_TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8080808080", "ffffffffff", "808080808000", "818080808000"})
    void aLengthOfMoreThanFiveBytesIsAViolation(String varint) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> Decoded.of(hex(varint), LIMIT))
                .matches(e -> e.code() == ErrorCode.PROTOCOL_VIOLATION);
    }

    @Test
    void aLengthNeedNotBeInTheFewestBytes() {
        assertThat(Decoded.of(hex("828080800041"), LIMIT).frames).containsExactly(new byte[] {'A'});
        assertThat(Decoded.of(hex("8000"), LIMIT).ends).isEqualTo(1);
    }

    @Test
    void theEndMarkEnds() {
        Decoded decoded = new Decoded();
        FrameDecoder decoder = new FrameDecoder(LIMIT, decoded);

        decoder.decode(Unpooled.wrappedBuffer(hex("0241")));
        assertThat(decoder.ended()).isFalse();
        decoder.decode(Unpooled.wrappedBuffer(hex("00")));

        assertThat(decoder.ended()).isTrue();
        assertThat(decoded.frames).hasSize(1);
        assertThat(decoded.ends).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000", "000141", "0080"})
    void bytesAfterTheEndMarkAreAViolation(String bytes) {
        Decoded decoded = new Decoded();
        FrameDecoder decoder = new FrameDecoder(LIMIT, decoded);

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> decoder.decode(Unpooled.wrappedBuffer(hex(bytes))))
                .matches(e -> e.code() == ErrorCode.PROTOCOL_VIOLATION)
                .withMessageContaining("after the end mark");
        assertThat(decoded.ends).isEqualTo(1);
        assertThat(decoded.frames).isEmpty();
    }

    @Test
    void anEmptyBufferAfterTheEndMarkIsFine() {
        FrameDecoder decoder = new FrameDecoder(LIMIT, new Decoded());
        decoder.decode(Unpooled.wrappedBuffer(hex("00")));

        assertThatCode(() -> decoder.decode(Unpooled.EMPTY_BUFFER)).doesNotThrowAnyException();
    }

    /** As a data stream does: the header has one limit, the messages behind it another, and both may be in one buffer. */
    @Test
    void aNewLimitHoldsFromTheNextLengthOn() {
        List<byte[]> frames = new ArrayList<>();
        FrameDecoder[] decoder = new FrameDecoder[1];
        decoder[0] = new FrameDecoder(2, new FrameDecoder.Sink() {
            @Override
            public void frame(byte[] payload) {
                frames.add(payload);
                decoder[0].maxPayload(1);
            }

            @Override
            public void end() {}
        });

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> decoder[0].decode(Unpooled.wrappedBuffer(hex("034142" + "0243" + "034445"))))
                .matches(e -> e.code() == ErrorCode.MESSAGE_TOO_LARGE);
        assertThat(frames).hasSize(2);
    }

    /** A thousand announcements of 1 GiB with nothing behind them: far more than the heap, were it set aside. */
    @Test
    void memoryGrowsWithWhatArrivedNotWithWhatWasAnnounced() {
        int announced = 1 << 30;
        List<FrameDecoder> decoders = new ArrayList<>();
        byte[] length = hex("8180808004");

        for (int i = 0; i < 1_000; i++) {
            FrameDecoder decoder = new FrameDecoder(announced, new Decoded());
            decoder.decode(Unpooled.wrappedBuffer(length));
            decoder.decode(Unpooled.wrappedBuffer(new byte[10]));
            decoders.add(decoder);
        }

        assertThat(decoders).hasSize(1_000).noneMatch(FrameDecoder::ended);
    }

    @Provide
    Arbitrary<List<byte[]>> payloads() {
        // Around the borders of the length's bytes and of the first allocation.
        Arbitrary<Integer> sizes = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.integers().between(0, 40)),
                Tuple.of(3, Arbitraries.integers().between(120, 300)),
                Tuple.of(1, Arbitraries.of(16_382, 16_383, 65_535, 65_536, 65_537, 131_073, LIMIT)));
        return sizes.map(FrameDecoderTests::payload).list().ofMaxSize(8);
    }

    /** The cuts, in per cent of the stream, as ends of parts, the last at the stream's end. */
    private static List<Integer> ends(List<Integer> cuts, int bytes) {
        List<Integer> ends = new ArrayList<>(
                cuts.stream().map(cut -> bytes * cut / 100).sorted().toList());
        ends.add(bytes);
        return ends;
    }

    private static byte[] payload(int size) {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++) {
            payload[i] = (byte) (i * 31 + size);
        }
        return payload;
    }

    private static byte[] frame(int size) {
        ByteBuf out = Unpooled.buffer();
        Frames.write(out, new byte[size]);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
