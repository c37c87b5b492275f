package io.conec.internal.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;

/** A socket past its QUIC. For its event loop. */
public interface DatagramSender {
    /** Sends a datagram, and releases it; it leaves with the next {@link #flush}. */
    void send(DatagramPacket packet);

    /** Hands what was sent to the kernel. */
    void flush();

    /** Whether the system has taken what was sent here and flushed. Until it has, what is sent waits in memory; the socket's reading has to end for it to try again. */
    boolean isWritable();

    /** Whether several packets can be sent in one system call. */
    boolean segments();

    /** For what goes into {@link #send}. */
    ByteBufAllocator allocator();
}
