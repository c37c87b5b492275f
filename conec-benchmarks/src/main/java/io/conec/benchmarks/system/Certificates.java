package io.conec.benchmarks.system;

import io.conec.security.Identity;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The one certificate (P-256, for {@value #HOST}) that all servers show and all clients trust. */
public record Certificates(Path directory) {
    /** The name in the certificate. */
    public static final String HOST = "bench.test";

    /** Makes it. */
    public static Certificates create(Path directory) {
        Certificates certificates = new Certificates(directory);
        Identity.generateForHosts(List.of(HOST)).store(certificates.certificate(), certificates.key());
        return certificates;
    }

    /** PEM. */
    public Path certificate() {
        return directory.resolve("certificate.pem");
    }

    /** PEM, PKCS#8. */
    public Path key() {
        return directory.resolve("key.pem");
    }

    public Identity identity() {
        return Identity.load(certificate(), key());
    }

    /** The JDK's TLS, for a client. */
    public SSLContext clientContext() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry(HOST, identity().certificate());
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
