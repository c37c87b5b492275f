package io.conec.benchmarks.system;

/** What the receiving process does with what arrives. */
public interface Service {
    /** A stream has been opened by a sender; the result gets its messages. */
    MessageHandler accept(MessageStream stream);

    /** The answer to a request. */
    byte[] answer(byte[] request);
}
