package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AcknowledgementDelayTests {
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private int sent;
    private final AcknowledgementDelay delay = new AcknowledgementDelay(loop.eventLoop(), () -> sent++);

    @BeforeEach
    void stopTheClock() {
        loop.freezeTime();
    }

    @AfterEach
    void close() {
        loop.finishAndReleaseAll();
    }

    @Test
    void anAnswerTakesTheAcknowledgementWithIt() {
        read(1);
        assertThat(sent).isZero();

        delay.due();
        delay.due();
        assertThat(sent).as("when what else there is to do has been done").isZero();

        loop.runPendingTasks();
        assertThat(sent).isEqualTo(1);
        advance(AcknowledgementDelay.NANOS);
        assertThat(sent).isEqualTo(1);
    }

    @Test
    void withoutAnAnswerItWaitsNoLongerThanTheDelay() {
        read(1);

        advance(AcknowledgementDelay.NANOS - 1);
        assertThat(sent).isZero();
        advance(1);

        assertThat(sent).isEqualTo(1);
    }

    @Test
    void theDelayIsCountedFromTheReadThatWaits() {
        read(1);
        advance(AcknowledgementDelay.NANOS - 1);
        answer();
        read(1);

        // The timer of the first.
        advance(1);
        assertThat(sent).isEqualTo(1);
        advance(AcknowledgementDelay.NANOS - 2);
        assertThat(sent).isEqualTo(1);
        advance(1);

        assertThat(sent).isEqualTo(2);
    }

    @Test
    void twoPacketsMayWaitAndNoMore() {
        read(1);
        read(1);
        assertThat(sent).isZero();

        read(1);
        assertThat(sent).isEqualTo(1);

        read(3);
        assertThat(sent).isEqualTo(2);
        read(2);
        assertThat(sent).isEqualTo(2);
    }

    @Test
    void whatWasWrittenDuringTheReadIsAnAnswerAlready() {
        delay.received(false);
        delay.due();
        delay.readComplete();

        assertThat(sent).isEqualTo(1);
    }

    @Test
    void aHandshakeDoesNotWait() {
        delay.received(true);
        delay.readComplete();

        assertThat(sent).isEqualTo(1);
    }

    @Test
    void dataThatQuicHasNoRoomForDoesNotWait() {
        delay.writing();
        read(1);
        assertThat(sent).isEqualTo(1);

        delay.written();
        read(1);
        assertThat(sent).isEqualTo(1);
    }

    @Test
    void aWindowThatIsOpenedLaterDoesNotWait() {
        delay.received(false);
        delay.windowOpened();
        delay.readComplete();
        assertThat(sent).as("what is taken at once opens it little").isZero();

        delay.windowOpened();
        loop.runPendingTasks();

        assertThat(sent).isEqualTo(1);
    }

    @Test
    void whatIsWrittenUnaskedIsNoAnswer() {
        delay.due();
        read(1);

        assertThat(sent).isZero();
    }

    private void read(int packets) {
        for (int i = 0; i < packets; i++) {
            delay.received(false);
        }
        delay.readComplete();
    }

    private void answer() {
        delay.due();
        loop.runPendingTasks();
    }

    private void advance(long nanos) {
        loop.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        loop.runScheduledPendingTasks();
    }
}
