package io.conec.security;

import static io.conec.security.RejectedCertificateException.notTrusted;

import io.conec.ErrorCode;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.List;

/** One sound certificate, signed with its own key. */
final class SelfSignedTrustManager extends CheckingTrustManager {
    /** Of the key usage extension (RFC 5280, section 4.2.1.3). */
    private static final int DIGITAL_SIGNATURE = 0;

    private static final String ANY_PURPOSE = "2.5.29.37.0";
    private static final String SERVER_PURPOSE = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_PURPOSE = "1.3.6.1.5.5.7.3.2";

    private static final int MIN_RSA_BITS = 2048;
    /**
     * The largest that BoringSSL takes; strangers choose the key, and the check of its signature runs on an event loop.
     */
    private static final int MAX_RSA_BITS = 8192;

    @Override
    void check(X509Certificate[] chain, String authType, Role role, Handshake handshake) throws CertificateException {
        X509Certificate certificate = chain[0];
        if (chain.length != 1) {
            throw notTrusted("comes in a chain of " + chain.length + ", and a self-signed certificate stands alone");
        }
        RejectedCertificateException.requireCurrent(certificate);
        requirePurpose(certificate, role == Role.CLIENT ? CLIENT_PURPOSE : SERVER_PURPOSE);
        requireStrong(certificate.getPublicKey());
        requireOwnSignature(certificate);
    }

    private static void requirePurpose(X509Certificate certificate, String purpose) throws CertificateException {
        if (certificate.hasUnsupportedCriticalExtension()) {
            throw notTrusted("has a critical extension that is not known here");
        }
        boolean[] usage = certificate.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            throw notTrusted("is not meant for signatures (key usage)");
        }
        List<String> purposes = certificate.getExtendedKeyUsage();
        if (purposes != null && !purposes.contains(purpose) && !purposes.contains(ANY_PURPOSE)) {
            throw notTrusted("is not meant for a TLS " + (purpose.equals(CLIENT_PURPOSE) ? "client" : "server")
                    + " (extended key usage)");
        }
    }

    private static void requireStrong(PublicKey key) throws CertificateException {
        boolean strong;
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            strong = bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
        } else if (key instanceof ECPublicKey ec) {
            strong = EllipticCurves.isAccepted(ec.getParams());
        } else {
            strong = key instanceof EdECPublicKey edwards
                    && edwards.getParams().getName().equals("Ed25519");
        }
        if (!strong) {
            throw notTrusted("has a key that is not accepted: it takes ECDSA P-256 or P-384, Ed25519, or RSA of "
                    + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits");
        }
    }

    private static void requireOwnSignature(X509Certificate certificate) throws CertificateException {
        if (!certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            throw notTrusted("is not self-signed");
        }
        try {
            certificate.verify(certificate.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new RejectedCertificateException(
                    ErrorCode.CERTIFICATE_NOT_TRUSTED, "is not signed with its own key: " + e.getMessage(), e);
        }
    }
}
