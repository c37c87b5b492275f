package io.conec.coordinator;

import io.conec.internal.protocol.TokenBucket;
import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the relays of a coordinator know: who may send under which handle, and to whom that goes. Changed by the coordinator's event loop, read by those of all relays. */
final class RelayTable {
    /**
     * One direction.
     *
     * @param owner whose packets they are
     * @param receiverHandle under which the receiver knows them
     */
    record Leg(ConnectedClient owner, ConnectedClient receiver, long receiverHandle) {}

    /**
     * Notices of unknown handles and answers to link checks, in all, a second. Neither is longer than what it answers. Enough for the clients of a full coordinator to find out
     * within a few seconds that it has been restarted.
     */
    private static final int NOTICES_PER_SECOND = 5_000;

    /** So many maps, so that relays hardly meet at one's lock. */
    private static final int MAPS = 64;

    /** What relays on other threads have got but not read is still theirs to forward so long: longer than they take for a full socket. */
    private static final long FORWARDED_MILLIS = 100;

    /** Guarded by itself each. */
    private final List<LongObjectMap<Leg>> legs = Stream.<LongObjectMap<Leg>>generate(LongObjectHashMap::new)
            .limit(MAPS)
            .toList();
    /** Owned by the coordinator's event loop. */
    private final LongObjectMap<ConnectedClient> links = new LongObjectHashMap<>();
    /** Guarded by itself. */
    private final TokenBucket notices;

    private final boolean severalThreads;
    private volatile @Nullable EventLoop eventLoop;

    /** @param severalThreads whether relays have threads of their own */
    RelayTable(boolean severalThreads, long nowNanos) {
        this.severalThreads = severalThreads;
        this.notices = new TokenBucket(NOTICES_PER_SECOND, nowNanos);
    }

    /** Before that nothing is known, and nobody told so. */
    void start(EventLoop value) {
        eventLoop = value;
    }

    void connect(ConnectedClient a, long handleA, ConnectedClient b, long handleB) {
        put(handleA, new Leg(a, b, handleB));
        put(handleB, new Leg(b, a, handleA));
    }

    /** What has come under these handles is relayed still: a channel's last packet says why it ends. */
    void disconnect(long handleA, long handleB) {
        EventLoop own = eventLoop;
        if (severalThreads && own != null) {
            own.schedule(() -> remove(handleA, handleB), FORWARDED_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            remove(handleA, handleB);
        }
    }

    /** What goes under that handle; null if nothing does. Any thread. */
    @Nullable
    Leg leg(long handle) {
        LongObjectMap<Leg> some = some(handle);
        synchronized (some) {
            return some.get(handle);
        }
    }

    /** The client has registered: link checks with this handle are about it. */
    void linked(long linkHandle, ConnectedClient client) {
        links.put(linkHandle, client);
    }

    /** The client's link has ended. */
    void unlinked(long linkHandle) {
        links.remove(linkHandle);
    }

    /** Whose link that handle stands for. For the coordinator's event loop. */
    @Nullable
    ConnectedClient link(long linkHandle) {
        return links.get(linkHandle);
    }

    /** Whether another notice may be sent. Any thread. */
    boolean mayNotify(long nowNanos) {
        if (eventLoop == null) {
            return false;
        }
        synchronized (notices) {
            return notices.take(1, nowNanos);
        }
    }

    private void put(long handle, Leg leg) {
        LongObjectMap<Leg> some = some(handle);
        synchronized (some) {
            some.put(handle, leg);
        }
    }

    private void remove(long handleA, long handleB) {
        for (long handle : new long[] {handleA, handleB}) {
            LongObjectMap<Leg> some = some(handle);
            synchronized (some) {
                some.remove(handle);
            }
        }
    }

    /** Handles are random. */
    private LongObjectMap<Leg> some(long handle) {
        return legs.get((int) (handle & (MAPS - 1)));
    }
}
