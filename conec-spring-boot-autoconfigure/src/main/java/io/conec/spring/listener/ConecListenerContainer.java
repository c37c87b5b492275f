package io.conec.spring.listener;

import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ConecParty;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.Registration;
import io.conec.StreamOffer;
import io.conec.spring.support.PayloadConverter;
import io.conec.spring.support.SendBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.Lifecycle;

/**
 * Runs one listener method. Kept by the {@link ConecListenerEndpointRegistry}, which starts and stops it with the application.
 *
 * <ul>
 *   <li>Running: streams and channels are handled, at most as many calls at once as its concurrency says. Those beyond that wait unread, which stops their senders.
 *   <li>Paused: calls under way finish, none begins. Streams that are opened are accepted and wait.
 *   <li>A listener to a group is a member of it while it runs; while it is paused, its group takes it for a slow receiver.
 *   <li>Stopped: streams are refused, with {@link ErrorCode#NO_HANDLER}, or {@link ErrorCode#SHUTTING_DOWN} while the whole registry is stopped.
 * </ul>
 *
 * <p>All methods may be called from any thread.
 */
public final class ConecListenerContainer implements Lifecycle {
    private static final Logger log = LoggerFactory.getLogger(ConecListenerContainer.class);

    private final ListenerEndpoint endpoint;
    private final PayloadConverter converter;
    private final Executor executor;
    private final Duration gracePeriod;
    private final boolean autoStartup;
    private final Gate gate;
    private final ListenerRun run;
    private final List<Registration> registrations = new ArrayList<>();
    private final List<GroupListening> groups = new ArrayList<>();
    private final Set<StreamHandling> handlings = ConcurrentHashMap.newKeySet();
    private volatile boolean shuttingDown;

    ConecListenerContainer(
            ListenerEndpoint endpoint, ConecListenerConfig config, int concurrency, boolean autoStartup) {
        this.endpoint = endpoint;
        this.converter = config.converter();
        this.executor = config.executor();
        this.gracePeriod = config.gracePeriod();
        this.autoStartup = autoStartup;
        this.gate = new Gate(concurrency, autoStartup, executor);
        this.run = new ListenerRun(endpoint, gate, new CallContext.Factory(endpoint.id(), config), config);
    }

    /** Begins to listen to the parties. */
    void listenTo(Collection<? extends ConecParty> parties) {
        for (ConecParty party : parties) {
            registrations.add(
                    switch (endpoint.signature().kind()) {
                        case CHANNEL -> party.onEvent(event -> handle(party, event));
                        case STREAM, MESSAGE, MESSAGES ->
                            party.onStream(this::accepts, stream -> handle(party, stream));
                        case GROUP_MESSAGE -> party.onEvent(group(party)::handle);
                    });
        }
    }

    private GroupListening group(ConecParty party) {
        String name = Objects.requireNonNull(endpoint.group());
        GroupOptions options = run.config().groupOptions(name);
        if (List.of(endpoint.method().getMethod().getParameterTypes()).contains(ConecGroup.class)) {
            options = new GroupOptions(true, true, options.ownMessages(), options.slowReceiver());
        }
        GroupListening listening = new GroupListening(party, run, name, options);
        groups.add(listening);
        return listening;
    }

    ListenerEndpoint endpoint() {
        return endpoint;
    }

    /** The listener's id. */
    public String id() {
        return endpoint.id();
    }

    /** Whether it starts with the registry. */
    public boolean isAutoStartup() {
        return autoStartup;
    }

    @Override
    public void start() {
        shuttingDown = false;
        gate.open();
        groups.forEach(GroupListening::start);
    }

    /**
     * Takes no more streams and reads no further message, waits until calls under way have finished and their answers are delivered, for at most the grace period
     * ({@code conec.shutdown.grace-period}), and then resets the streams that are left with {@link ErrorCode#SHUTTING_DOWN} and cancels what their calls, or those for groups, have returned. Called by the listener's own method it waits for that, and so for the whole grace period.
     */
    @Override
    public void stop() {
        close();
        await(System.nanoTime() + gracePeriod.toNanos());
    }

