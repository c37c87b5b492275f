package io.conec.internal.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * An endpoint's hold on the thread that runs it. A coordinator has one of its own, and for each further relay another. Of the clients of one JVM each has one too, up to {@link #MOST}, and the next share
 * these: a thread for each of hundreds costs a start, an epoll instance and buffers for each, and a switch for almost every packet. A thread ends with the last hold on it.
 *
 * <p>Safe for several threads.
 */
final class NetworkThread {
    /** More clients share. As many as Netty has by default, which keep the processors busy; more are switched between for almost every packet. */
    static final int MOST = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    /** Those that clients have, guarded by itself. */
    private static final List<Loop> SHARED = new ArrayList<>();

    private static final ThreadLocal<Boolean> CURRENT = ThreadLocal.withInitial(() -> false);

    /** One thread. */
    private static final class Loop {
        private final MultiThreadIoEventLoopGroup group;
        private final boolean epoll;
        private int holds;

        /** @param lends whether it may be lent, as long as it has one hold */
        Loop(String name, boolean epoll, boolean lends) {
            this.epoll = epoll;
            ThreadFactory threads = new Factory("conec-" + name);
            if (!epoll) {
                group = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
            } else if (!lends) {
                group = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
            } else {
                // Not with NIO, which closes a socket under a thread that is interrupted.
                group = new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory()) {
                    @Override
                    protected EventLoop newChild(Executor executor, Object... args) {
                        return new LendingEventLoop(this, executor, (IoHandlerFactory) args[0]);
                    }
                };
            }
        }

        EventLoop eventLoop() {
            return group.next();
        }

        void hold(int change) {
            holds += change;
            if (eventLoop() instanceof LendingEventLoop lending) {
                lending.lends(holds == 1);
            }
        }

        void end() {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    /** It keeps no class loader of the application that happened to need it first. */
    private static final class Factory extends DefaultThreadFactory {
        Factory(String name) {
            super(name, true);
        }

        @Override
        protected Thread newThread(Runnable task, String name) {
            Thread thread = super.newThread(
                    () -> {
                        CURRENT.set(true);
                        task.run();
                    },
                    name);
            thread.setContextClassLoader(NetworkThread.class.getClassLoader());
            return thread;
        }
    }

    private final Loop loop;
    private final EventLoop eventLoop;
    /** Read to hand over a task, written to end. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private boolean ended;

    private NetworkThread(Loop loop) {
        this.loop = loop;
        this.eventLoop = loop.eventLoop();
    }

    /** One that nobody else gets. */
    static NetworkThread own(String name, boolean epoll) {
        Loop loop = new Loop(name, epoll, false);
        loop.hold(1);
        return new NetworkThread(loop);
    }

    /** A new one while there are fewer than {@link #MOST}, else the one that has the fewest holds. */
    static NetworkThread shared(boolean epoll) {
        synchronized (SHARED) {
            List<Loop> fitting =
                    SHARED.stream().filter(each -> each.epoll == epoll).toList();
            Loop loop;
            if (fitting.size() < MOST) {
                loop = new Loop("clients", epoll, true);
                SHARED.add(loop);
            } else {
                loop = fitting.stream()
                        .min(Comparator.comparingInt(each -> each.holds))
                        .orElseThrow();
            }
            loop.hold(1);
            return new NetworkThread(loop);
        }
    }

    /** Whether this is a network thread, of whomever, or runs what one would. */
    static boolean isCurrent() {
        return CURRENT.get() || LendingEventLoop.isBorrowedByCurrentThread();
    }

    /** For the socket. */
    EventLoopGroup group() {
        return loop.group;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    /** For a reader of one of its streams. */
    LoopBorrower borrower() {
        return eventLoop instanceof LendingEventLoop lending ? new LoopBorrower(lending) : LoopBorrower.never();
    }

    /** Runs the task on the event loop, soon. Returns false after {@link #end}, and the task never runs. */
    boolean execute(Runnable task) {
        lock.readLock().lock();
        try {
            if (ended) {
                return false;
            }
            eventLoop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Takes no more tasks, and waits for those that it has taken; waits for the end of the thread if nobody else has a hold on it. Not on the event loop. */
    void end() {
        lock.writeLock().lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
        } finally {
            lock.writeLock().unlock();
        }
        if (isLast()) {
            loop.end();
        } else {
            eventLoop.submit(() -> {}).awaitUninterruptibly();
        }
    }

    private boolean isLast() {
        synchronized (SHARED) {
            loop.hold(-1);
            if (loop.holds > 0) {
                return false;
            }
            SHARED.remove(loop);
            return true;
        }
    }
}
