package io.conec;

/**
 * Why a channel ended.
 *
 * @param code the error code; {@link ErrorCode#NO_ERROR} for an ordinary close
 * @param message a sentence for a log; empty when there is nothing to add to the code
 * @param byPeer whether the other side closed it
 */
public record CloseReason(ErrorCode code, String message, boolean byPeer) {
    /** What operations on the ended channel fail with. */
    public ConecException toException() {
        String by = byPeer ? "the other side closed the channel" : "the channel is closed";
        ErrorCode failure = code == ErrorCode.NO_ERROR ? ErrorCode.CHANNEL_CLOSED : code;
        return new ConecException(failure, message.isEmpty() ? by + " (" + code + ")" : by + ": " + message);
    }
}
