package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/** What an SSL bundle holds, in the core's terms. */
final class TlsMaterial {
    private final String property;
    private final String name;
    private final SslBundle bundle;

    private TlsMaterial(String property, String name, SslBundle bundle) {
        this.property = property;
        this.name = name;
        this.bundle = bundle;
    }

    /** The bundle that the property {@code prefix.bundle} names; empty if it is not set. */
    static Optional<TlsMaterial> of(String prefix, ConecProperties.Ssl ssl, @Nullable SslBundles bundles) {
        String name = ssl.bundle();
        if (!StringUtils.hasText(name)) {
            return Optional.empty();
        }
        String property = prefix + ".bundle";
        try {
            if (bundles == null) {
                throw new NoSuchSslBundleException(name, "the application has no SSL bundles");
            }
            return Optional.of(new TlsMaterial(property, name, bundles.getBundle(name)));
        } catch (NoSuchSslBundleException e) {
            throw new InvalidConecPropertyException(
                    property,
                    "names the SSL bundle \"" + name + "\", which does not exist",
                    "Define it with spring.ssl.bundle.pem." + name + ".* or spring.ssl.bundle.jks." + name
                            + ".*, or name another one.",
                    e);
        }
    }

    /** What the bundle of that name holds now, which the property {@code prefix.bundle} names. */
    static TlsMaterial of(String prefix, String name, SslBundle bundle) {
        return new TlsMaterial(prefix + ".bundle", name, bundle);
    }

    /** The key and the certificates for it; empty if the bundle has no key store. */
    Optional<Identity> identity() {
        KeyStore store = stores(true);
        if (store == null) {
            return Optional.empty();
        }
        try {
            String alias = alias(store);
            Key key = store.getKey(alias, password());
            Certificate[] chain = store.getCertificateChain(alias);
            if (!(key instanceof PrivateKey privateKey) || chain == null) {
                throw invalid("has no private key with a certificate under the alias \"" + alias + "\"", null);
            }
            List<X509Certificate> certificates = new ArrayList<>();
            for (Certificate certificate : chain) {
                certificates.add((X509Certificate) certificate);
            }
            return Optional.of(Identity.of(privateKey, certificates));
        } catch (GeneralSecurityException | ConecException e) {
            throw invalid("cannot be used: " + e.getMessage(), e);
        }
    }

    Identity requiredIdentity() {
        return identity().orElseThrow(() -> invalid("has no key store", null));
    }

    /** The certificates to trust; empty if the bundle has no trust store. */
    Optional<Trust> trust() {
        KeyStore store = stores(false);
        if (store == null) {
            return Optional.empty();
        }
        try {
            List<X509Certificate> certificates = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isCertificateEntry(alias) && store.getCertificate(alias) instanceof X509Certificate x509) {
                    certificates.add(x509);
                }
            }
            return Optional.of(Trust.certificates(certificates));
        } catch (GeneralSecurityException | ConecException e) {
            throw invalid("cannot be used: " + e.getMessage(), e);
        }
    }

    Trust requiredTrust() {
        return trust().orElseThrow(() -> invalid("has no trust store", null));
    }

    String property() {
        return property;
    }

    private @Nullable KeyStore stores(boolean keys) {
        try {
            return keys ? bundle.getStores().getKeyStore() : bundle.getStores().getTrustStore();
        } catch (RuntimeException e) {
            // A file that is missing or malformed shows when the bundle is first read.
            throw invalid("cannot be read: " + e.getMessage(), e);
        }
    }

    private String alias(KeyStore store) throws GeneralSecurityException {
        String alias = bundle.getKey().getAlias();
        if (alias != null) {
            return alias;
        }
        List<String> keys = new ArrayList<>();
        for (String candidate : Collections.list(store.aliases())) {
            if (store.isKeyEntry(candidate)) {
                keys.add(candidate);
            }
        }
        if (keys.size() != 1) {
            throw invalid("has " + keys.size() + " keys and names none of them as its key.alias", null);
        }
        return keys.get(0);
    }

    private char @Nullable [] password() {
        String password = bundle.getKey().getPassword();
        if (password == null) {
            password = bundle.getStores().getKeyStorePassword();
        }
        return password == null ? null : password.toCharArray();
    }

    private InvalidConecPropertyException invalid(String problem, @Nullable Throwable cause) {
        return new InvalidConecPropertyException(
                property,
                "names the SSL bundle \"" + name + "\", which " + problem,
                "Correct spring.ssl.bundle.*." + name + ", or name another bundle.",
                cause);
    }
}
