package io.conec.client;

import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecParty;
import io.conec.Registration;
import io.conec.StreamHandler;
import io.conec.StreamOffer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Skeleton: signatures only. */
public final class ConecClient implements ConecParty {
    private final ClientConfig config;

    public ConecClient(ClientConfig config) {
        this.config = config;
    }

    /** Binds the socket and starts connecting; completes when registered, exceptionally when the first attempt fails (the client goes on trying). */
    public CompletableFuture<Void> start() {
        throw new UnsupportedOperationException();
    }

    public ClientConfig config() {
        return config;
    }

    public ClientStatus status() {
        throw new UnsupportedOperationException();
    }

    /** The bound UDP address. */
    public InetSocketAddress localAddress() {
        throw new UnsupportedOperationException();
    }

    /** The channel to the coordinator, while connected. */
    public Optional<ConecChannel> coordinator() {
        throw new UnsupportedOperationException();
    }

    /** The channel to this peer: the open one, or a new one. */
    public CompletableFuture<ConecChannel> open(String peer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        return config.id().value();
    }

    @Override
    public List<ConecChannel> channels() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Registration onStream(Predicate<StreamOffer> accepts, StreamHandler handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Registration onEvent(Consumer<ConecEvent> listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isRunning() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
