package io.conec.spring.service;

/** An interface of {@link ConecExchange} methods of which no proxy can be made. The message names the method and says why. */
public final class InvalidExchangeException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    InvalidExchangeException(String message) {
        super(message);
    }

    InvalidExchangeException(String message, Throwable cause) {
        super(message, cause);
    }
}
