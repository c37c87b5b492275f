package io.conec.internal.channel;

import io.conec.ErrorCode;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The end of a stream, for those who ask to hear of it: to tell of every stream's end would wake a thread for each. Any thread. */
final class Closing {
    private final Dispatcher dispatcher;
    private @Nullable CompletableFuture<ErrorCode> awaited;
    private @Nullable ErrorCode code;

    Closing(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /** See {@link io.conec.ConecStream#closed}. */
    synchronized CompletableFuture<ErrorCode> future() {
        if (code != null) {
            return CompletableFuture.completedFuture(code);
        }
        if (awaited == null) {
            awaited = new CompletableFuture<>();
        }
        return awaited.copy();
    }

    /** The stream has ended; only the first time counts. */
    void close(ErrorCode with) {
        CompletableFuture<ErrorCode> told;
        synchronized (this) {
            if (code != null) {
                return;
            }
            code = with;
            told = awaited;
        }
        if (told != null) {
            dispatcher.execute(() -> told.complete(with));
        }
    }
}
