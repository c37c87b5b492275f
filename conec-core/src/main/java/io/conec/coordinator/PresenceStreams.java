package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.PresentClient;
import io.conec.internal.channel.DataStream;
import io.conec.internal.channel.Inbound;
import io.conec.internal.protocol.ClientPresence;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.PresenceFrame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Tells clients which others are connected, as {@link Presence} says, each by a stream of its link. Owned by the event loop. */
final class PresenceStreams {
    /** Each takes at most some 4 KiB, so that a frame stays below the 64 KiB of a control message. */
    private static final int CLIENTS_IN_A_FRAME = 12;

    /** Changes are told this much later, together with the next ones: clients of a restarted coordinator come all at once. */
    private static final long DELAY_MILLIS = 50;

    /** How long other work waits, about. */
    private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Presence presence = new Presence();
    private final Map<ClientId, Watching> streams = new HashMap<>();
    private final AccessControl access;
    private final Directory directory;
    private final EventLoop eventLoop;
    private boolean telling;
    /** Whether something has changed since telling began. */
    private boolean tellAgain;

    PresenceStreams(AccessControl access, Directory directory, EventLoop eventLoop) {
        this.access = access;
        this.directory = directory;
        this.eventLoop = eventLoop;
    }

    void joined(ConnectedClient client) {
        presence.joined(client.id(), client.present());
        List<AccessControl.Check> checks = new ArrayList<>();
        for (ClientId watcher : presence.watchers()) {
            addCheck(checks, watcher, client.id());
        }
        access.checkAll(eventLoop, checks, this::tellSoon);
    }

    void left(ClientId client) {
        presence.left(client);
        tellSoon();
    }

    /** A client wants to be told, by this stream. A {@link ConecException} refuses it. */
    void watch(ConnectedClient client, DataStream stream) {
        ClientId id = client.id();
        if (!presence.watch(id)) {
            throw new ConecException(ErrorCode.STREAM_LIMIT, "this client watches presence already");
        }
        Watching watching = new Watching(id, stream);
        streams.put(id, watching);
        stream.onTaken(watching::tell);
        stream.accept(watching);
        check(id, () -> presence.complete(id));
    }

    /** Everybody is seen by those that may see it now. */
    void recheck(Runnable done) {
        recheck(presence.watchers().iterator(), done);
    }

    /** One watcher after the other, so that other work gets its turn: there may be thousands, of thousands. */
    private void recheck(Iterator<ClientId> watchers, Runnable done) {
        if (watchers.hasNext()) {
            check(watchers.next(), () -> eventLoop.execute(() -> recheck(watchers, done)));
        } else {
            done.run();
        }
    }

    /** Whom a watcher may see. */
    private void check(ClientId watcher, Runnable done) {
        List<AccessControl.Check> checks = new ArrayList<>();
        for (ClientId client : presence.present()) {
            addCheck(checks, watcher, client);
        }
        access.checkAll(eventLoop, checks, () -> {
            done.run();
            tellSoon();
        });
    }

    private void addCheck(List<AccessControl.Check> checks, ClientId watcher, ClientId client) {
        ConnectedClient from = directory.find(watcher);
        if (from != null && !watcher.equals(client)) {
            checks.add(new AccessControl.Check(
                    new AccessRequest.See(from.requester(), client),
                    refusal -> presence.visible(watcher, client, refusal == null)));
        }
    }

    private void tellSoon() {
        if (telling) {
            tellAgain = true;
        } else if (!streams.isEmpty()) {
            telling = true;
            eventLoop.schedule(
                    () -> {
                        tellAgain = false;
                        tell(List.copyOf(streams.values()).iterator());
                    },
                    DELAY_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    /** In turns, so that other work gets its own: thousands may have to be told of thousands. */
    private void tell(Iterator<Watching> watching) {
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            while (watching.hasNext() && !interrupted) {
                watching.next().tell();
                interrupted = watching.hasNext() && System.nanoTime() - start > TURN_NANOS;
            }
        } finally {
            if (interrupted) {
                eventLoop.execute(() -> tell(watching));
            } else {
                telling = false;
                if (tellAgain || watching.hasNext()) {
                    tellSoon();
                }
            }
        }
    }

    private static PresenceFrame frame(Presence.Update update) {
        PresenceFrame.Builder frame = PresenceFrame.newBuilder().setComplete(update.complete());
        for (PresentClient client : update.joined()) {
            ClientPresence.Builder present = frame.addJoinedBuilder()
                    .setId(client.id())
                    .setSinceMillis(client.since().toEpochMilli());
            client.attributes()
                    .forEach((name, value) -> present.addAttributes(
                            Header.newBuilder().setName(name).setValue(value)));
        }
        update.left().forEach(id -> frame.addLeft(id.value()));
        return frame.build();
    }

    /** One watcher's stream. */
    private final class Watching implements Inbound {
        private final ClientId watcher;
        private final DataStream stream;

        Watching(ClientId watcher, DataStream stream) {
            this.watcher = watcher;
            this.stream = stream;
        }

        void tell() {
            while (stream.sendsSoon()) {
                Presence.Update next = presence.next(watcher, CLIENTS_IN_A_FRAME);
                if (next == null) {
                    return;
                }
                ByteBuf encoded = Frames.of(stream.allocator(), frame(next));
                try {
                    stream.sendEncoded(encoded, 0, 0);
                } finally {
                    encoded.release();
                }
            }
        }

        @Override
        public void message(byte[] payload) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "a client that watches presence has nothing to say");
        }

        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public void end() {
            over();
            stream.finish();
        }

        @Override
        public void fail(ConecException cause, boolean channelEnded) {
            over();
        }

        /** Not if the client has come back and watches by another stream. */
        private void over() {
            if (streams.remove(watcher, this)) {
                presence.unwatch(watcher);
            }
        }
    }
}
