package io.conec.testing;

import io.conec.internal.transport.DatagramHandler;
import io.conec.internal.transport.DatagramSender;
import io.netty.channel.socket.DatagramPacket;

/** For a coordinator's endpoint that relays nothing. */
public final class NoRelay implements DatagramHandler {
    @Override
    public boolean handle(DatagramPacket packet, DatagramSender socket) {
        return false;
    }

    @Override
    public void batchComplete(DatagramSender socket) {}
}
