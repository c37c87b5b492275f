package io.conec.spring.listener;

import io.conec.ConecParty;
import io.conec.ErrorCode;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * The containers of the methods annotated with {@code @ConecChannelListener}.
 *
 * <p>Starts last and stops first of all that the application runs. Streams and channels that open before it has started wait for it, so nothing is lost while the application
 * starts. When it stops, streams are refused with {@link ErrorCode#SHUTTING_DOWN}, calls that are under way finish within the grace period, and their streams read no further message. Started again, it
 * starts the containers that ran before.
 *
 * <p>All methods may be called from any thread.
 */
public final class ConecListenerEndpointRegistry implements SmartLifecycle, DisposableBean {
    private final Collection<? extends ConecParty> parties;
    private final ConecListenerConfig config;
    private final ListenerMethods methods;
    private final List<ConecListenerContainer> containers = new CopyOnWriteArrayList<>();

    // Guarded by this.
    private final Set<ConecListenerContainer> stopped = new HashSet<>();

    private volatile boolean running;

    /**
     * A registry without listeners.
     *
     * @param parties whose streams and channels to listen to
     * @param beanFactory resolves placeholders in {@code @Header} annotations
     */
    public ConecListenerEndpointRegistry(
            Collection<? extends ConecParty> parties, ConecListenerConfig config, BeanFactory beanFactory) {
        this.parties = List.copyOf(parties);
        this.config = config;
        this.methods =
                new ListenerMethods(config.converter(), config.validator(), config.argumentResolvers(), beanFactory);
    }

    /**
     * Adds a listener method, and starts it if this registry runs and it is to start by itself.
     *
     * @param beanName the bean's name
     * @throws IllegalStateException if the signature fits nothing, the id is taken, or another method handles one of these streams
     */
    public synchronized ConecListenerContainer register(
            String beanName, ListenerDefinition definition, Object bean, Method method) {
        String stream = definition.stream();
        ListenerSignature signature = ListenerSignature.of(
                bean,
                method,
                definition.source(),
                new ListenerSignature.Payloads(
                        config.converter().convertsObjects(), config.validator() != null, methods::isOther));
        ListenerEndpoint endpoint = new ListenerEndpoint(
                definition.id().isEmpty() ? freeId(beanName + "." + method.getName()) : definition.id(),
                signature,
                new NamePattern(definition.peer()),
                stream.isEmpty() ? null : new NamePattern(stream),
                definition.group().isEmpty() ? null : definition.group(),
                methods.create(bean, method),
                definition.errorHandler());
        checkUnique(endpoint);
        Boolean autoStartup = definition.autoStartup();
        ConecListenerContainer container = new ConecListenerContainer(
                endpoint,
                config,
                concurrency(definition, signature),
                autoStartup == null ? config.autoStartup() : autoStartup);
        containers.add(container);
        container.listenTo(parties);
        if (running && container.isAutoStartup()) {
            container.start();
        }
        return container;
    }

    private int concurrency(ListenerDefinition definition, ListenerSignature signature) {
        Integer concurrency = definition.concurrency();
        if (signature.kind() == ListenerKind.GROUP_MESSAGE) {
            if (concurrency != null && concurrency > 1) {
                throw new IllegalStateException("has a concurrency of " + concurrency
                        + ", but the messages of a group come one after the other");
            }
            return 1;
        }
        if (concurrency != null) {
            return concurrency;
        }
        // A whole stream may last for ever, and holds no thread meanwhile.
        return signature.isWholeStream() ? Integer.MAX_VALUE : config.concurrency();
    }

    private void checkUnique(ListenerEndpoint endpoint) {
        for (ConecListenerContainer container : containers) {
            ListenerEndpoint other = container.endpoint();
            if (other.id().equals(endpoint.id())) {
                throw new IllegalStateException("the id \"" + endpoint.id() + "\" is also that of " + other.method());
            }
            if (other.overlaps(endpoint)) {
                throw new IllegalStateException(
                        "handles stream \"" + endpoint.stream() + "\" of peer \"" + endpoint.peer() + "\", and so does "
                                + other.method() + " (stream \"" + other.stream() + "\" of peer \"" + other.peer()
                                + "\"): a stream can have one handler only");
            }
        }
    }

    private String freeId(String name) {
        List<String> taken = ids();
        String free = name;
        for (int i = 2; taken.contains(free); i++) {
            free = name + "#" + i;
        }
        return free;
    }

    /** The container of the listener with this id. */
    public Optional<ConecListenerContainer> container(String id) {
        return containers.stream()
                .filter(container -> container.id().equals(id))
                .findAny();
    }

    /** The ids of all listeners, in the order of their registration. */
    public List<String> ids() {
        return containers.stream().map(ConecListenerContainer::id).toList();
    }

    /** All containers, in the order of their registration. */
    public List<ConecListenerContainer> containers() {
        return List.copyOf(containers);
    }

    /** Starts the containers that are to start by themselves and were not started yet, and those that ran when it was stopped. */
    @Override
    public synchronized void start() {
        running = true;
        containers.stream()
                .filter(container -> container.isExpected() || stopped.contains(container))
                .forEach(ConecListenerContainer::start);
        stopped.clear();
    }

    /** Stops all containers, at the same time. */
    @Override
    public void stop() {
        long deadline = System.nanoTime() + config.gracePeriod().toNanos();
        synchronized (this) {
            running = false;
            containers.stream().filter(ConecListenerContainer::isRunning).forEach(stopped::add);
            containers.forEach(ConecListenerContainer::shutDown);
        }
        containers.forEach(container -> container.await(deadline));
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE - 100;
    }

    /** Takes all listeners back from their parties. */
    @Override
    public void destroy() {
        containers.forEach(ConecListenerContainer::destroy);
    }
}
