package io.conec.spring.annotation;

import io.conec.spring.listener.ConecListenerErrorHandler;
import io.conec.spring.listener.ListenerDefinition;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.config.BeanExpressionContext;
import org.springframework.beans.factory.config.BeanExpressionResolver;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;

/** Reads a {@link ConecChannelListener}: resolves placeholders and expressions. */
final class ListenerAttributes {
    private final ConfigurableBeanFactory beanFactory;

    ListenerAttributes(ConfigurableBeanFactory beanFactory) {
        this.beanFactory = beanFactory;
    }

    /** @throws IllegalArgumentException saying which attribute is wrong */
    ListenerDefinition definition(ConecChannelListener annotation) {
        return new ListenerDefinition(
                text("id", annotation.id()),
                text("peer", annotation.peer()),
                text("stream", annotation.stream()),
                text("group", annotation.group()),
                number("concurrency", annotation.concurrency()),
                flag("autoStartup", annotation.autoStartup()),
                errorHandler(annotation.errorHandler()));
    }

    private @Nullable Object resolve(String value) {
        String resolved = beanFactory.resolveEmbeddedValue(value);
        BeanExpressionResolver expressions = beanFactory.getBeanExpressionResolver();
        return expressions == null
                ? resolved
                : expressions.evaluate(resolved, new BeanExpressionContext(beanFactory, null));
    }

    private String text(String attribute, String value) {
        Object resolved = resolve(value);
        if (resolved instanceof String text) {
            return text.strip();
        }
        throw new IllegalArgumentException("the attribute \"" + attribute + "\" has to give a text, \"" + value
                + "\" gives " + (resolved == null ? "null" : resolved.getClass().getName()));
    }

    private @Nullable Integer number(String attribute, String value) {
        Object resolved = resolve(value);
        if (resolved instanceof Integer number) {
            return number;
        }
        String text = String.valueOf(resolved).strip();
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "the attribute \"" + attribute + "\" has to be a whole number, it is \"" + text + "\"", e);
        }
    }

    private @Nullable Boolean flag(String attribute, String value) {
        Object resolved = resolve(value);
        if (resolved instanceof Boolean flag) {
            return flag;
        }
        String text = String.valueOf(resolved).strip().toLowerCase(Locale.ROOT);
        return switch (text) {
            case "" -> null;
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(
                        "the attribute \"" + attribute + "\" has to be true or false, it is \"" + text + "\"");
        };
    }

    private @Nullable ConecListenerErrorHandler errorHandler(String value) {
        Object resolved = resolve(value);
        if (resolved instanceof ConecListenerErrorHandler handler) {
            return handler;
        }
        String name = String.valueOf(resolved).strip();
        if (name.isEmpty()) {
            return null;
        }
        try {
            return beanFactory.getBean(name, ConecListenerErrorHandler.class);
        } catch (BeansException e) {
            throw new IllegalArgumentException(
                    "the attribute \"errorHandler\" has to name a ConecListenerErrorHandler bean: " + e.getMessage(),
                    e);
        }
    }
}
