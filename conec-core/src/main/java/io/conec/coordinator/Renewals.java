package io.conec.coordinator;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.protocol.CertificateRenewed;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.RenewalToken;
import io.conec.security.Fingerprint;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients that take a new certificate while they are connected (PROTOCOL.md, "A new certificate"): the link gives out a token, and a second connection presents it together with the new certificate.
 * Owned by the event loop.
 */
final class Renewals {
    private static final int TOKEN_BYTES = 32;

    /** A client that is being introduced all the time does not wait for ever. As long as an introduction may be undecided. */
    private final long mostWaitMillis;

    private static final Logger log = LoggerFactory.getLogger(Renewals.class);

    private static final class Renewal {
        final ConnectedClient client;
        final byte[] token;

        @Nullable
        ConnectedChannel by;

        @Nullable
        X509Certificate certificate;

        long presentedAt;

        Renewal(ConnectedClient client, byte[] token) {
            this.client = client;
            this.token = token;
        }
    }

    private final SecureRandom random;
    private final Predicate<ClientId> beingIntroduced;
    private final Map<ClientId, Renewal> renewals = new HashMap<>();

    /** @param beingIntroduced whether an introduction of that client is undecided, so that its peers may be told one or the other certificate */
    Renewals(SecureRandom random, Predicate<ClientId> beingIntroduced, long mostWaitMillis) {
        this.random = random;
        this.beingIntroduced = beingIntroduced;
        this.mostWaitMillis = mostWaitMillis;
    }

    /** A registered client wants to renew. An earlier token of its counts no more. */
    void begin(ConnectedClient client) {
        byte[] token = new byte[TOKEN_BYTES];
        random.nextBytes(token);
        renewals.put(client.id(), new Renewal(client, token));
        client.link()
                .send(Control.newBuilder()
                        .setRenewalToken(RenewalToken.newBuilder().setToken(ByteString.copyFrom(token)))
                        .build());
    }

    /**
     * A connection that has proven another key says that it is of that client's.
     *
     * @throws ConecException with {@link ErrorCode#ID_IN_USE} if it is not
     */
    void present(ConnectedChannel by, ClientId id, byte[] token, X509Certificate certificate, long nowMillis) {
        Renewal renewal = renewals.get(id);
        if (renewal == null || renewal.by != null || !MessageDigest.isEqual(renewal.token, token)) {
            throw new ConecException(
                    ErrorCode.ID_IN_USE,
                    "the id \"" + id + "\" is in use, and this is no renewal that it has asked for");
        }
        renewal.by = by;
        renewal.certificate = certificate;
        renewal.presentedAt = nowMillis;
        renewIfPossible(renewal, nowMillis);
    }

    /** Time has passed, or introductions were decided. */
    void expire(long nowMillis) {
        for (Renewal each : List.copyOf(renewals.values())) {
            renewIfPossible(each, nowMillis);
        }
    }

    /** The client's link is gone, and with it what was to be renewed. */
    void left(ConnectedClient client) {
        Renewal renewal = renewals.get(client.id());
        if (renewal != null && renewal.client == client) {
            renewals.remove(client.id());
            if (renewal.by != null) {
                renewal.by.connection().close(ErrorCode.CONNECTION_LOST, "the link has ended");
            }
        }
    }

    private void renewIfPossible(Renewal renewal, long nowMillis) {
        ConnectedChannel by = renewal.by;
        X509Certificate certificate = renewal.certificate;
        ClientId id = renewal.client.id();
        if (by == null
                || certificate == null
                || (beingIntroduced.test(id) && nowMillis - renewal.presentedAt < mostWaitMillis)) {
            return;
        }
        renewals.remove(id);
        renewal.client.renew(certificate);
        log.info("Client {} has a new certificate, SHA-256 {}", id, Fingerprint.of(certificate));
        renewal.client
                .link()
                .send(Control.newBuilder()
                        .setCertificateRenewed(CertificateRenewed.getDefaultInstance())
                        .build());
        by.connection().close(ErrorCode.NO_ERROR, "the certificate is renewed");
    }
}
