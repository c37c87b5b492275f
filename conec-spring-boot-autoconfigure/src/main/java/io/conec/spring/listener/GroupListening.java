package io.conec.spring.listener;

import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ConecParty;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a listener in its group as long as it runs: joins as soon as there is a coordinator, and again when the membership has ended or could not begin.
 *
 * <p>Guarded by its monitor.
 */
final class GroupListening {
    private static final Logger log = LoggerFactory.getLogger(GroupListening.class);

    /** Between attempts that the coordinator refuses: rules change by hand, and a member that was put out for being slow has caught up by then. */
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final ConecParty party;
    private final ListenerRun run;
    private final String name;
    private final GroupOptions options;
    private boolean wanted;
    private boolean joining;
    private boolean joinAgain;
    private @Nullable GroupLoop loop;
    /** One that was told to leave and may not have finished yet. */
    private @Nullable GroupLoop leaving;

    private @Nullable ErrorCode logged;

    GroupListening(ConecParty party, ListenerRun run, String name, GroupOptions options) {
        this.party = party;
        this.run = run;
        this.name = name;
        this.options = options;
    }

    synchronized void start() {
        wanted = true;
        join();
    }

    /** Leaves the group. */
    synchronized void stop() {
        wanted = false;
        if (loop != null) {
            loop.stop();
            leaving = loop;
            loop = null;
        }
    }

    /** The time for a call under way is over. */
    synchronized void abort() {
        if (leaving != null) {
            leaving.abort();
        }
    }

    void handle(ConecEvent event) {
        if (event instanceof ConecEvent.Connected) {
            join();
        }
    }

    private synchronized void join() {
        if (!wanted || loop != null) {
            return;
        }
        if (joining) {
            joinAgain = true;
            return;
        }
        joining = true;
        joinAgain = false;
        party.join(name, options).whenComplete(this::joined);
    }

    private synchronized void joined(@Nullable ConecGroup group, @Nullable Throwable failure) {
        joining = false;
        if (group == null) {
            notJoined(failure == null ? new IllegalStateException("no membership") : Failures.unwrapped(failure));
        } else if (!wanted) {
            group.close();
        } else {
            logged = null;
            log.info("Listener {} has joined group \"{}\"", run.id(), ClientId.escape(name));
            GroupLoop started = new GroupLoop(group, run);
            loop = started;
            group.closed().thenAccept(reason -> left(started, reason));
            run.executor().execute(started::start);
        }
    }

    private void notJoined(Throwable failure) {
        ErrorCode code = failure instanceof ConecException known ? known.code() : ErrorCode.INTERNAL_ERROR;
        if (code != logged) {
            logged = code;
            if (code == ErrorCode.NOT_CONNECTED) {
                log.info("Listener {} joins group \"{}\" when there is a connection", run.id(), ClientId.escape(name));
            } else {
                log.warn(
                        "Listener {} cannot join group \"{}\" and goes on trying: {}",
                        run.id(),
                        ClientId.escape(name),
                        String.valueOf(failure));
            }
        }
        if (joinAgain) {
            join();
        } else if (code != ErrorCode.NOT_CONNECTED) {
            later();
        }
    }

    private void left(GroupLoop ended, CloseReason reason) {
        if (isCurrent(ended) && reason.code() != ErrorCode.SHUTTING_DOWN) {
            log.warn(
                    "The membership of listener {} in group \"{}\" has ended, {}: {}",
                    run.id(),
                    ClientId.escape(name),
                    reason.code(),
                    reason.message());
        }
        // One that has not done with what it was sent would at once hold others up again.
        ended.over().thenRun(() -> again(ended, reason));
    }

    private synchronized boolean isCurrent(GroupLoop ended) {
        return wanted && loop == ended;
    }

    private synchronized void again(GroupLoop ended, CloseReason reason) {
        if (loop != ended) {
            return;
        }
        loop = null;
        if (reason.code() == ErrorCode.SHUTTING_DOWN) {
            // Its party, which may run again by now.
            join();
        } else {
            later();
        }
    }

    private void later() {
        CompletableFuture.delayedExecutor(RETRY.toMillis(), TimeUnit.MILLISECONDS, run.executor())
                .execute(this::join);
    }
}
