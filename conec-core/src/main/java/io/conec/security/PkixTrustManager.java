package io.conec.security;

import io.conec.ErrorCode;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A chain up to a trusted certificate (RFC 5280, section 6) and, where the handshake asks for it, a server's name (RFC
 * 9525), as the JDK checks them.
 */
final class PkixTrustManager extends CheckingTrustManager {
    private final X509ExtendedTrustManager jdk;

    private PkixTrustManager(X509ExtendedTrustManager jdk) {
        this.jdk = jdk;
    }

    /** Trusts the JDK's roots. */
    static PkixTrustManager system() {
        try {
            return of(null);
        } catch (GeneralSecurityException e) {
            throw Pem.invalid("the trusted certificates of this Java runtime cannot be used: " + e.getMessage(), e);
        }
    }

    static PkixTrustManager certificates(List<X509Certificate> certificates) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry("trusted-" + i, certificates.get(i));
            }
            return of(store);
        } catch (GeneralSecurityException | IOException e) {
            throw Pem.invalid("the trusted certificates cannot be used: " + e.getMessage(), e);
        }
    }

    private static PkixTrustManager of(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return new PkixTrustManager(extended);
            }
        }
        throw new GeneralSecurityException(
                "no X509ExtendedTrustManager among " + Arrays.toString(factory.getTrustManagers()));
    }

    @Override
    void check(X509Certificate[] chain, String authType, Role role, Handshake handshake) throws CertificateException {
        // The JDK does not look at the dates of a certificate that is itself among the trusted ones.
        RejectedCertificateException.requireCurrent(chain[0]);
        if (role == Role.CLIENT) {
            // Without the engine: what a client is called is compared with its id, never with where it connects from.
            requirePath(() -> jdk.checkClientTrusted(chain, authType));
        } else if (handshake.engine() != null) {
            checkNamedServer(chain, authType, () -> jdk.checkServerTrusted(chain, authType, handshake.engine()));
        } else if (handshake.socket() != null) {
            checkNamedServer(chain, authType, () -> jdk.checkServerTrusted(chain, authType, handshake.socket()));
        } else {
            requirePath(() -> jdk.checkServerTrusted(chain, authType));
        }
    }

    /** The JDK has no type for a wrong name; it is the matter if all is well without looking at the name. */
    private void checkNamedServer(X509Certificate[] chain, String authType, Check named) throws CertificateException {
        try {
            named.run();
        } catch (CertificateException e) {
            requirePath(() -> jdk.checkServerTrusted(chain, authType));
            throw new RejectedCertificateException(
                    ErrorCode.CERTIFICATE_NAME_MISMATCH, "does not name the host: " + e.getMessage(), e);
        }
    }

    private static void requirePath(Check check) throws CertificateException {
        try {
            check.run();
        } catch (CertificateException e) {
            ErrorCode code = RejectedCertificateException.codeOf(e);
            throw new RejectedCertificateException(
                    code,
                    code == ErrorCode.CERTIFICATE_EXPIRED
                            ? "comes in a chain of which a certificate has expired or does not hold yet: "
                                    + e.getMessage()
                            : "does not lead to a trusted certificate: " + e.getMessage(),
                    e);
        }
    }

    private interface Check {
        void run() throws CertificateException;
    }
}
