package io.conec.spring.annotation;

import java.lang.reflect.Method;
import org.springframework.beans.factory.BeanCreationException;

/** A {@link ConecChannelListener} method that cannot be one. The message names it and says why. */
public final class InvalidListenerMethodException extends BeanCreationException {
    private static final long serialVersionUID = 1L;

    InvalidListenerMethodException(String beanName, Method method, RuntimeException cause) {
        super(beanName, "@ConecChannelListener method " + method + ": " + cause.getMessage(), cause);
    }
}
