package io.conec.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.internal.protocol.RequestFrame;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What the side that asks sends besides requests. */
final class RequestStreamTests {
    @Test
    void namesAnyNumberOfFinishedRequestsInFramesThatTheOtherSideTakes() {
        // The longest numbers there are: as unsigned ones they take ten bytes.
        List<Long> numbers = LongStream.range(-100_000, 0).boxed().toList();

        List<RequestFrame> frames = RequestStream.finishedFrames(numbers);

        assertThat(frames)
                .allSatisfy(frame -> assertThat(frame.getSerializedSize()).isLessThan(AnswerStream.MAX_FRAME_BYTES))
                .flatMap(RequestFrame::getFinishedList)
                .isEqualTo(numbers);
    }

    @Test
    void namesAFewTogether() {
        assertThat(RequestStream.finishedFrames(List.of(7L, 9L)))
                .singleElement()
                .satisfies(frame -> assertThat(frame.getFinishedList()).containsExactly(7L, 9L));
        assertThat(RequestStream.finishedFrames(List.of())).isEmpty();
    }
}
