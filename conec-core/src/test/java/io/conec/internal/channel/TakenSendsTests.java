package io.conec.internal.channel;

import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TakenSendsTests {
    private final EventLoop eventLoop = new DefaultEventLoop();
    private final ConcurrentLinkedQueue<Runnable> tellings = new ConcurrentLinkedQueue<>();
    private final Executor executor = task -> {
        tellings.add(task);
        task.run();
    };
    private final TakenSends sends = new TakenSends(new Dispatcher(executor, "test"), eventLoop);

    @AfterEach
    void end() {
        eventLoop.shutdownGracefully();
    }

    private void take(boolean more, SendFuture... futures) {
        get(CompletableFuture.runAsync(
                () -> {
                    Stream.of(futures).forEach(sends::add);
                    sends.tellInTime(more);
                },
                eventLoop));
    }

    @Test
    void whatSomebodyWaitsForCompletesWithAllBeforeIt() {
        SendFuture first = new SendFuture();
        SendFuture second = new SendFuture();
        AtomicReference<Boolean> before = new AtomicReference<>();
        // Whether the first was told before, not by the question.
        CompletableFuture<Void> all = CompletableFuture.allOf(first);
        CompletableFuture<Void> heard = second.thenRun(() -> before.set(all.isDone()));

        take(false, first, second);

        get(heard);
        assertThat(before).hasValue(true);
        assertThat(tellings).hasSize(1);
    }

    @Test
    void soItDoesWhenMoreIsToCome() {
        SendFuture future = new SendFuture();
        CompletableFuture<Void> heard = future.thenRun(() -> {});

        take(true, future);

        get(heard);
    }

    /** Past its methods: nobody is told that somebody waits. */
    @Test
    void whatNobodyWaitsForCompletesAllTheSame() {
        SendFuture future = new SendFuture();

        take(false, future);

        get(CompletableFuture.allOf(future));
    }

    @Test
    void manyCompleteTogether() {
        List<SendFuture> futures = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            SendFuture future = new SendFuture();
            futures.add(future);
            get(CompletableFuture.runAsync(
                    () -> {
                        sends.add(future);
                        sends.tellInTime(false);
                    },
                    eventLoop));
        }

        get(CompletableFuture.allOf(futures.toArray(new SendFuture[0])));

        assertThat(tellings).hasSizeLessThan(100);
    }

    @Test
    void nothingWaitsForEver() {
        SendFuture late = new SendFuture();
        take(false, late);
        SendFuture[] many = Stream.generate(SendFuture::new).limit(10_000).toArray(SendFuture[]::new);

        take(true, many);

        get(CompletableFuture.allOf(many));
        get(CompletableFuture.allOf(late));
    }
}
