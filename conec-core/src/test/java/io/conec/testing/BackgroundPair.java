package io.conec.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecChannel;
import io.conec.ConecStream;
import io.conec.Registration;
import io.conec.client.ConecClient;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Two clients of a network that keep exchanging messages, whatever others do to the coordinator. */
public final class BackgroundPair implements AutoCloseable {
    private static final int A_FEW = 5;

    private final ConecClient near;
    private final ConecChannel channel;
    private final ConecStream stream;
    private final Registration echo;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread thread;

    private BackgroundPair(ConecClient near, ConecChannel channel, ConecStream stream, Registration echo) {
        this.near = near;
        this.channel = channel;
        this.stream = stream;
        this.echo = echo;
        this.thread = new Thread(this::talk, "background-pair");
    }

    /** Connects "near" and "far" and lets them talk. */
    public static BackgroundPair start(Network network) {
        ConecClient far = network.client("far");
        Registration echo = far.onStream("echo", stream -> {
            for (var message = stream.receive(); message.isPresent(); message = stream.receive()) {
                stream.send(message.get());
            }
        });
        ConecClient near = network.client("near");
        ConecChannel channel = Outcomes.get(near.open("far"));
        BackgroundPair pair = new BackgroundPair(near, channel, Outcomes.get(channel.openStream("echo")), echo);
        pair.thread.start();
        return pair;
    }

    /** Waits for some more messages to be answered over the connections that the pair began with. */
    public void assertUndisturbed() {
        long before = answers.get();
        await().until(() -> failure.get() != null || answers.get() >= before + A_FEW);
        assertThat(failure.get()).isNull();
        assertThat(channel.closed()).isNotDone();
        assertThat(near.status().reconnects()).isZero();
    }

    @Override
    public void close() {
        assertUndisturbed();
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stream.close();
        echo.close();
    }

    private void talk() {
        try {
            for (long number = 0; !Thread.currentThread().isInterrupted(); number++) {
                stream.send("message " + number);
                String answer = stream.receive().orElseThrow().text();
                if (!answer.equals("message " + number)) {
                    throw new AssertionError("answer " + number + " is " + answer);
                }
                answers.incrementAndGet();
            }
        } catch (InterruptedException e) {
            // The test is over.
        } catch (RuntimeException | AssertionError e) {
            failure.set(e);
        }
    }
}
