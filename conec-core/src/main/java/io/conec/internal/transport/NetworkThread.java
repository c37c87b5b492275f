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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * An endpoint's hold on the thread that runs it. A coordinator has one of its own. The clients of one JVM have as many as there are processors at most, and share them when there are more
 * clients: a thread for each of a hundred costs a start, an epoll instance and buffers for each, and a switch for almost every packet. A thread ends with the last hold on it.
 *
 * <p>Safe for several threads.
 */
final class NetworkThread {
    /** Those that clients have, guarded by itself. */
    private static final List<Loop> SHARED = new ArrayList<>();

    /** One thread. */
    private static final class Loop {
        private final MultiThreadIoEventLoopGroup group;
        private final boolean epoll;
        private int holds;

        Loop(String name, boolean epoll) {
            this.epoll = epoll;
            IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
            group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("conec-" + name, true), io);
        }

        void end() {
            group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private final Loop loop;
    private final EventLoop eventLoop;
    /** Read to hand over a task, written to end. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private boolean ended;

    private NetworkThread(Loop loop) {
        this.loop = loop;
        this.eventLoop = loop.group.next();
    }

    /** One that nobody else gets. */
    static NetworkThread own(String name, boolean epoll) {
        Loop loop = new Loop(name, epoll);
        loop.holds = 1;
        return new NetworkThread(loop);
    }

    /** A new one of that name while there are fewer than processors, else the one that has the fewest holds. */
    static NetworkThread shared(String name, boolean epoll) {
        synchronized (SHARED) {
            List<Loop> fitting =
                    SHARED.stream().filter(each -> each.epoll == epoll).toList();
            Loop loop;
            if (fitting.size() < Runtime.getRuntime().availableProcessors()) {
                loop = new Loop(name, epoll);
                SHARED.add(loop);
            } else {
                loop = fitting.stream()
                        .min(Comparator.comparingInt(each -> each.holds))
                        .orElseThrow();
            }
            loop.holds++;
            return new NetworkThread(loop);
        }
    }

    /** For the socket. */
    EventLoopGroup group() {
        return loop.group;
    }

    EventLoop eventLoop() {
        return eventLoop;
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
            loop.holds--;
            if (loop.holds > 0) {
                return false;
            }
            SHARED.remove(loop);
            return true;
        }
    }
}
