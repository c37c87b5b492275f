package io.conec.internal.channel;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.StreamHandler;
import java.util.Map;

/** What the other side opens for a handler of this side's: a stream, or a request on a stream that requests share. Owned by the event loop. */
public interface Incoming {
    /** What it is for; never empty. Any thread. */
    String name();

    /** Any thread. */
    Map<String, String> headers();

    /** Whether this side still has to accept or refuse it. */
    boolean isUndecided();

    /** The handler takes it; it is undecided. */
    void accept(StreamHandler handler);

    /** Nobody takes it. Does nothing unless it is undecided. */
    void refuse(ConecException reason);

    /** Ends it, for a reason other than {@link ErrorCode#NO_ERROR}. Any thread. */
    void reset(ErrorCode code, String message);
}
