package io.conec.benchmarks.system;

import java.util.concurrent.CompletionStage;

/** The connected side. */
public interface Sender extends Node {
    /** Opens a stream whose incoming messages the handler gets. */
    MessageStream open(MessageHandler handler) throws Exception;

    /** Where to send what all members of the group are to receive; {@link MessageStream#pump} and {@link MessageStream#send} only. */
    default MessageStream group() throws Exception {
        throw new UnsupportedOperationException("no groups");
    }

    /** Sends a request. Any thread. */
    default CompletionStage<byte[]> request(byte[] message) {
        throw new UnsupportedOperationException("no requests");
    }
}
