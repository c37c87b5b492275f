package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.client.ConecClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a plain client does with streams. */
final class Streams {
    /** Far more than anything here takes; only a fault waits this long. */
    static final Duration LIMIT = Duration.ofSeconds(10);

    private Streams() {}

    static ConecStream toCoordinator(ConecClient client, String name) {
        return toCoordinator(client, name, Map.of());
    }

    static ConecStream toCoordinator(ConecClient client, String name, Map<String, String> headers) {
        return client.coordinator().orElseThrow().openStream(name, headers).join();
    }

    static String ask(ConecStream stream, String question) throws InterruptedException {
        stream.send(question);
        return next(stream).text();
    }

    static ConecMessage next(ConecStream stream) throws InterruptedException {
        return stream.receive(LIMIT).orElseThrow();
    }

    /** What the call fails with. */
    static ConecException failure(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        assertThat(cause).isInstanceOf(ConecException.class);
        return (ConecException) cause;
    }
}
