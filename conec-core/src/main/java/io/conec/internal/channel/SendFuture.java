package io.conec.internal.channel;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Completes when QUIC has taken a message. Most are never looked at, and to wake a thread for each costs more than to send it: the event loop only marks a future that nobody waits for, and {@link TakenSends} has it completed
 * later, together with others. Whoever comes to wait for it, asks it, or hangs something on it in between completes it himself. Only {@link CompletableFuture#allOf} and
 * {@link CompletableFuture#anyOf} do not: they look at it past its methods.
 */
final class SendFuture extends CompletableFuture<Void> {
    private volatile boolean taken;
    /** Whether somebody is about to wait, or to hang something on it. */
    private volatile boolean awaited;

    /** QUIC has taken it; {@code complete} is to follow. Returns whether somebody waits for it. On the event loop. */
    boolean taken() {
        taken = true;
        return awaited || isWatched();
    }

    /** Whether somebody waits for it, or has hung something on it. */
    boolean isWatched() {
        return getNumberOfDependents() > 0;
    }

    @Override
    public Void get() throws InterruptedException, ExecutionException {
        await();
        return super.get();
    }

    @Override
    public Void get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        await();
        return super.get(timeout, unit);
    }

    @Override
    public Void join() {
        await();
        return super.join();
    }

    /** What is hung on it asks for this first. */
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        watch();
        return new CompletableFuture<>();
    }

    /** Those that combine it with another ask it for this. */
    @Override
    public CompletableFuture<Void> toCompletableFuture() {
        watch();
        return this;
    }

    @Override
    public CompletionStage<Void> minimalCompletionStage() {
        watch();
        return super.minimalCompletionStage();
    }

    @Override
    public boolean isDone() {
        completeIfUnwatched();
        return super.isDone();
    }

    private void await() {
        // First, so that either this sees that it was taken, or the event loop sees this.
        awaited = true;
        if (taken) {
            complete(null);
        }
    }

    private void watch() {
        awaited = true;
        completeIfUnwatched();
    }

    /** What others have hung on it is not run by somebody who only asks, or hangs on something more: it is about to be told. */
    private void completeIfUnwatched() {
        if (taken && !isWatched()) {
            complete(null);
        }
    }
}
