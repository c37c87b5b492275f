package io.conec.internal.channel;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Completes when QUIC has taken a message. Most are never looked at, and to wake a thread for each costs more than to send it: the event loop only marks a future that nobody waits for, and has it completed a moment later, together with others.
 * Whoever comes to wait in between completes it himself.
 */
final class SendFuture extends CompletableFuture<Void> {
    private volatile boolean taken;

    /** QUIC has taken it; {@code complete} is to follow. Returns whether somebody waits for it. On the event loop. */
    boolean taken() {
        taken = true;
        return getNumberOfDependents() > 0;
    }

    @Override
    public Void get() throws InterruptedException, ExecutionException {
        completeIfTaken();
        return super.get();
    }

    @Override
    public Void get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        completeIfTaken();
        return super.get(timeout, unit);
    }

    @Override
    public Void join() {
        completeIfTaken();
        return super.join();
    }

    private void completeIfTaken() {
        if (taken) {
            complete(null);
        }
    }
}
