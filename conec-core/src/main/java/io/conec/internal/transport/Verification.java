package io.conec.internal.transport;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.security.Trust;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Verification by a {@link Trust}, and where a peer was introduced, by its certificate. */
public final class Verification implements PeerVerifier {
    private final X509ExtendedTrustManager trustManager;
    private final String owner;
    private final @Nullable String host;
    private final @Nullable X509Certificate introduced;

    private Verification(
            X509ExtendedTrustManager trustManager,
            String owner,
            @Nullable String host,
            @Nullable X509Certificate introduced) {
        this.trustManager = trustManager;
        this.owner = owner;
        this.host = host;
        this.introduced = introduced;
    }

    /** Of a coordinator: trusted, and named as the host that was connected to. */
    public static Verification ofCoordinator(Trust trust, String host) {
        return new Verification(trust.trustManager(), "the coordinator", host, null);
    }

    /** Of a client by the coordinator. Whether it names the id is checked when it registers. */
    public static Verification ofClient(Trust trust) {
        return new Verification(trust.trustManager(), "the client", null, null);
    }

    /** Of a peer: trusted, and the one that the coordinator introduced. */
    public static Verification ofPeer(X509ExtendedTrustManager peerTrust, String peer, X509Certificate introduced) {
        return new Verification(peerTrust, "the peer \"" + peer + "\"", null, introduced);
    }

    @Override
    public void verify(X509Certificate[] chain, String authType, SSLEngine engine) {
        if (introduced != null && !introduced.equals(chain[0])) {
            throw new ConecException(
                    ErrorCode.CERTIFICATE_MISMATCH,
                    owner + " presented another certificate than the one that the coordinator introduced");
        }
        try {
            if (host != null) {
                trustManager.checkServerTrusted(chain, authType, engine);
            } else {
                // A peer's certificate identifies a client, whichever side dialled.
                trustManager.checkClientTrusted(chain, authType);
            }
        } catch (CertificateException e) {
            throw Trust.explain(e, chain, owner, host);
        }
    }
}
