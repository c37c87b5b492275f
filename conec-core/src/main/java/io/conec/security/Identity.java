package io.conec.security;

import static io.conec.security.Pem.invalid;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a party proves itself with in each handshake: a private key and the chain of certificates for it, its own first.
 *
 * <pre>{@code
 * Identity made = Identity.generate(new ClientId("reports.example"));
 * Identity given = Identity.load(Path.of("coordinator.crt"), Path.of("coordinator.key"));
 * }</pre>
 *
 * <p>Immutable, to be shared freely. Its text form shows names and fingerprint, never the key.
 */
public final class Identity {
    /**
     * How long a generated self-signed certificate holds. It is believed for its fingerprint or its key, not for what
     * someone vouches for, so an early end would bring an outage and no safety; ten years outlive the machine and still
     * end.
     */
    private static final Duration SELF_SIGNED_VALIDITY = Duration.ofDays(3650);

    private final PrivateKey privateKey;
    private final List<X509Certificate> chain;
    private final CertificateNames names;
    private final Fingerprint fingerprint;

    private Identity(PrivateKey privateKey, List<X509Certificate> chain) {
        this.privateKey = privateKey;
        this.chain = chain;
        this.names = CertificateNames.of(chain.get(0));
        this.fingerprint = Fingerprint.of(chain.get(0));
    }

    /**
     * A new client identity: ECDSA P-256, self-signed, naming the id, good for TLS clients and servers, for ten years.
     */
    public static Identity generate(ClientId id) {
        return generate(id, Validity.startingNow(SELF_SIGNED_VALIDITY));
    }

    /** As {@link #generate(ClientId)}, for a period of one's own. */
    public static Identity generate(ClientId id, Validity validity) {
        return selfSigned(CertificateTemplate.client(id, validity));
    }

    /**
     * A new coordinator identity: ECDSA P-256, self-signed, good for TLS servers, for ten years.
     *
     * @param hostNamesAndAddresses what clients connect to, at least one; IP addresses (v4 or v6, without brackets)
     *     become address names
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if there is none or one is neither
     */
    public static Identity generateForHosts(Collection<String> hostNamesAndAddresses) {
        return generateForHosts(hostNamesAndAddresses, Validity.startingNow(SELF_SIGNED_VALIDITY));
    }

    /** As {@link #generateForHosts(Collection)}, for a period of one's own. */
    public static Identity generateForHosts(Collection<String> hostNamesAndAddresses, Validity validity) {
        return selfSigned(CertificateTemplate.coordinator(hostNamesAndAddresses, validity));
    }

    private static Identity selfSigned(CertificateTemplate template) {
        KeyPair key = CertificateTemplate.generateKey();
        return new Identity(key.getPrivate(), List.of(template.selfSigned(key)));
    }

    /**
     * An identity from what the application has, such as a key store.
     *
     * @param privateKey EC or RSA (Ed25519 is taken, but Netty 4.2.18 cannot present it in a handshake); its bytes must be available, because the QUIC library does the signing
     * @param chain the certificate for that key, then the one that signed it, and so on; the root may be left out
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if the chain is empty or out of order, the
     *     key is not the certificate's, of another type, or locked in hardware
     */
    public static Identity of(PrivateKey privateKey, List<X509Certificate> chain) {
        return of(privateKey, chain, "the key", "the certificate chain");
    }

    /**
     * Reads an identity from two PEM files, which may be the same.
     *
     * @param certificateChainPem certificates, in the order that {@link #of} takes
     * @param keyPem a private key that is not encrypted: PKCS#8, or the older {@code EC PRIVATE KEY} and {@code RSA
     *     PRIVATE KEY}
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the file, if one is missing, cannot
     *     be read or holds something else, or if the two do not belong together
     */
    public static Identity load(Path certificateChainPem, Path keyPem) {
        return of(
                Pem.readKey(keyPem),
                Pem.readCertificates(certificateChainPem),
                "the key in " + keyPem,
                "the certificate chain in " + certificateChainPem);
    }

