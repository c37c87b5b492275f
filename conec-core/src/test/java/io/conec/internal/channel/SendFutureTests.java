package io.conec.internal.channel;

import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class SendFutureTests {
    private final SendFuture future = new SendFuture();

    @Test
    void whoeverComesToWaitForWhatWasTakenDoesNotWait() throws Exception {
        assertThat(future.taken()).isFalse();

        assertThat(future.join()).isNull();
        assertThat(future).isCompleted();
    }

    @Test
    void norDoesWhoeverGetsIt() throws Exception {
        SendFuture other = new SendFuture();
        future.taken();
        other.taken();

        assertThat(future.get()).isNull();
        assertThat(other.get(0, TimeUnit.SECONDS)).isNull();
    }

    @Test
    void norDoesWhoeverAsksIt() {
        future.taken();

        assertThat(future.isDone()).isTrue();
    }

    @Test
    void whatIsHungOnItThenRunsAtOnce() {
        SendFuture other = new SendFuture();
        future.taken();
        other.taken();
        AtomicBoolean heard = new AtomicBoolean();

        assertThat(future.thenRun(() -> heard.set(true))).isCompleted();
        assertThat(heard).isTrue();
        assertThat(CompletableFuture.completedFuture(1).thenCombine(other, (one, none) -> one))
                .isCompletedWithValue(1);
        SendFuture third = new SendFuture();
        third.taken();
        assertThat(third.minimalCompletionStage().thenRun(() -> {}).toCompletableFuture())
                .isCompleted();
    }

    @Test
    void tellsThatSomebodyWaits() {
        AtomicBoolean heard = new AtomicBoolean();
        CompletableFuture<Void> hearing = future.thenRun(() -> heard.set(true));

        assertThat(future.taken()).isTrue();
        // The event loop runs nothing of the application's.
        assertThat(heard).isFalse();

        future.complete(null);
        get(hearing);
    }

    /** It would run what others have hung on it, in the middle of something else. */
    @Test
    void whoOnlyAsksCompletesNothingThatIsWatched() {
        AtomicBoolean heard = new AtomicBoolean();
        CompletableFuture<Void> hearing = future.thenRun(() -> heard.set(true));
        future.taken();

        assertThat(future.isDone()).isFalse();
        assertThat(hearing).isNotDone();
        assertThat(heard).isFalse();
    }

    @Test
    void tellsThatAThreadWaits() {
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(future::join);
        await().until(() -> future.getNumberOfDependents() > 0);

        assertThat(future.taken()).isTrue();

        future.complete(null);
        get(waiting);
    }

    @Test
    void whatWasNotTakenFails() {
        future.completeExceptionally(new ConecException(ErrorCode.CONNECTION_LOST, "gone"));

        assertThatExceptionOfType(CompletionException.class).isThrownBy(future::join);
    }
}
