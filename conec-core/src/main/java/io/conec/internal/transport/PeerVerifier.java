package io.conec.internal.transport;

import io.conec.ConecException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;

/** Decides, in the middle of a handshake, whether the other side's certificate will do. Runs on the event loop. */
@FunctionalInterface
public interface PeerVerifier {
    /**
     * Checks a certificate whose private key the other side has proven to hold.
     *
     * @param chain the certificate first; never empty
     * @param engine carries the expected host name, where there is one
     * @throws ConecException if it will not do; ends the handshake with a TLS alert
     */
    void verify(X509Certificate[] chain, String authType, SSLEngine engine);
}
