package io.conec.spring.listener;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.messaging.handler.annotation.support.MethodArgumentNotValidException;
import org.springframework.messaging.handler.annotation.support.MethodArgumentTypeMismatchException;

/** What a call of a listener method failed with. */
final class Failures {
    private Failures() {}

    /** What could not be made into arguments: the sender's fault as a rule. */
    static final class ArgumentsFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ArgumentsFailed(Exception cause) {
            super(cause);
        }
    }

    /** Without what stages and reflection wrap around it. */
    static Throwable unwrapped(Throwable failure) {
        Throwable told = failure;
        while ((told instanceof CompletionException
                        || told instanceof ExecutionException
                        || told instanceof InvocationTargetException)
                && told.getCause() != null) {
            told = told.getCause();
        }
        return told;
    }

    /** What to tell an error handler, or a trace. */
    static Throwable told(Throwable failure) {
        Throwable unwrapped = unwrapped(failure);
        return unwrapped instanceof ArgumentsFailed && unwrapped.getCause() != null ? unwrapped.getCause() : unwrapped;
    }

    /** Whether a payload could not be read, or was not valid. */
    static boolean isConversion(Throwable unwrapped) {
        return unwrapped instanceof ArgumentsFailed
                || unwrapped instanceof MessageConversionException
                || unwrapped instanceof MethodArgumentNotValidException
                || unwrapped instanceof MethodArgumentTypeMismatchException;
    }
}
