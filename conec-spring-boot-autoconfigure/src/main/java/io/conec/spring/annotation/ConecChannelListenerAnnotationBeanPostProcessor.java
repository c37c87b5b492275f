package io.conec.spring.annotation;

import io.conec.spring.listener.ConecListenerEndpointRegistry;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;

/**
 * Finds {@link ConecChannelListener} methods and registers them with the {@link ConecListenerEndpointRegistry} once all singletons are there; those of
 * beans that are created later, at once.
 */
public final class ConecChannelListenerAnnotationBeanPostProcessor
        implements BeanPostProcessor, SmartInitializingSingleton, BeanFactoryAware {
    private final ObjectProvider<ConecListenerEndpointRegistry> registry;
    private final Set<Class<?>> withoutListeners = ConcurrentHashMap.newKeySet();

    // Guarded by itself: beans can be created by several threads.
    private final List<Listener> found = new ArrayList<>();
    private boolean singletonsReady;
    private @Nullable ListenerAttributes attributes;

    private record Listener(Object bean, String beanName, Method method, ConecChannelListener annotation) {}

    /** @param registry where to register; not asked for before the first listener is registered */
    public ConecChannelListenerAnnotationBeanPostProcessor(ObjectProvider<ConecListenerEndpointRegistry> registry) {
        this.registry = registry;
    }

    /** Whether beans of this type have listener methods. */
    public static boolean hasListeners(Class<?> type) {
        return !listenerMethods(type).isEmpty();
    }

    @Override
    public void setBeanFactory(BeanFactory beanFactory) {
        if (beanFactory instanceof ConfigurableBeanFactory configurable) {
            attributes = new ListenerAttributes(configurable);
        }
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof AopInfrastructureBean) {
            return bean;
        }
        Class<?> type = AopUtils.getTargetClass(bean);
        if (withoutListeners.contains(type)) {
            return bean;
        }
        Map<Method, Set<ConecChannelListener>> methods = listenerMethods(type);
        if (methods.isEmpty()) {
            withoutListeners.add(type);
            return bean;
        }
        List<Listener> listeners = new ArrayList<>();
        methods.forEach((method, annotations) -> {
            Method invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
            annotations.forEach(annotation -> listeners.add(new Listener(bean, beanName, invocable, annotation)));
        });
        add(listeners);
        return bean;
    }

    private static Map<Method, Set<ConecChannelListener>> listenerMethods(Class<?> type) {
        if (!AnnotationUtils.isCandidateClass(type, List.of(ConecChannelListener.class, ConecChannelListeners.class))) {
            return Map.of();
        }
        return MethodIntrospector.selectMethods(type, (Method method) -> {
            Set<ConecChannelListener> annotations = AnnotatedElementUtils.findMergedRepeatableAnnotations(
                    method, ConecChannelListener.class, ConecChannelListeners.class);
            return annotations.isEmpty() ? null : annotations;
        });
    }

    private void add(List<Listener> listeners) {
        synchronized (found) {
            if (!singletonsReady) {
                found.addAll(listeners);
                return;
            }
        }
        listeners.forEach(this::register);
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<Listener> listeners;
        synchronized (found) {
            singletonsReady = true;
            listeners = List.copyOf(found);
            found.clear();
        }
        listeners.forEach(this::register);
    }

    private void register(Listener listener) {
        ListenerAttributes reader = attributes;
        if (reader == null) {
            throw new IllegalStateException("@ConecChannelListener needs a ConfigurableBeanFactory");
        }
        try {
            registry.getObject()
                    .register(
                            listener.beanName(),
                            reader.definition(listener.annotation()),
                            listener.bean(),
                            listener.method());
        } catch (IllegalStateException | IllegalArgumentException e) {
            throw new InvalidListenerMethodException(listener.beanName(), listener.method(), e);
        }
    }
}
