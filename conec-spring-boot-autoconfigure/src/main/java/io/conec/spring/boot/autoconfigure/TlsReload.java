package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/**
 * Gives a coordinator or client the new content of its SSL bundles when they are updated: for new connections, while those that exist go on. What cannot be used is
 * logged, and the old stays.
 */
final class TlsReload {
    private static final Logger log = LoggerFactory.getLogger(TlsReload.class);

    private final SslBundles bundles;

    private TlsReload(SslBundles bundles) {
        this.bundles = bundles;
    }

    static void of(ConecCoordinator coordinator, ConecProperties.Coordinator properties, @Nullable SslBundles bundles) {
        if (bundles == null) {
            return;
        }
        TlsReload reload = new TlsReload(bundles);
        reload.onUpdate("conec.coordinator.ssl", properties.ssl(), material -> {
            Identity identity = material.requiredIdentity();
            coordinator.replaceIdentity(identity);
            logIdentity("coordinator", identity);
        });
        reload.onUpdate("conec.coordinator.client-ssl", properties.clientSsl(), material -> {
            coordinator.replaceClientTrust(material.requiredTrust());
            log.info("The coordinator has new certificate authorities for clients");
        });
    }

    static void of(ConecClient client, ConecProperties.Client properties, @Nullable SslBundles bundles) {
        if (bundles == null) {
            return;
        }
        TlsReload reload = new TlsReload(bundles);
        reload.onUpdate("conec.client.ssl", properties.ssl(), material -> {
            material.identity().ifPresent(identity -> {
                client.replaceIdentity(identity);
                logIdentity("client " + client.name(), identity);
            });
            // A fingerprint says exactly which coordinator it is: no authority may widen that.
            material.trust()
                    .filter(trust -> !(client.config().coordinatorTrust() instanceof Trust.Pinned))
                    .ifPresent(trust -> {
                        client.replaceCoordinatorTrust(trust);
                        log.info("Client {} has new certificate authorities for the coordinator", client.name());
                    });
        });
        reload.onUpdate("conec.client.peer.ssl", properties.peer().ssl(), material -> {
            client.replacePeerTrust(material.requiredTrust());
            log.info("Client {} has new certificate authorities for peers", client.name());
        });
    }

    private void onUpdate(String prefix, ConecProperties.Ssl ssl, Consumer<TlsMaterial> use) {
        String name = ssl.bundle();
        if (!StringUtils.hasText(name)) {
            return;
        }
        bundles.addBundleUpdateHandler(name, bundle -> {
            try {
                use.accept(TlsMaterial.of(prefix, name, bundle));
            } catch (InvalidConecPropertyException | ConecException e) {
                log.error("SSL bundle \"{}\" was updated, but what was there before stays in use", name, e);
            }
        });
    }

    private static void logIdentity(String party, Identity identity) {
        log.info(
                "The {} has a new certificate, SHA-256 {}, valid until {}",
                party,
                identity.fingerprint(),
                identity.certificate().getNotAfter().toInstant());
    }
}
