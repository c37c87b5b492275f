package io.conec.security;

import static io.conec.security.Pem.invalid;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * A small certificate authority, for tests, samples and installations that have no other one.
 *
 * <pre>{@code
 * CertificateAuthority authority = CertificateAuthority.create("example clients");
 * authority.store(Path.of("ca.crt"), Path.of("ca.key"));
 * authority.issueClient(new ClientId("reports.example")).store(Path.of("reports.crt"), Path.of("reports.key"));
 * }</pre>
 *
 * <p>Its certificate is what {@link Trust#certificates(Path)} takes. The key of who is issued a certificate is made
 * here too and goes to them with it; nothing is recorded, nothing can be revoked. Use one authority for clients and
 * another for coordinators: a client's certificate is good for a TLS server, because peers connect to each other, so a
 * client whose id is also the coordinator's host name could pass for the coordinator.
 *
 * <p>Immutable, to be shared freely.
 */
public final class CertificateAuthority {
    private static final Duration AUTHORITY_VALIDITY = Duration.ofDays(3650);
    /** Long enough to be renewed once a year with a month to spare. */
    private static final Duration ISSUED_VALIDITY = Duration.ofDays(397);

    private final Identity identity;

    private CertificateAuthority(Identity identity) {
        this.identity = identity;
    }

    /**
     * A new authority: ECDSA P-256, for ten years. It may sign no further authorities.
     *
     * @param name its common name, 1 to 64 characters, by which people tell authorities apart
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if that is no name
     */
    public static CertificateAuthority create(String name) {
        return create(name, Validity.startingNow(AUTHORITY_VALIDITY));
    }

    /** As {@link #create(String)}, for a period of one's own. */
    public static CertificateAuthority create(String name, Validity validity) {
        KeyPair key = CertificateTemplate.generateKey();
        X509Certificate certificate =
                CertificateTemplate.authority(name, validity).selfSigned(key);
        return new CertificateAuthority(Identity.of(key.getPrivate(), List.of(certificate)));
    }

    /**
     * Reads an authority from PEM files, as {@link Identity#load} does.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the file, also if the certificate is
     *     not an authority's
     */
    public static CertificateAuthority load(Path certificatePem, Path keyPem) {
        Identity identity = Identity.load(certificatePem, keyPem);
        // RFC 5280, section 4.2.1.9: -1 is what the JDK says of a certificate that may sign no others.
        if (identity.certificate().getBasicConstraints() < 0) {
            throw invalid("the certificate in " + certificatePem + " is not a certificate authority's", null);
        }
        return new CertificateAuthority(identity);
    }

    /** Writes certificate and key, as {@link Identity#store} does. */
    public void store(Path certificatePem, Path keyPem) {
        identity.store(certificatePem, keyPem);
    }

    /** The authority's certificate, which others have to trust. */
    public X509Certificate certificate() {
        return identity.certificate();
    }

    /** A new client identity: ECDSA P-256, naming the id, good for TLS clients and servers, for 397 days. */
    public Identity issueClient(ClientId id) {
        return issueClient(id, Validity.startingNow(ISSUED_VALIDITY));
    }

    /** As {@link #issueClient(ClientId)}, for a period of one's own. */
    public Identity issueClient(ClientId id, Validity validity) {
        return issue(CertificateTemplate.client(id, validity));
    }

    /**
     * A new coordinator identity: ECDSA P-256, good for TLS servers, for 397 days.
     *
     * @param hostNamesAndAddresses as for {@link Identity#generateForHosts(Collection)}
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if there is none or one is neither
     */
    public Identity issueCoordinator(Collection<String> hostNamesAndAddresses) {
        return issueCoordinator(hostNamesAndAddresses, Validity.startingNow(ISSUED_VALIDITY));
    }

    /** As {@link #issueCoordinator(Collection)}, for a period of one's own. */
    public Identity issueCoordinator(Collection<String> hostNamesAndAddresses, Validity validity) {
        return issue(CertificateTemplate.coordinator(hostNamesAndAddresses, validity));
    }

    /**
     * The chain leaves the authority out: whoever trusts it has it, and handshakes stay within QUIC's limit before
     * address validation.
     */
    private Identity issue(CertificateTemplate template) {
        KeyPair key = CertificateTemplate.generateKey();
        X509Certificate certificate = template.signedBy(identity.certificate(), identity.privateKey(), key.getPublic());
        return Identity.of(key.getPrivate(), List.of(certificate));
    }
}
