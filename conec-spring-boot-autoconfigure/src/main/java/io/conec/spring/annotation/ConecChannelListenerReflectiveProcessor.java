package io.conec.spring.annotation;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Set;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.aot.hint.annotation.SimpleReflectiveProcessor;

/** Native image hints for listener methods: the method itself, and the payload and returned types for JSON. */
final class ConecChannelListenerReflectiveProcessor extends SimpleReflectiveProcessor {
    private static final Set<Type> NO_PAYLOAD =
            Set.of(ConecChannel.class, ConecStream.class, ConecMessage.class, byte[].class, String.class, void.class);

    private final BindingReflectionHintsRegistrar registrar = new BindingReflectionHintsRegistrar();

    @Override
    protected void registerMethodHint(ReflectionHints hints, Method method) {
        super.registerMethodHint(hints, method);
        for (Type type : method.getGenericParameterTypes()) {
            registerPayload(hints, type);
        }
        registerPayload(hints, method.getGenericReturnType());
    }

    private void registerPayload(ReflectionHints hints, Type type) {
        if (!NO_PAYLOAD.contains(type)) {
            registrar.registerReflectionHints(hints, type);
        }
    }
}
