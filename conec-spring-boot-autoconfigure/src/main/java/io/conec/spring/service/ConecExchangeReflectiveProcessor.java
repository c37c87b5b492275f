package io.conec.spring.service;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.aot.hint.annotation.ReflectiveProcessor;

/** Native image hints for {@link ConecExchange} methods: the method itself, and the types of payloads and answers for JSON. */
final class ConecExchangeReflectiveProcessor implements ReflectiveProcessor {
    private final BindingReflectionHintsRegistrar registrar = new BindingReflectionHintsRegistrar();

    @Override
    public void registerReflectionHints(ReflectionHints hints, AnnotatedElement element) {
        if (element instanceof Method method) {
            hints.registerMethod(method, ExecutableMode.INVOKE);
            for (Type type : method.getGenericParameterTypes()) {
                registrar.registerReflectionHints(hints, type);
            }
            if (method.getReturnType() != void.class) {
                registrar.registerReflectionHints(hints, method.getGenericReturnType());
            }
        }
    }
}
