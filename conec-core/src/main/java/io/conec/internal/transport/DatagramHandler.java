package io.conec.internal.transport;

import io.netty.channel.socket.DatagramPacket;

/** Takes the datagrams of a socket that are not QUIC. Called on the socket's event loop. */
public interface DatagramHandler {
    /**
     * Takes one datagram.
     *
     * @param socket that it came to
     * @return whether it was taken, and with it the duty to release it; false has it dropped and counted
     */
    boolean handle(DatagramPacket packet, DatagramSender socket);

    /** The socket has nothing more to read for now: time to send what was collected. */
    void batchComplete(DatagramSender socket);
}
