package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecParty;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.Registration;
import io.conec.StreamOffer;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;
import org.springframework.messaging.converter.MessageConverter;
import org.springframework.messaging.support.GenericMessage;

/**
 * The methods annotated with {@code @ConecChannelListener}, and what runs them.
 *
 * <p>Starts last and stops first of all that the application runs. Streams and channels that open before it has started wait for it, so nothing is lost while the application
 * starts. While it is stopped, streams for its listeners are refused: with {@link ErrorCode#NO_HANDLER} if it has never been started, with
 * {@link ErrorCode#SHUTTING_DOWN} afterwards. Stopping lets the methods that run finish, for at most the grace period; their streams read no further message.
 *
 * <p>All methods may be called from any thread.
 */
public final class ConecListenerEndpointRegistry implements SmartLifecycle, DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(ConecListenerEndpointRegistry.class);

    private final Collection<? extends ConecParty> parties;
    private final ListenerMethods methods;
    private final boolean json;
    private final Executor executor;
    private final boolean autoStartup;
    private final Duration gracePeriod;

    private final Invocations invocations;
    private final List<ListenerEndpoint> endpoints = new CopyOnWriteArrayList<>();
    private final List<Registration> registrations = new CopyOnWriteArrayList<>();
    private final Set<MessageLoop> loops = ConcurrentHashMap.newKeySet();
    private volatile boolean started;

    /**
     * A registry without listeners.
     *
     * @param parties whose streams and channels to listen to
     * @param jsonConverter reads and writes payloads other than bytes and text; null if there is nothing to do so
     * @param beanFactory resolves placeholders in {@code @Header} annotations
     * @param executor runs the listeners to channels; the others run on their party's executor
     * @param autoStartup whether it starts with its application context
     * @param gracePeriod how long methods that run may take to finish when it is stopped
     */
    public ConecListenerEndpointRegistry(
            Collection<? extends ConecParty> parties,
            @Nullable MessageConverter jsonConverter,
            BeanFactory beanFactory,
            Executor executor,
            boolean autoStartup,
            Duration gracePeriod) {
        this.parties = List.copyOf(parties);
        this.methods = new ListenerMethods(jsonConverter, beanFactory);
        this.json = jsonConverter != null;
        this.executor = executor;
        this.autoStartup = autoStartup;
        this.gracePeriod = gracePeriod;
        this.invocations = new Invocations(autoStartup);
    }

    /**
     * Adds a listener method.
     *
     * @param beanName the bean's name
     * @param id the listener's id; empty for one made of the bean's and the method's name
     * @param peer which peers, {@code *} for any characters
     * @param stream which streams, {@code *} for any characters; empty for a listener to channels
     * @throws IllegalStateException if the signature fits nothing, the id is taken, or another method handles one of these streams
     */
    public synchronized void register(
            String beanName, String id, String peer, String stream, Object bean, Method method) {
        ListenerEndpoint endpoint = new ListenerEndpoint(
                id.isEmpty() ? freeId(beanName + "." + method.getName()) : id,
                ListenerKind.of(bean, method, !stream.isEmpty(), json),
                new NamePattern(peer),
                stream.isEmpty() ? null : new NamePattern(stream),
                methods.create(bean, method));
        for (ListenerEndpoint other : endpoints) {
            if (other.id().equals(endpoint.id())) {
                throw new IllegalStateException("the id \"" + id + "\" is also that of " + other.method());
            }
            if (other.overlaps(endpoint)) {
                throw new IllegalStateException(
                        "handles stream \"" + stream + "\" of peer \"" + peer + "\", and so does "
                                + other.method() + " (stream \"" + other.stream() + "\" of peer \"" + other.peer()
                                + "\"): a stream can have one handler only");
            }
        }
        if (endpoints.isEmpty()) {
            parties.forEach(party -> registrations.add(party.onEvent(this::handle)));
        }
        endpoints.add(endpoint);
        if (endpoint.kind() != ListenerKind.CHANNEL) {
            for (ConecParty party : parties) {
                registrations.add(
                        party.onStream(offer -> accepts(endpoint, offer), arrived -> handle(endpoint, arrived)));
            }
        }
    }

    /** The ids of all listeners, in the order of their registration. */
    public List<String> ids() {
        return endpoints.stream().map(ListenerEndpoint::id).toList();
    }

    private String freeId(String name) {
        List<String> taken = ids();
        String free = name;
        for (int i = 2; taken.contains(free); i++) {
            free = name + "#" + i;
        }
        return free;
    }

    private boolean accepts(ListenerEndpoint endpoint, StreamOffer offer) {
        if (!endpoint.accepts(offer)) {
            return false;
        }
        if (!invocations.isOpen() && started) {
            throw new ConecException(ErrorCode.SHUTTING_DOWN, "the application's listeners are stopped");
        }
        return invocations.isOpen();
    }

    private void handle(ListenerEndpoint endpoint, ConecStream stream) {
        if (!invocations.enter()) {
            stream.reset(ErrorCode.SHUTTING_DOWN);
            return;
        }
        try {
            if (endpoint.kind() == ListenerKind.MESSAGE) {
                MessageLoop loop = new MessageLoop(stream, endpoint, methods, invocations);
                loops.add(loop);
                stream.closed().whenComplete((code, never) -> loops.remove(loop));
                if (!invocations.isOpen()) {
                    loop.stop();
                }
                loop.run();
            } else {
                callWithStream(endpoint, stream);
            }
        } finally {
            invocations.exit();
        }
    }

    private void callWithStream(ListenerEndpoint endpoint, ConecStream stream) {
        ListenerFailure failure = new ListenerFailure(endpoint, stream);
        @Nullable Object[] arguments;
        try {
            arguments = endpoint.method().arguments(new GenericMessage<>(stream, StreamHeaders.of(stream)));
        } catch (Exception e) {
            failure.conversionFailed(e);
            return;
        }
        try {
            endpoint.method().call(arguments);
        } catch (Exception | Error e) {
            failure.handlerFailed(e);
        }
    }

    private void handle(ConecEvent event) {
        if (event instanceof ConecEvent.ChannelOpened opened) {
            ConecChannel channel = opened.channel();
            for (ListenerEndpoint endpoint : endpoints) {
                if (endpoint.accepts(channel) && invocations.isOpen()) {
                    executor.execute(() -> callWithChannel(endpoint, channel));
                }
            }
        }
    }

    private void callWithChannel(ListenerEndpoint endpoint, ConecChannel channel) {
        if (!invocations.enter()) {
            return;
        }
        try {
            endpoint.method()
                    .call(endpoint.method().arguments(new GenericMessage<>(channel, StreamHeaders.of(channel))));
        } catch (Exception | Error e) {
            log.error("Listener {} failed for the channel to {}", endpoint.id(), channel.peer(), e);
        } finally {
            invocations.exit();
        }
    }

    @Override
    public void start() {
        started = true;
        invocations.start();
    }

    @Override
    public void stop() {
        try {
            invocations.close();
            loops.forEach(MessageLoop::stop);
            if (!invocations.awaitIdle(gracePeriod)) {
                log.warn("Listeners still run after the grace period of {}; their channels are closed", gracePeriod);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return invocations.isRunning();
    }

    @Override
    public boolean isAutoStartup() {
        return autoStartup;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE - 100;
    }

    /** Takes all listeners back from their parties. */
    @Override
    public void destroy() {
        // Releases what waits for a start that failed.
        invocations.close();
        registrations.forEach(Registration::close);
        registrations.clear();
    }
}
