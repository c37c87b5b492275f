package io.conec.coordinator;

import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecParty;
import io.conec.ErrorCode;
import io.conec.Registration;
import io.conec.StreamHandler;
import io.conec.StreamOffer;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.EndpointConfig;
import io.conec.internal.transport.PacketCounts;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The party that everybody reaches: lets clients register, introduces them to each other, relays their encrypted packets, and talks with each over its channel.
 *
 * <pre>{@code
 * Identity identity = Identity.loadOrCreate(Path.of(".conec"), () -> Identity.generateForHosts(List.of("localhost")));
 * try (ConecCoordinator coordinator = new ConecCoordinator(CoordinatorConfig.builder(identity).build())) {
 *     coordinator.onStream("echo", stream -> { ... });
 *     coordinator.start();
 *     ...
 * }
 * }</pre>
 *
 * <p>All methods may be called from any thread.
 */
public final class ConecCoordinator implements ConecParty {
    private static final Logger log = LoggerFactory.getLogger(ConecCoordinator.class);

    private final CoordinatorConfig config;
    private final Dispatcher dispatcher;
    private final PacketCounts counts = new PacketCounts();
    private final LongAdder introductions = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile @Nullable Running running;

    /** What exists between start and close. */
    private record Running(Endpoint endpoint, ClientLinks links) {}

    /** Makes a coordinator; nothing happens before {@link #start}. */
    public ConecCoordinator(CoordinatorConfig config) {
        this.config = config;
        this.dispatcher = new Dispatcher(config.executor(), "coordinator");
    }

    /**
     * Binds the socket and lets clients in.
     *
     * @throws ConecException with {@link ErrorCode#BIND_FAILED}, {@link ErrorCode#UNSUPPORTED_PLATFORM}, or {@link ErrorCode#CERTIFICATE_EXPIRED} for the coordinator's own
     *     certificate
     * @throws IllegalStateException if it is running
     */
    public synchronized void start() {
        if (running != null) {
            throw new IllegalStateException("the coordinator is running");
        }
        config.identity().requireValidAt(Instant.now());
        Relay relay = new Relay(counts, System::nanoTime);
        ClientLinks links = new ClientLinks(config, dispatcher, relay, introductions, refused);
        EndpointConfig endpointConfig = new EndpointConfig(
                "coordinator",
                config.bindAddress(),
                config.identity(),
                EndpointConfig.LINK_PAYLOAD_BYTES,
                config.statelessRetry(),
                config.transport());
        Endpoint endpoint = Endpoint.coordinator(endpointConfig, counts, links, relay);
        endpoint.execute(() -> {
            relay.endpoint(endpoint);
            links.start(endpoint.eventLoop());
        });
        running = new Running(endpoint, links);
        log.info(
                "Coordinator {} listens on UDP {}, certificate SHA-256 {}",
                name(),
                endpoint.localAddress(),
                config.identity().fingerprint());
    }

    /** What it was made from. */
    public CoordinatorConfig config() {
        return config;
    }

    /**
     * The bound UDP address.
     *
     * @throws IllegalStateException unless running
     */
    public InetSocketAddress localAddress() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the coordinator is not running");
        }
        return now.endpoint().localAddress();
    }

    /** What it has done since it was made; counts of clients and channels are of now. */
    public CoordinatorStatistics statistics() {
        Running now = running;
        return new CoordinatorStatistics(
                now == null ? 0 : now.links().directory().size(),
                introductions.sum(),
                now == null ? 0 : now.links().relayedChannels(),
                counts.relayedPackets(),
                counts.relayedBytes(),
                counts.droppedPackets(),
                refused.sum());
    }

    /** The channel to that client, while it is connected. */
    public Optional<ConecChannel> client(String id) {
        return channels().stream().filter(channel -> channel.peer().equals(id)).findAny();
    }

    @Override
    public String name() {
        return config.identity().names().dns().stream()
                .findFirst()
                .or(() -> config.identity().names().addresses().stream().findFirst())
                .orElse("coordinator");
    }

    @Override
    public List<ConecChannel> channels() {
        Running now = running;
        return now == null ? List.of() : now.links().channels();
    }

    @Override
    public Registration onStream(Predicate<StreamOffer> accepts, StreamHandler handler) {
        return dispatcher.onStream(accepts, handler);
    }

    @Override
    public Registration onEvent(Consumer<ConecEvent> listener) {
        return dispatcher.onEvent(listener);
    }

    @Override
    public boolean isRunning() {
        return running != null;
    }

    @Override
    public synchronized void close() {
        Running now = running;
        if (now == null) {
            return;
        }
        running = null;
        now.endpoint().executeAndWait(now.links()::close);
        now.endpoint().close();
        log.info("Coordinator {} has closed", name());
    }
}