    /** Begins no further call until it is resumed. Those under way finish. */
    public void pause() {
        gate.pause();
    }

    /** Takes {@link #pause()} back. */
    public void resume() {
        gate.resume();
    }

    @Override
    public boolean isRunning() {
        return gate.isOpen();
    }

    /** Whether it was told to pause. It may be stopped as well. */
    public boolean isPaused() {
        return gate.isPaused();
    }

    /** How many calls wait for their turn: their streams are not read meanwhile. */
    public int waiting() {
        return gate.waiting();
    }

    /** Whether it is to be started by the registry, and was not yet. */
    boolean isExpected() {
        return gate.isExpected();
    }

    /** The application stops: peers are told so. */
    void shutDown() {
        shuttingDown = true;
        close();
    }

    private void close() {
        gate.close();
        groups.forEach(GroupListening::stop);
        handlings.forEach(StreamHandling::stop);
    }

    /** Waits for the end of what is under way, and ends it at this {@link System#nanoTime()}. */
    void await(long deadlineNanos) {
        try {
            if (gate.awaitFinished(deadlineNanos)) {
                awaitDelivery(deadlineNanos);
                return;
            }
            log.warn(
                    "Listener {} still runs after the grace period of {}; what is under way is given up",
                    id(),
                    gracePeriod);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        handlings.forEach(StreamHandling::abort);
        groups.forEach(GroupListening::abort);
    }

    /** Answers that only QUIC has are lost when the channel is closed: a stream that has closed has delivered them. */
    private void awaitDelivery(long deadlineNanos) throws InterruptedException {
        CompletableFuture<?>[] closed = handlings.stream()
                .filter(handling -> !(handling instanceof RawStream))
                .map(handling -> handling.stream().closed())
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(closed).get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            log.warn("Not all answers of listener {} were delivered in the grace period of {}", id(), gracePeriod);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes itself back from its parties. */
    void destroy() {
        gate.close();
        registrations.forEach(Registration::close);
        registrations.clear();
    }

    // On a network thread.
    private boolean accepts(StreamOffer offer) {
        if (!endpoint.accepts(offer)) {
            return false;
        }
        if (gate.isClosed()) {
            throw shuttingDown
                    ? new ConecException(ErrorCode.SHUTTING_DOWN, "the application is shutting down")
                    : new ConecException(ErrorCode.NO_HANDLER, "the listener to this stream is stopped");
        }
        return true;
    }

    private void handle(ConecParty party, ConecStream stream) {
        StreamHeaders headers = StreamHeaders.of(stream, party);
        StreamHandling handling = switch (endpoint.signature().kind()) {
            case MESSAGE -> new MessageLoop(stream, headers, run, answers(party));
            case MESSAGES -> new WholeStream(stream, headers, run, answers(party));
            case STREAM -> new RawStream(stream, headers, run);
            case CHANNEL, GROUP_MESSAGE ->
                throw new IllegalStateException("a listener to something else was given a stream");
        };
        handlings.add(handling);
        stream.closed().thenRun(() -> handlings.remove(handling));
        if (gate.isClosed()) {
            handling.stop();
        }
        handling.start();
    }

    private ListenerAnswers answers(ConecParty party) {
        return new ListenerAnswers(converter, SendBuffer.bytes(party));
    }

    private void handle(ConecParty party, ConecEvent event) {
        if (event instanceof ConecEvent.ChannelOpened opened && endpoint.accepts(opened.channel())) {
            ChannelCall call = new ChannelCall(opened.channel(), StreamHeaders.of(opened.channel(), party), run);
            if (gate.enter(call)) {
                executor.execute(call::admitted);
            }
        }
    }
}
