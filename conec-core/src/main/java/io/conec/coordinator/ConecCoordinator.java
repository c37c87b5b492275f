package io.conec.coordinator;

import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecParty;
import io.conec.Registration;
import io.conec.StreamHandler;
import io.conec.StreamOffer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Skeleton: signatures only. */
public final class ConecCoordinator implements ConecParty {
    private final CoordinatorConfig config;

    public ConecCoordinator(CoordinatorConfig config) {
        this.config = config;
    }

    /** Binds the socket; throws BIND_FAILED. */
    public void start() {
        throw new UnsupportedOperationException();
    }

    public CoordinatorConfig config() {
        return config;
    }

    /** The bound UDP address. */
    public InetSocketAddress localAddress() {
        throw new UnsupportedOperationException();
    }

    public CoordinatorStatistics statistics() {
        throw new UnsupportedOperationException();
    }

    /** The channel to a connected client. */
    public Optional<ConecChannel> client(String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        throw new UnsupportedOperationException();
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
