package io.conec.security;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** Rejections of certificates in words for whoever has to mend them. */
final class Rejection {
    private Rejection() {}

    static ConecException explain(
            CertificateException rejection, X509Certificate[] chain, String owner, @Nullable String host) {
        ErrorCode code = RejectedCertificateException.codeOf(rejection);
        String certificate = "the certificate of " + owner + describe(chain);
        String message = certificate + " " + matter(rejection);
        if (code == ErrorCode.CERTIFICATE_NAME_MISMATCH && chain.length > 0) {
            message = certificate + nameMismatch(chain[0], host);
        } else if (code == ErrorCode.CERTIFICATE_EXPIRED) {
            message += ": it takes a new one, or this machine's clock is wrong";
        }
        return new ConecException(code, message, rejection);
    }

    private static String describe(X509Certificate[] chain) {
        if (chain.length == 0) {
            return "";
        }
        try {
            return " (SHA-256 " + Fingerprint.of(chain[0]) + ", issued by \""
                    + ClientId.escape(chain[0].getIssuerX500Principal().getName()) + "\")";
        } catch (RuntimeException e) {
            // It may have been rejected for being unreadable.
            return " (unreadable)";
        }
    }

    private static String nameMismatch(X509Certificate certificate, @Nullable String host) {
        CertificateNames names = CertificateNames.of(certificate);
        return " names " + names + ", not " + (host == null ? "the host" : "\"" + ClientId.escape(host) + "\"")
                + (names.dns().isEmpty() && names.addresses().isEmpty()
                        ? ": it takes a certificate with that name"
                        : ": connect by a name that it has, or have it issued for this one too");
    }

    /** What a {@link RejectedCertificateException} says continues the sentence; what others say does not. */
    private static String matter(CertificateException rejection) {
        return rejection instanceof RejectedCertificateException
                ? String.valueOf(rejection.getMessage())
                : "was rejected: " + Pem.reason(rejection);
    }
}
