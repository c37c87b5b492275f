package io.conec.spring.listener;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.springframework.core.MethodParameter;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;

/** How a listener method gives its answer. */
enum ResultKind {
    NOTHING,
    VALUE,
    /** A {@link CompletionStage} of one answer. */
    STAGE,
    /** A reactive type of at most one answer. */
    MONO,
    /** A reactive type of any number of answers. */
    FLUX;

    /** @throws IllegalStateException if it is no type that anything can be done with */
    static ResultKind of(Class<?> type) {
        if (type == void.class || type == Void.class) {
            return NOTHING;
        }
        if (CompletionStage.class.isAssignableFrom(type)) {
            return STAGE;
        }
        if (Future.class.isAssignableFrom(type)) {
            throw new IllegalStateException("returns " + type.getSimpleName()
                    + ", which tells nobody when it is done: return a CompletableFuture");
        }
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
        if (adapter != null) {
            return adapter.isMultiValue() ? FLUX : MONO;
        }
        if (isPublisher(type)) {
            throw new IllegalStateException(
                    "returns " + type.getSimpleName() + ", which takes Reactor: add io.projectreactor:reactor-core");
        }
        return VALUE;
    }

    /** Whether this is a reactive type, with Reactor there or not. */
    static boolean isPublisher(Class<?> type) {
        return Flow.Publisher.class.isAssignableFrom(type) || type.getName().equals("org.reactivestreams.Publisher");
    }

    /** The type of one answer. */
    Class<?> answerType(MethodParameter returned) {
        return switch (this) {
            case NOTHING, VALUE -> returned.getParameterType();
            case STAGE, MONO, FLUX -> returned.nested().getNestedParameterType();
        };
    }
}
