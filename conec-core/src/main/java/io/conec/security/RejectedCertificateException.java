package io.conec.security;

import io.conec.ErrorCode;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * Why a certificate was not accepted: a code, and what is the matter with the certificate as the rest of a sentence
 * that begins with it.
 */
final class RejectedCertificateException extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    RejectedCertificateException(ErrorCode code, String matter, @Nullable Throwable cause) {
        super(matter, cause);
        this.code = code;
    }

    ErrorCode code() {
        return code;
    }

    static RejectedCertificateException notTrusted(String matter) {
        return new RejectedCertificateException(ErrorCode.CERTIFICATE_NOT_TRUSTED, matter, null);
    }

    /** The code that fits any exception of a certificate check, by what caused it. */
    static ErrorCode codeOf(CertificateException rejection) {
        for (Throwable cause = rejection; cause != null; cause = cause.getCause()) {
            if (cause instanceof RejectedCertificateException rejected) {
                return rejected.code;
            }
            if (cause instanceof CertificateExpiredException
                    || cause instanceof CertificateNotYetValidException
                    || (cause instanceof CertPathValidatorException path
                            && (path.getReason() == BasicReason.EXPIRED
                                    || path.getReason() == BasicReason.NOT_YET_VALID))) {
                return ErrorCode.CERTIFICATE_EXPIRED;
            }
        }
        return ErrorCode.CERTIFICATE_NOT_TRUSTED;
    }

    /** Checks that a certificate holds now. */
    static void requireCurrent(X509Certificate certificate) throws RejectedCertificateException {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            throw outside("expired on " + time(certificate.getNotAfter()), e, BasicReason.EXPIRED);
        } catch (CertificateNotYetValidException e) {
            throw outside("does not hold before " + time(certificate.getNotBefore()), e, BasicReason.NOT_YET_VALID);
        }
    }

    private static Instant time(Date date) {
        return date.toInstant();
    }

    /**
     * The cause is of the type from which TLS libraries, Netty's too, derive the alert certificate_expired (RFC 8446,
     * section 6.2).
     */
    private static RejectedCertificateException outside(String matter, CertificateException e, BasicReason reason) {
        return new RejectedCertificateException(
                ErrorCode.CERTIFICATE_EXPIRED,
                matter,
                new CertPathValidatorException(e.getMessage(), e, null, -1, reason));
    }
}
