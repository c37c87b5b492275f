package io.conec;

/** Takes the streams that other parties open. */
@FunctionalInterface
public interface StreamHandler {
    /**
     * Takes one stream, on the party's executor; the handler owns it from here on and closes it when done, here or later on another thread. Different
     * streams are handled in parallel.
     *
     * @throws Exception resets the stream with {@link ErrorCode#HANDLER_FAILED}, or with the code of a {@link ConecException}; the channel stays
     */
    void handle(ConecStream stream) throws Exception;
}
