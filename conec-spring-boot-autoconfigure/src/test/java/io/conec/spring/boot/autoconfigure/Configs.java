package io.conec.spring.boot.autoconfigure;

import io.conec.client.ClientConfig;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.CertificateAuthority;
import io.conec.security.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

/** Configs of properties, and SSL bundles of real certificates. */
final class Configs {
    final DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry();
    private final Path directory;
    private int files;

    Configs(Path directory) {
        this.directory = directory;
    }

    static ConecProperties properties(String... pairs) {
        Map<String, String> map = new HashMap<>();
        for (String pair : pairs) {
            int separator = pair.indexOf('=');
            map.put(pair.substring(0, separator), pair.substring(separator + 1));
        }
        return new Binder(new MapConfigurationPropertySource(map))
                .bindOrCreate("conec", Bindable.of(ConecProperties.class));
    }

    ClientConfig client(String... pairs) {
        ConecProperties properties = properties(pairs);
        return ClientConfigs.of(
                properties,
                new PropertiesConecClientConnectionDetails(properties.client().coordinator()),
                bundles,
                Stream.empty());
    }

    CoordinatorConfig coordinator(String... pairs) {
        return CoordinatorConfigs.of(properties(pairs), bundles, null, Stream.empty());
    }

    void bundle(String name, Identity identity) throws IOException {
        Path certificate = file("key.crt");
        Path key = file("key.key");
        identity.store(certificate, key);
        register(
                name,
                PemSslStoreDetails.forCertificate(certificate.toUri().toString())
                        .withPrivateKey(key.toUri().toString()),
                null);
    }

    void trustBundle(String name, CertificateAuthority authority) throws IOException {
        Path certificate = file("trust.crt");
        authority.store(certificate, file("trust.key"));
        register(
                name,
                null,
                PemSslStoreDetails.forCertificate(certificate.toUri().toString()));
    }

    private Path file(String name) throws IOException {
        return Files.createDirectories(directory.resolve(String.valueOf(files++)))
                .resolve(name);
    }

    private void register(String name, @Nullable PemSslStoreDetails key, @Nullable PemSslStoreDetails trust) {
        bundles.registerBundle(name, SslBundle.of(new PemSslStoreBundle(key, trust)));
    }
}
