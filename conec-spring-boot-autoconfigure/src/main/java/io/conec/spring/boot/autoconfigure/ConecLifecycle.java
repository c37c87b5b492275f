package io.conec.spring.boot.autoconfigure;

import io.conec.ConecParty;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Starts and closes a coordinator or client with its application context. Owned by the context's lifecycle thread; {@link #isRunning()} may be asked by any.
 */
final class ConecLifecycle implements SmartLifecycle {
    /** Before the web server starts, and after it stopped: what requests and listeners use must be there as long as they run. */
    static final int PHASE = DEFAULT_PHASE - 4096;

    private final ConecParty party;
    private final Runnable start;
    private volatile @Nullable CountDownLatch running;

    /** @param start starts the party; throws if it could not be started */
    ConecLifecycle(ConecParty party, Runnable start) {
        this.party = party;
        this.start = start;
    }

    @Override
    public void start() {
        if (running == null) {
            // An application's own bean may have been started already.
            if (!party.isRunning()) {
                start.run();
            }
            running = keepAlive();
        }
    }

    @Override
    public void stop() {
        CountDownLatch stopped = running;
        if (stopped != null) {
            running = null;
            try {
                party.close();
            } finally {
                stopped.countDown();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running != null;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    /** The party's own threads are daemons: without this thread an application without a web server would end at once. */
    private CountDownLatch keepAlive() {
        CountDownLatch stopped = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> {
                    try {
                        stopped.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "conec-keep-alive");
        thread.setContextClassLoader(getClass().getClassLoader());
        thread.setDaemon(false);
        thread.start();
        return stopped;
    }
}
