package io.conec.sample.client;

import io.conec.ChannelPath;
import io.conec.ConecEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Tells when the packets to a peer take another path. It is for the curious: no stream notices. Everything that happens
 * to a client arrives like this, as an application event; see {@link ConecEvent}.
 */
@Component
final class PathReport {
    @EventListener
    void pathChanged(ConecEvent.PathChanged event) {
        ChannelPath path = event.to();
        System.out.println("Path to " + event.channel().peer() + ": " + path.kind() + " by "
                + path.remote().getAddress().getHostAddress() + " port "
                + path.remote().getPort() + ", because " + path.reason());
    }
}
