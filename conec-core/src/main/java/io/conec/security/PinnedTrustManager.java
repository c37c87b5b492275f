package io.conec.security;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** One certificate, known beforehand. */
final class PinnedTrustManager extends CheckingTrustManager {
    private final Fingerprint fingerprint;

    PinnedTrustManager(Fingerprint fingerprint) {
        this.fingerprint = fingerprint;
    }

    @Override
    void check(X509Certificate[] chain, String authType, Role role, Handshake handshake) throws CertificateException {
        if (!Fingerprint.of(chain[0]).equals(fingerprint)) {
            throw RejectedCertificateException.notTrusted("is not the pinned one, whose SHA-256 is " + fingerprint);
        }
        RejectedCertificateException.requireCurrent(chain[0]);
    }
}
