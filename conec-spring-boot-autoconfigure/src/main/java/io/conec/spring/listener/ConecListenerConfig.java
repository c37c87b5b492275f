package io.conec.spring.listener;

import io.conec.GroupOptions;
import io.conec.spring.support.PayloadConverter;
import io.conec.spring.support.micrometer.ConecListenerObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolver;
import org.springframework.validation.Validator;

/** What all listeners of a registry have in common. Immutable. */
public final class ConecListenerConfig {
    private final PayloadConverter converter;
    private final Executor executor;
    private final @Nullable Validator validator;
    private final List<HandlerMethodArgumentResolver> argumentResolvers;
    private final List<ConecListenerThreadContext> threadContexts;
    private final List<ConecErrorCodeResolver> errorCodes;
    private final Function<String, GroupOptions> groupOptions;
    private final ObservationRegistry observationRegistry;
    private final @Nullable ConecListenerObservationConvention observationConvention;
    private final int concurrency;
    private final boolean autoStartup;
    private final Duration gracePeriod;

    private ConecListenerConfig(Builder builder) {
        converter = builder.converter;
        executor = builder.executor;
        validator = builder.validator;
        argumentResolvers = builder.argumentResolvers;
        threadContexts = builder.threadContexts;
        errorCodes = builder.errorCodes;
        groupOptions = builder.groupOptions;
        observationRegistry = builder.observationRegistry;
        observationConvention = builder.observationConvention;
        concurrency = builder.concurrency;
        autoStartup = builder.autoStartup;
        gracePeriod = builder.gracePeriod;
    }

    /**
     * A builder with the defaults that its methods name.
     *
     * @param converter reads payloads and writes answers
     * @param executor runs listener methods that had to wait for their turn, and what follows on results that come later; has to be one whose threads may block
     */
    public static Builder builder(PayloadConverter converter, Executor executor) {
        return new Builder(converter, executor);
    }

    PayloadConverter converter() {
        return converter;
    }

    Executor executor() {
        return executor;
    }

    @Nullable
    Validator validator() {
        return validator;
    }

    List<HandlerMethodArgumentResolver> argumentResolvers() {
        return argumentResolvers;
    }

    List<ConecListenerThreadContext> threadContexts() {
        return threadContexts;
    }

    List<ConecErrorCodeResolver> errorCodes() {
        return errorCodes;
    }

    GroupOptions groupOptions(String group) {
        return groupOptions.apply(group);
    }

    ObservationRegistry observationRegistry() {
        return observationRegistry;
    }

    @Nullable
    ConecListenerObservationConvention observationConvention() {
        return observationConvention;
    }

    int concurrency() {
        return concurrency;
    }

    boolean autoStartup() {
        return autoStartup;
    }

    Duration gracePeriod() {
        return gracePeriod;
    }

    /** Changes some settings. Not for several threads. */
    public static final class Builder {
        private final PayloadConverter converter;
        private final Executor executor;
        private @Nullable Validator validator;
        private List<HandlerMethodArgumentResolver> argumentResolvers = List.of();
        private List<ConecListenerThreadContext> threadContexts = List.of();
        private List<ConecErrorCodeResolver> errorCodes = List.of();
        private Function<String, GroupOptions> groupOptions = group -> GroupOptions.receiveOnly();
        private ObservationRegistry observationRegistry = ObservationRegistry.NOOP;
        private @Nullable ConecListenerObservationConvention observationConvention;
        private int concurrency = 16;
        private boolean autoStartup = true;
        private Duration gracePeriod = Duration.ofSeconds(20);

        private Builder(PayloadConverter converter, Executor executor) {
            this.converter = converter;
            this.executor = executor;
        }

        /** Checks payloads annotated with {@code @Valid} or {@code @Validated}; none by default. */
        public Builder validator(@Nullable Validator value) {
            validator = value;
            return this;
        }

        /** For arguments of further types, asked before an argument is taken for the payload; none by default. */
        public Builder argumentResolvers(List<HandlerMethodArgumentResolver> value) {
            argumentResolvers = List.copyOf(value);
            return this;
        }

        /** What is bound to the threads that listener methods are called on; nothing by default. */
        public Builder threadContexts(List<ConecListenerThreadContext> value) {
            threadContexts = List.copyOf(value);
            return this;
        }

        /** Which codes tell of failures, asked in this order; none by default. */
        public Builder errorCodes(List<ConecErrorCodeResolver> value) {
            errorCodes = List.copyOf(value);
            return this;
        }

        /** How a listener joins the group of that name; default {@link GroupOptions#receiveOnly()}. A listener that takes the {@code ConecGroup} sends, too. */
        public Builder groupOptions(Function<String, GroupOptions> value) {
            groupOptions = value;
            return this;
        }

        /** Who is told of observations; nobody by default. */
        public Builder observationRegistry(ObservationRegistry value) {
            observationRegistry = value;
            return this;
        }

        /** How observations are named, if not by default. */
        public Builder observationConvention(@Nullable ConecListenerObservationConvention value) {
            observationConvention = value;
            return this;
        }

        /** How many calls of a listener may be under way at once unless it says otherwise; default 16. Listeners that take or return whole streams have no limit of their own. */
        public Builder concurrency(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("the concurrency has to be at least 1, it is " + value);
            }
            concurrency = value;
            return this;
        }

        /** Whether listeners start with the application unless they say otherwise; default true. */
        public Builder autoStartup(boolean value) {
            autoStartup = value;
            return this;
        }

        /** How long calls under way may take to finish when listeners are stopped; default 20 s. */
        public Builder gracePeriod(Duration value) {
            gracePeriod = value;
            return this;
        }

        /** The settings. */
        public ConecListenerConfig build() {
            return new ConecListenerConfig(this);
        }
    }
}
