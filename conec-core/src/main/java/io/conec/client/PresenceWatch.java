package io.conec.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.PresentClient;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.DataStream;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.channel.Inbound;
import io.conec.internal.protocol.PresenceFrame;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.WatchPresence;
import io.conec.internal.transport.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches which other clients are connected, from the first time that somebody asks, and again with each link. Owned by the event loop. */
final class PresenceWatch implements LinkService {
    private static final StreamHeader HEADER = StreamHeader.newBuilder()
            .setName("presence")
            .setWatchPresence(WatchPresence.getDefaultInstance())
            .build();

    private static final Logger log = LoggerFactory.getLogger(PresenceWatch.class);

    private final ClientConfig config;
    private final Dispatcher dispatcher;
    private final Endpoint endpoint;
    private final PresenceMirror mirror = new PresenceMirror();
    private final List<CompletableFuture<List<PresentClient>>> waiting = new ArrayList<>();
    private boolean wanted;
    private boolean told;
    private @Nullable ConnectedChannel link;
    private @Nullable Watching current;

    PresenceWatch(ClientConfig config, Dispatcher dispatcher, Endpoint endpoint) {
        this.config = config;
        this.dispatcher = dispatcher;
        this.endpoint = endpoint;
        this.wanted = config.watchPresence();
    }

    /** See {@link ConecClient#presence}. */
    void list(CompletableFuture<List<PresentClient>> outcome) {
        wanted = true;
        if (link == null) {
            fail(List.of(outcome), ClientGroups.notConnected());
        } else if (current != null && mirror.isComplete()) {
            List<PresentClient> seen = mirror.seen();
            dispatcher.execute(() -> outcome.complete(seen));
        } else {
            waiting.removeIf(CompletableFuture::isDone);
            waiting.add(outcome);
            long millis = config.transport().requestTimeout().toMillis();
            ConecException timeout = new ConecException(
                    ErrorCode.TIMEOUT, "the coordinator has not told who is connected in " + millis + " ms");
            endpoint.eventLoop().schedule(() -> fail(List.of(outcome), timeout), millis, TimeUnit.MILLISECONDS);
            watch();
        }
    }

    @Override
    public void linkUp(ConnectedChannel registered, Set<String> features) {
        link = registered;
        told = features.contains(Protocol.PRESENCE);
        if (wanted) {
            watch();
        }
    }

    @Override
    public void linkDown() {
        link = null;
        current = null;
        failWaiting(ClientGroups.notConnected());
    }

    /** The client closes. */
    void close() {
        failWaiting(new ConecException(ErrorCode.SHUTTING_DOWN, "\"" + config.id() + "\" is shutting down"));
    }

    private void watch() {
        ConnectedChannel by = link;
        if (by == null || current != null) {
            return;
        }
        if (!told) {
            failWaiting(new ConecException(
                    ErrorCode.UNSUPPORTED_VERSION, "the coordinator does not tell who is connected"));
            return;
        }
        mirror.begin();
        by.openStream(
                HEADER,
                Protocol.MAX_CONTROL_BYTES,
                stream -> {
                    Watching watching = new Watching(stream);
                    current = watching;
                    return watching;
                },
                stream -> log.debug("{} asks who is connected", config.id()),
                this::failWaiting);
    }

    private void failWaiting(ConecException cause) {
        List<CompletableFuture<List<PresentClient>>> failed = List.copyOf(waiting);
        waiting.clear();
        fail(failed, cause);
    }

    private void fail(List<CompletableFuture<List<PresentClient>>> failed, ConecException cause) {
        dispatcher.execute(() -> failed.forEach(each -> each.completeExceptionally(cause)));
    }

    /** What the coordinator tells by one link. */
    private final class Watching implements Inbound {
        private final DataStream stream;

        Watching(DataStream stream) {
            this.stream = stream;
        }

        @Override
        public void message(byte[] payload) {
            try {
                mirror.apply(PresenceFrame.parseFrom(payload)).forEach(dispatcher::publish);
            } catch (InvalidProtocolBufferException e) {
                throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "malformed presence frame", e);
            }
            if (mirror.isComplete() && !waiting.isEmpty()) {
                List<CompletableFuture<List<PresentClient>>> answered = List.copyOf(waiting);
                waiting.clear();
                List<PresentClient> seen = mirror.seen();
                dispatcher.execute(() -> answered.forEach(each -> each.complete(seen)));
            }
        }

        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public void end() {
            stream.finish();
            over(new ConecException(ErrorCode.STREAM_CLOSED, "the coordinator does not tell any more"));
        }

        @Override
        public void fail(ConecException cause, boolean channelEnded) {
            if (!channelEnded && current == this) {
                log.warn(
                        "The coordinator does not tell {} who is connected, {}: {}",
                        config.id(),
                        cause.code(),
                        cause.getMessage());
            }
            over(cause);
        }

        /** Asked for again by the next call, or with the next link. */
        private void over(ConecException cause) {
            if (current == this) {
                current = null;
                failWaiting(cause);
            }
        }
    }
}
