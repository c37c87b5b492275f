package io.conec.testing;

import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.transport.ClientDatagrams;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Takes no interest in what is not QUIC. */
public final class NoDatagrams implements ClientDatagrams {
    @Override
    public void unknownHandle(long handle) {}

    @Override
    public void linkStatus(LinkCheck status) {}

    @Override
    public void probe(ByteBuf probe, @Nullable InetSocketAddress from) {}
}
