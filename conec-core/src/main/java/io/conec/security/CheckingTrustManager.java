package io.conec.security;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What all kinds of trust have in common: each of the six ways in leads to one method, the chain is neither empty nor
 * absurdly long, and whatever goes wrong in reading a stranger's certificate is a rejection.
 *
 * <p>No state that changes; used by several event loops at once.
 */
abstract class CheckingTrustManager extends X509ExtendedTrustManager {
    /** More than any real chain has, and few enough to search for a path on an event loop. */
    private static final int MAX_CHAIN = 10;

    /** What the owner of the certificate is in the handshake. */
    enum Role {
        CLIENT,
        SERVER
    }

    /** The connection whose handshake asks; neither is there if the caller only wants to know about the chain. */
    record Handshake(@Nullable SSLEngine engine, @Nullable Socket socket) {
        static final Handshake NONE = new Handshake(null, null);
    }

    /** Returns if the chain, which is not empty, is accepted. */
    abstract void check(X509Certificate[] chain, String authType, Role role, Handshake handshake)
            throws CertificateException;

    private void checkAny(X509Certificate @Nullable [] chain, String authType, Role role, Handshake handshake)
            throws CertificateException {
        if (chain == null || chain.length == 0) {
            throw RejectedCertificateException.notTrusted("is missing");
        }
        if (chain.length > MAX_CHAIN) {
            throw RejectedCertificateException.notTrusted(
                    "comes in a chain of " + chain.length + ", and " + MAX_CHAIN + " are allowed");
        }
        try {
            check(chain, authType, role, handshake);
        } catch (ConecException e) {
            throw new RejectedCertificateException(e.code(), "is not usable: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // Certificates are read when first asked for something, which throws unchecked exceptions if they are
            // garbage.
            throw new RejectedCertificateException(ErrorCode.CERTIFICATE_NOT_TRUSTED, "is malformed", e);
        }
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        checkAny(chain, authType, Role.CLIENT, Handshake.NONE);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkAny(chain, authType, Role.CLIENT, new Handshake(engine, null));
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkAny(chain, authType, Role.CLIENT, new Handshake(null, socket));
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        checkAny(chain, authType, Role.SERVER, Handshake.NONE);
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkAny(chain, authType, Role.SERVER, new Handshake(engine, null));
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkAny(chain, authType, Role.SERVER, new Handshake(null, socket));
    }

    /**
     * Nobody: this is what a server would send as a hint, and a client that finds its issuer missing in it presents no
     * certificate at all, so that the error would be "missing" instead of "not trusted".
     */
    @Override
    public final X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
