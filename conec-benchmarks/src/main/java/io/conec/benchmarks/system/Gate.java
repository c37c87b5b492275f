package io.conec.benchmarks.system;

import java.util.concurrent.Semaphore;

/** Lets as many messages pass as the other side has asked for. */
final class Gate {
    /** More than this is as good as no limit, and may not overflow. */
    private static final int MOST = 1 << 20;

    private final Semaphore permits = new Semaphore(0);

    void enter() throws InterruptedException {
        permits.acquire();
    }

    void open(long messages) {
        permits.release((int) Math.min(messages, MOST));
    }
}
