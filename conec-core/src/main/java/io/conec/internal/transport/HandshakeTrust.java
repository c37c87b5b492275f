package io.conec.internal.transport;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.netty.handler.ssl.OpenSslCertificateException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Hands each certificate to the {@link PeerVerifier} of the connection that it was presented on: one TLS context serves all connections of an endpoint, which trust
 * different certificates. Trusts nothing by itself. Owned by the event loop, on which the codec calls it.
 */
final class HandshakeTrust extends X509ExtendedTrustManager {
    /** BoringSSL turns this into the alert bad_certificate; of any other exception it makes internal_error, which tells the other side nothing. */
    private static final int X509_V_ERR_CERT_REJECTED = 28;

    private final Map<SSLEngine, Connection> connections = new HashMap<>();

    void expect(SSLEngine engine, Connection connection) {
        connections.put(engine, connection);
    }

    void forget(SSLEngine engine) {
        connections.remove(engine);
    }

    private void check(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        Connection connection = engine == null ? null : connections.get(engine);
        if (engine == null || connection == null) {
            throw new CertificateException("not a connection of this endpoint");
        }
        try {
            connection.verify(chain, authType, engine);
        } catch (ConecException e) {
            if (e.code() == ErrorCode.CERTIFICATE_EXPIRED) {
                // The codec turns this one into the alert certificate_expired (RFC 8446, section 6.2).
                CertificateExpiredException expired = new CertificateExpiredException(e.getMessage());
                expired.initCause(e);
                throw expired;
            }
            throw new OpenSslCertificateException(e.getMessage(), e, X509_V_ERR_CERT_REJECTED);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain, authType, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain, authType, null);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, authType, null);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, authType, null);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
