package io.conec.security;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates a party accepts.
 *
 * <table>
 * <caption>What is checked</caption>
 * <tr><th></th><th>chain</th><th>dates</th><th>a server's host name</th></tr>
 * <tr><td>{@link SystemRoots}</td><td>to a root of the Java runtime</td><td>all but the root's</td><td>yes</td></tr>
 * <tr><td>{@link Certificates}</td><td>to a given one, or is one</td><td>all but a given CA's</td><td>yes</td></tr>
 * <tr><td>{@link Pinned}</td><td>no</td><td>yes</td><td>no</td></tr>
 * <tr><td>{@link SelfSigned}</td><td>must be alone</td><td>yes</td><td>no</td></tr>
 * </table>
 *
 * <p>The host name is checked if the handshake's {@code SSLParameters} ask for the endpoint identification {@code
 * HTTPS}. What a client is called is never checked here, but against its id with {@link CertificateNames#require}.
 * Revocation lists are not asked for.
 */
public sealed interface Trust {
    /**
     * Accepts what the Java runtime's roots vouch for ({@code javax.net.ssl.trustStore} if set). For coordinators with
     * a public certificate.
     */
    static Trust system() {
        return new SystemRoots();
    }

    /**
     * Accepts these certificates and what they vouch for.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if there is none
     */
    static Trust certificates(Collection<X509Certificate> certificates) {
        return new Certificates(List.copyOf(certificates));
    }

    /**
     * Accepts the certificates of a PEM file and what they vouch for.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the file, if it is missing, cannot be
     *     read or holds no certificate
     */
    static Trust certificates(Path pem) {
        return new Certificates(Pem.readCertificates(pem));
    }

    /**
     * Accepts any sound self-signed certificate. For clients, whose keys are told apart by other means; see {@link
     * SelfSigned}.
     */
    static Trust selfSigned() {
        return new SelfSigned();
    }

    /** Accepts one certificate. */
    static Trust pinned(Fingerprint fingerprint) {
        return new Pinned(fingerprint);
    }

    /**
     * A trust manager that checks this. Making one can be costly (the system's reads a hundred roots): make it once and
     * keep it. It may be used by many threads, does not block, and rejects with a {@link CertificateException} for
     * {@link #explain} only. It names no accepted issuers, so that clients always present what they have.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if the Java runtime cannot use the trusted
     *     certificates
     */
    X509ExtendedTrustManager trustManager();

    /**
     * Turns a rejection into the error that the application gets.
     *
     * @param rejection what a trust manager threw, {@link #trustManager()}'s or another's
     * @param chain what was rejected; may be empty
     * @param owner whose certificate that is, as part of a sentence: {@code the coordinator}
     * @param host what the party was connected to by, for {@code owner}s whose host name is checked
     * @return {@link ErrorCode#CERTIFICATE_EXPIRED}, {@link ErrorCode#CERTIFICATE_NAME_MISMATCH} or, for all else,
     *     {@link ErrorCode#CERTIFICATE_NOT_TRUSTED}
     */
    static ConecException explain(
            CertificateException rejection, X509Certificate[] chain, String owner, @Nullable String host) {
        return Rejection.explain(rejection, chain, owner, host);
    }

    /** The roots of the Java runtime. */
    record SystemRoots() implements Trust {
        @Override
        public X509ExtendedTrustManager trustManager() {
            return PkixTrustManager.system();
        }
    }

    /**
     * Given certificates: authorities, or single ones of parties.
     *
     * @param certificates at least one
     */
    record Certificates(List<X509Certificate> certificates) implements Trust {
        /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if there is none */
        public Certificates {
            certificates = List.copyOf(certificates);
            if (certificates.isEmpty()) {
                throw Pem.invalid("it takes at least one certificate to trust", null);
            }
        }

        @Override
        public X509ExtendedTrustManager trustManager() {
            return PkixTrustManager.certificates(certificates);
        }

        /** The fingerprints: certificates print on a page each. */
        @Override
        public String toString() {
            return "Certificates" + certificates.stream().map(Fingerprint::of).toList();
        }
    }

    /**
     * Any certificate that stands alone, is signed with its own key, holds now, is meant for the purpose, and whose key
     * is ECDSA P-256 or P-384, Ed25519, or RSA of 2048 to 8192 bits.
     *
     * <p>It proves that the other side holds the key, and nothing about who that is. The coordinator can use it for
     * clients, as it binds each id to the key that registered it; clients can use it for peers, as they compare the
     * certificate with the introduced one. It is no way to check a coordinator.
     */
    record SelfSigned() implements Trust {
        @Override
        public X509ExtendedTrustManager trustManager() {
            return new SelfSignedTrustManager();
        }
    }

    /**
     * The one certificate with that fingerprint, whoever signed it and whatever it names: the pin replaces chain and
     * host name. Its dates count all the same, because whoever made it said how long it is to be believed.
     *
     * @param fingerprint of the party's own certificate, not its issuer's
     */
    record Pinned(Fingerprint fingerprint) implements Trust {
        @Override
        public X509ExtendedTrustManager trustManager() {
            return new PinnedTrustManager(fingerprint);
        }
    }
}
