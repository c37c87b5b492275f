package io.conec.client;

import io.conec.ClientId;
import java.security.cert.X509Certificate;

/**
 * This client's end of an introduction, and of the channel that comes of it, which outlives the introduction: another one may take its place. What is known of it;
 * {@link PeerIntroductions} decides. Owned by the event loop.
 *
 * <pre>
 * none --introduced--> INTRODUCED --first packet--> CONNECTING --hellos exchanged--> OPEN
 *   '-----answered (dials)-----------------------------^
 * INTRODUCED --no contact in time, peer or link gone--> ENDED
 * CONNECTING, OPEN --told to close--> CLOSING --connection has closed--> ENDED
 * CONNECTING, OPEN --connection has closed--> ENDED
 * </pre>
 */
final class PeerEnd {
    /** How far an end is. */
    enum Stage {
        /** The peer is about to dial. */
        INTRODUCED,
        /** There is a connection. */
        CONNECTING,
        /** The connection is a channel. */
        OPEN,
        /** The connection is to be closed. */
        CLOSING,
        /** It is over. */
        ENDED
    }

    private final ClientId peer;
    private final boolean dialled;
    private final long channel;
    private final X509Certificate certificate;

    // Only PeerIntroductions touches these.
    final long contactBy;
    long introduction;
    Stage stage;
    boolean wasOpen;
    boolean relayLost;
    boolean restoring;
    long restoreAt = PeerIntroductions.NEVER;

    PeerEnd(long introduction, ClientId peer, boolean dialled, X509Certificate certificate, long contactBy) {
        this.introduction = introduction;
        this.channel = introduction;
        this.peer = peer;
        this.dialled = dialled;
        this.certificate = certificate;
        this.contactBy = contactBy;
        this.stage = dialled ? Stage.CONNECTING : Stage.INTRODUCED;
    }

    /** The first introduction, which stands for the channel however often its relay is restored. */
    long channel() {
        return channel;
    }

    /** The latest one. */
    long introduction() {
        return introduction;
    }

    ClientId peer() {
        return peer;
    }

    /** Whether this side dials. */
    boolean isDialled() {
        return dialled;
    }

    /** The certificate that the peer has to prove. */
    X509Certificate certificate() {
        return certificate;
    }

    Stage stage() {
        return stage;
    }

    @Override
    public String toString() {
        return (dialled ? "dialled" : "accepted") + " end of introduction " + introduction + " to " + peer;
    }
}
