package io.conec;

import org.jspecify.annotations.Nullable;

/**
 * The one exception of conec: an {@link ErrorCode} to branch on and a sentence to read.
 *
 * <p>Thrown by blocking methods and by methods that check their arguments; what an asynchronous method's stage ends with. The message names
 * the peer, property or file at fault and, where there is something to do, says what.
 */
public final class ConecException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public ConecException(ErrorCode code, String message) {
        this(code, message, null);
    }

    public ConecException(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** What went wrong. */
    public ErrorCode code() {
        return code;
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // Logs take the code, getMessage() stays one sentence.
    public String toString() {
        return "ConecException[" + code + "]: " + getMessage();
    }
}
