package io.conec.client;

import io.conec.internal.channel.Dispatcher;
import io.conec.internal.transport.Endpoint;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Java tells nobody when an interface of the host comes or goes, so one has to look, now and then. Owned by the event loop. */
final class InterfaceWatch {
    private static final Logger log = LoggerFactory.getLogger(InterfaceWatch.class);
    private static final long SECONDS = 5;

    private final Endpoint endpoint;
    private final Dispatcher dispatcher;
    private final LocalCandidates candidates;
    private final CoordinatorLink link;
    private final PeerChannels peers;
    private @Nullable ScheduledFuture<?> looks;

    InterfaceWatch(
            Endpoint endpoint,
            Dispatcher dispatcher,
            LocalCandidates candidates,
            CoordinatorLink link,
            PeerChannels peers) {
        this.endpoint = endpoint;
        this.dispatcher = dispatcher;
        this.candidates = candidates;
        this.link = link;
        this.peers = peers;
    }

    void start() {
        looks = endpoint.eventLoop()
                .scheduleWithFixedDelay(() -> dispatcher.execute(this::look), SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    void close() {
        if (looks != null) {
            looks.cancel(false);
        }
    }

    /** Blocks for a moment: not on the event loop. */
    private void look() {
        List<InetAddress> hosts =
                LocalCandidates.interfaces(endpoint.localAddress().getAddress());
        endpoint.execute(() -> seen(hosts));
    }

    private void seen(List<InetAddress> hosts) {
        if (candidates.hosts(hosts)) {
            log.debug("The addresses of this host have changed to {}", hosts);
            link.check();
            peers.localChange();
        }
    }
}