    private static Identity of(PrivateKey key, List<X509Certificate> chain, String keyName, String chainName) {
        if (chain.isEmpty()) {
            throw invalid(chainName + " is empty", null);
        }
        for (int i = 1; i < chain.size(); i++) {
            if (!chain.get(i - 1).getIssuerX500Principal().equals(chain.get(i).getSubjectX500Principal())) {
                throw invalid(
                        chainName + " is out of order: certificate " + (i + 1)
                                + " is not the issuer of the one before it",
                        null);
            }
        }
        if (key.getEncoded() == null) {
            throw invalid(keyName + " cannot be used: it does not give its bytes to the QUIC library", null);
        }
        if (!fits(key, chain.get(0))) {
            throw invalid(keyName + " is not the key of the first certificate in " + chainName, null);
        }
        return new Identity(key, List.copyOf(chain));
    }

    private static boolean fits(PrivateKey key, X509Certificate certificate) {
        String algorithm = CertificateTemplate.signatureAlgorithm(key);
        if (!algorithm.equals(CertificateTemplate.signatureAlgorithm(certificate.getPublicKey()))) {
            return false;
        }
        try {
            byte[] probe = certificate.getEncoded();
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            throw invalid("the private key or its certificate cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * The identity kept as {@code conec.crt} and {@code conec.key} in a directory, made and stored at the first call.
     * One process at a time does so: others on the same directory, in this process or another one, wait for it and read
     * what it wrote. {@code conec.lock} is left behind.
     *
     * <p>An expired certificate is replaced by a new one with a new key, and thus a new fingerprint. Changed names do
     * not replace it. If others than its owner can read the key, the right is taken from them: some systems widen the
     * permissions of a volume each time that they mount it.
     *
     * @param directory where; created if need be
     * @param make makes a new identity; called at most once, while the directory is locked
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the file, if one is not readable,
     *     writable or what it should be, or if only one of the two is there
     */
    public static Identity loadOrCreate(Path directory, Supplier<Identity> make) {
        return new IdentityStore(directory).loadOrCreate(make);
    }

    /**
     * Writes the identity for {@link #load}. Each file appears whole or not at all; the key is never readable by others
     * than its owner. Directories are created as needed, files that exist are replaced.
     *
     * @param certificatePem gets the whole chain
     * @param keyPem gets the key in PKCS#8, not encrypted
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if a file cannot be written or its file
     *     system knows no permissions
     */
    public void store(Path certificatePem, Path keyPem) {
        try {
            Pem.store(chain, certificatePem, privateKey, keyPem);
        } catch (IOException | GeneralSecurityException e) {
            throw invalid(
                    "the identity cannot be stored in " + certificatePem + " and " + keyPem + ": " + Pem.reason(e), e);
        }
    }

    /** The private key. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** The chain to present, the party's own certificate first; unmodifiable, never empty. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** The party's own certificate. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /** The fingerprint of the party's own certificate. */
    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /** The names in the party's own certificate. */
    public CertificateNames names() {
        return names;
    }

    /** Whether the certificate names that client exactly; {@code names().require(id)} says what it names instead. */
    public boolean names(ClientId id) {
        return names.contains(id);
    }

    /**
     * Checks that every certificate of the chain holds at a time. To be asked before connecting or listening: the other
     * side would only say no.
     *
     * @throws ConecException with {@link ErrorCode#CERTIFICATE_EXPIRED} if one does not, or not yet
     */
    public void requireValidAt(Instant time) {
        for (X509Certificate certificate : chain) {
            Instant notBefore = certificate.getNotBefore().toInstant();
            Instant notAfter = certificate.getNotAfter().toInstant();
            String which =
                    (certificate.equals(chain.get(0)) ? "the certificate" : "an issuer's certificate in the chain")
                            + " for " + names + " (SHA-256 " + Fingerprint.of(certificate) + ")";
            if (time.isAfter(notAfter)) {
                throw new ConecException(
                        ErrorCode.CERTIFICATE_EXPIRED, which + " expired on " + notAfter + ": it takes a new one");
            }
            if (time.isBefore(notBefore)) {
                throw new ConecException(
                        ErrorCode.CERTIFICATE_EXPIRED,
                        which + " holds from " + notBefore + " on and it is " + time
                                + ": wait, or set this machine's clock");
            }
        }
    }

    @Override
    public String toString() {
        return "Identity[" + names + ", SHA-256 " + fingerprint + "]";
    }
}
