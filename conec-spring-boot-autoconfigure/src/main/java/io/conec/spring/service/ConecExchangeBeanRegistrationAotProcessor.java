package io.conec.spring.service;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/** Native image hints for the proxies of beans that are {@link ConecExchange} interfaces. */
final class ConecExchangeBeanRegistrationAotProcessor implements BeanRegistrationAotProcessor {
    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        List<Class<?>> services = Arrays.stream(ClassUtils.getAllInterfacesForClass(bean.getBeanClass()))
                .filter(type -> Arrays.stream(type.getMethods())
                        .anyMatch(method -> AnnotatedElementUtils.hasAnnotation(method, ConecExchange.class)))
                .<Class<?>>map(type -> type)
                .toList();
        if (services.isEmpty()) {
            return null;
        }
        return (context, code) -> services.forEach(service -> context.getRuntimeHints()
                .proxies()
                .registerJdkProxy(AopProxyUtils.completeJdkProxyInterfaces(service)));
    }
}
