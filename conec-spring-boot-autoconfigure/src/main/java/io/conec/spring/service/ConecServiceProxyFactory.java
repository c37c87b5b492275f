package io.conec.spring.service;

import io.conec.spring.core.ConecTemplate;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.ReflectiveMethodInvocation;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.ReflectionUtils.MethodFilter;
import org.springframework.util.StringValueResolver;

/**
 * Makes proxies of interfaces with {@link ConecExchange} methods.
 *
 * <pre>{@code
 * @Bean
 * Prices prices(ConecServiceProxyFactory factory) {
 *     return factory.createClient(Prices.class);
 * }
 * }</pre>
 *
 * <p>Factory and proxies may be used from any thread.
 */
public final class ConecServiceProxyFactory {
    private final ConecTemplate template;
    private final StringValueResolver valueResolver;

    /**
     * A factory of proxies that send through that template.
     *
     * @param valueResolver resolves placeholders and expressions in annotations
     */
    public ConecServiceProxyFactory(ConecTemplate template, StringValueResolver valueResolver) {
        this.template = template;
        this.valueResolver = valueResolver;
    }

    /**
     * A proxy for the peers that the annotations name.
     *
     * @throws InvalidExchangeException naming the method that is no request
     */
    public <S> S createClient(Class<S> service) {
        return create(service, null);
    }

    /**
     * A proxy for this peer, which annotations may overrule.
     *
     * @param peer a client's id
     * @throws InvalidExchangeException naming the method that is no request
     */
    public <S> S createClient(Class<S> service, String peer) {
        return create(service, peer);
    }

    private <S> S create(Class<S> service, @Nullable String peer) {
        if (!service.isInterface()) {
            throw new InvalidExchangeException(service.getName() + " is no interface");
        }
        Set<Method> methods = MethodIntrospector.selectMethods(
                service, (MethodFilter) method -> AnnotatedElementUtils.hasAnnotation(method, ConecExchange.class));
        if (methods.isEmpty()) {
            throw new InvalidExchangeException(service.getName() + " has no @ConecExchange methods");
        }
        Map<Method, ExchangeMethod> exchanges = new LinkedHashMap<>();
        for (Method method : methods) {
            try {
                exchanges.put(method, new ExchangeMethod(service, method, peer, template, valueResolver));
            } catch (IllegalStateException | IllegalArgumentException e) {
                throw new InvalidExchangeException("@ConecExchange method " + method + ": " + e.getMessage(), e);
            }
        }
        return ProxyFactory.getProxy(service, new ExchangeInterceptor(service, Map.copyOf(exchanges)));
    }

    private record ExchangeInterceptor(Class<?> service, Map<Method, ExchangeMethod> exchanges)
            implements MethodInterceptor {
        @Override
        public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
            Method method = invocation.getMethod();
            ExchangeMethod exchange = exchanges.get(method);
            if (exchange != null) {
                return exchange.invoke(invocation.getArguments());
            }
            if (method.isDefault() && invocation instanceof ReflectiveMethodInvocation reflective) {
                // InvocationHandler.invokeDefault would not do for interfaces that are not public.
                Class<?> type = method.getDeclaringClass();
                return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                        .unreflectSpecial(method, type)
                        .bindTo(reflective.getProxy())
                        .invokeWithArguments(invocation.getArguments());
            }
            if (ReflectionUtils.isToStringMethod(method)) {
                return "proxy of " + service.getName();
            }
            throw new IllegalStateException(method + " is neither a @ConecExchange nor a default method");
        }
    }
}
