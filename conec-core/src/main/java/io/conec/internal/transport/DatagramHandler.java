package io.conec.internal.transport;

import io.netty.channel.socket.DatagramPacket;

/** Takes the datagrams that are not QUIC. Called on the event loop. */
public interface DatagramHandler {
    /**
     * Takes one datagram.
     *
     * @return whether it was taken, and with it the duty to release it; false has it dropped and counted
     */
    boolean handle(DatagramPacket packet);

    /** The socket has nothing more to read for now: time to send what was collected. */
    void batchComplete();
}
