package io.conec.benchmarks.system;

import java.util.concurrent.CompletionStage;

/** The connected side. */
public interface Sender extends Node {
    /** Opens a stream whose incoming messages the handler gets. */
    MessageStream open(MessageHandler handler) throws Exception;

    /** Sends a request. Any thread. */
    default CompletionStage<byte[]> request(byte[] message) {
        throw new UnsupportedOperationException("no requests");
    }
}
