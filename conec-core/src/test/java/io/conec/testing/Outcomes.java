package io.conec.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.conec.ConecException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/** Waits for what has to happen, and not for ever. */
public final class Outcomes {
    /** Far more than anything here takes; only a fault waits this long. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Outcomes() {}

    /** The stage's result; what it failed with is thrown as it is. */
    public static <T> T get(CompletableFuture<T> stage) {
        try {
            return stage.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** What the stage fails with. */
    public static ConecException failureOf(CompletableFuture<?> stage) {
        return failureOf(() -> get(stage));
    }

    /** Waits until the assertion holds. */
    public static void eventually(ThrowingRunnable assertion) {
        Awaitility.await()
                .dontCatchUncaughtExceptions()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(PATIENCE)
                .untilAsserted(assertion);
    }

    /** What the call fails with. */
    public static ConecException failureOf(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        assertThat(thrown).isInstanceOf(ConecException.class);
        return (ConecException) thrown;
    }
}
