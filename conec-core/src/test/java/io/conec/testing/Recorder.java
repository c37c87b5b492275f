package io.conec.testing;

import io.conec.ConecMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/** A subscriber that asks only when told to, and keeps what it is given. */
public final class Recorder implements Flow.Subscriber<ConecMessage> {
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final AtomicLong requested = new AtomicLong();

    public void request(long n) {
        requested.addAndGet(Math.max(n, 0));
        Outcomes.get(subscription).request(n);
    }

    public void cancel() {
        Outcomes.get(subscription).cancel();
    }

    /** The messages so far. */
    public List<String> texts() {
        return new ArrayList<>(texts);
    }

    /** Completes as the publisher does. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** What the publisher did that Reactive Streams forbids. */
    public List<String> violations() {
        return violations;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        check(subscription.complete(given), "subscribed twice");
    }

    @Override
    public void onNext(ConecMessage message) {
        texts.add(message.text());
        check(texts.size() <= requested.get(), "more than was asked for");
        check(!ended.isDone(), "a message after the end");
    }

    @Override
    public void onError(Throwable cause) {
        check(subscription.isDone(), "an error before the subscription");
        check(ended.completeExceptionally(cause), "ended twice");
    }

    @Override
    public void onComplete() {
        check(ended.complete(null), "ended twice");
    }

    private void check(boolean holds, String violation) {
        if (!holds) {
            violations.add(violation);
        }
    }
}
