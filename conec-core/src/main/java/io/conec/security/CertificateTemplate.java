package io.conec.security;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;

/**
 * What a certificate is to say, before it has a key and a signature (the profile of RFC 5280).
 *
 * @param subject the distinguished name
 * @param names the subject alternative names; none for an authority
 * @param purposes the extended key usages; none for an authority
 * @param validity when it holds
 */
record CertificateTemplate(X500Name subject, List<GeneralName> names, List<KeyPurposeId> purposes, Validity validity) {
    /** RFC 5280, appendix A.1: ub-common-name. */
    private static final int MAX_COMMON_NAME = 64;

    private static final int SERIAL_BYTES = 16;

    private static final Pattern HOST_NAME = Pattern.compile(
            "(?:\\*\\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?" + "(?:\\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?)*",
            Pattern.CASE_INSENSITIVE);

    private static final SecureRandom RANDOM = new SecureRandom();

    CertificateTemplate {
        names = List.copyOf(names);
        purposes = List.copyOf(purposes);
    }

    /** A client's: it is a TLS client to the coordinator and either one to a peer. */
    static CertificateTemplate client(ClientId id, Validity validity) {
        return new CertificateTemplate(
                commonName(id.value().length() <= MAX_COMMON_NAME ? id.value() : "conec client"),
                List.of(new GeneralName(GeneralName.dNSName, id.value())),
                List.of(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth),
                validity);
    }

    /** A coordinator's. */
    static CertificateTemplate coordinator(Collection<String> hosts, Validity validity) {
        Set<GeneralName> names = new LinkedHashSet<>();
        for (String host : hosts) {
            names.add(name(host));
        }
        if (names.isEmpty()) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "a coordinator's certificate needs at least one host name or address");
        }
        String first = hosts.iterator().next();
        return new CertificateTemplate(
                commonName(first.length() <= MAX_COMMON_NAME ? first : "conec coordinator"),
                List.copyOf(names),
                List.of(KeyPurposeId.id_kp_serverAuth),
                validity);
    }

    /** A certificate authority's; it signs end entities only. */
    static CertificateTemplate authority(String name, Validity validity) {
        if (name.isBlank() || name.length() > MAX_COMMON_NAME) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "\"" + ClientId.escape(name) + "\" is no name for a certificate authority: it takes 1 to "
                            + MAX_COMMON_NAME + " characters");
        }
        return new CertificateTemplate(commonName(name), List.of(), List.of(), validity);
    }

    private static GeneralName name(String host) {
        if (IPAddress.isValid(host)) {
            return new GeneralName(GeneralName.iPAddress, host);
        }
        if (host.length() <= ClientId.MAX_LENGTH && HOST_NAME.matcher(host).matches()) {
            return new GeneralName(GeneralName.dNSName, host);
        }
        throw new ConecException(
                ErrorCode.INVALID_CONFIGURATION,
                "\"" + ClientId.escape(host) + "\" is neither a host name nor an IP address");
    }

    private static X500Name commonName(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    /** A new ECDSA P-256 key: the smallest signatures that every TLS 1.3 library takes (RFC 8446, section 9.1). */
    static KeyPair generateKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new ConecException(ErrorCode.INTERNAL_ERROR, "this Java runtime has no ECDSA P-256", e);
        }
    }

    /** The JCA name of the signatures that a key makes. */
    static String signatureAlgorithm(Key key) {
        return switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            case "EdDSA", "Ed25519" -> "Ed25519";
            default ->
                throw new ConecException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "a key of type " + key.getAlgorithm() + " cannot be used: it takes EC, RSA or Ed25519");
        };
    }

    X509Certificate selfSigned(KeyPair key) {
        return sign(key.getPublic(), subject, key.getPublic(), key.getPrivate());
    }

    X509Certificate signedBy(X509Certificate issuer, PrivateKey issuerKey, PublicKey key) {
        X500Name name = X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded());
        return sign(key, name, issuer.getPublicKey(), issuerKey);
    }

    private X509Certificate sign(PublicKey key, X500Name issuer, PublicKey issuerPublicKey, PrivateKey issuerKey) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer, serial(), Date.from(validity.notBefore()), Date.from(validity.notAfter()), subject, key);
            addExtensions(builder, key, issuerPublicKey);
            var signer = new JcaContentSignerBuilder(signatureAlgorithm(issuerKey)).build(issuerKey);
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new ConecException(
                    ErrorCode.INTERNAL_ERROR, "the certificate for " + subject + " could not be made", e);
        }
    }

    private void addExtensions(JcaX509v3CertificateBuilder builder, PublicKey key, PublicKey issuerKey)
            throws IOException, NoSuchAlgorithmException {
        boolean authority = names.isEmpty();
        builder.addExtension(
                Extension.basicConstraints, true, authority ? new BasicConstraints(0) : new BasicConstraints(false));
        builder.addExtension(
                Extension.keyUsage,
                true,
                new KeyUsage(authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
        if (!authority) {
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new)));
            builder.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
        }
        JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
        builder.addExtension(
                Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(issuerKey));
    }

    private static BigInteger serial() {
        byte[] bytes = new byte[SERIAL_BYTES];
        RANDOM.nextBytes(bytes);
        return new BigInteger(1, bytes);
    }
}
