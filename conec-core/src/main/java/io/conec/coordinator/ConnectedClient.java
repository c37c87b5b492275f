package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.PresentClient;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.protocol.TokenBucket;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A registered client and its link. Owned by the event loop. */
final class ConnectedClient {
    private final ClientId id;
    private final ConnectedChannel link;
    private X509Certificate certificate;
    private final PresentClient present;
    private final long linkHandle;
    private final TokenBucket introductions;
    private final @Nullable TokenBucket relay;

    ConnectedClient(
            ClientId id,
            ConnectedChannel link,
            X509Certificate certificate,
            Map<String, String> attributes,
            long linkHandle,
            CoordinatorConfig config,
            long nowNanos) {
        this.id = id;
        this.link = link;
        this.certificate = certificate;
        this.present = new PresentClient(id.value(), attributes, Instant.now().truncatedTo(ChronoUnit.MILLIS));
        this.linkHandle = linkHandle;
        this.introductions = new TokenBucket(config.introductionsPerSecond(), nowNanos);
        this.relay = config.relayBytesPerSecond() == 0 ? null : new TokenBucket(config.relayBytesPerSecond(), nowNanos);
    }

    ClientId id() {
        return id;
    }

    ConnectedChannel link() {
        return link;
    }

    X509Certificate certificate() {
        return certificate;
    }

    /** It has proven another certificate. */
    void renew(X509Certificate renewed) {
        certificate = renewed;
    }

    /** As others see it. */
    PresentClient present() {
        return present;
    }

    /** As rules see it. */
    AccessRequest.Client requester() {
        return new AccessRequest.Client(id, certificate);
    }

    /** Stands for its link in link checks. */
    long linkHandle() {
        return linkHandle;
    }

    /** Whether another certificate proves the same key, which may be renewed with another period. */
    boolean hasKeyOf(X509Certificate other) {
        return certificate.getPublicKey().equals(other.getPublicKey());
    }

    /** The address that its link has right now. Any thread that was given this client under a lock. */
    @Nullable
    InetSocketAddress address() {
        return link.connection().remoteAddress();
    }

    boolean mayAskForIntroduction(long nowNanos) {
        return introductions.take(1, nowNanos);
    }

    /** Any thread: of relays. */
    boolean mayRelay(int bytes, long nowNanos) {
        if (relay == null) {
            return true;
        }
        synchronized (relay) {
            return relay.take(bytes, nowNanos);
        }
    }
}
