package io.conec.client;

import com.google.protobuf.ByteString;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RenewCertificate;
import io.conec.internal.transport.Credentials;
import io.conec.internal.transport.Endpoint;
import io.conec.security.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client proves itself with, and how its coordinator comes to know a new certificate while the link stays (PROTOCOL.md, "A new certificate"). Peers compare the certificate with the one that
 * the coordinator has introduced, so it is shown to them from the moment on that the coordinator has taken it. Owned by the event loop.
 */
final class CertificateRenewal implements LinkService {
    private static final Logger log = LoggerFactory.getLogger(CertificateRenewal.class);

    private final ClientConfig config;
    private final Dispatcher dispatcher;
    private final Endpoint endpoint;
    private final CoordinatorLink coordinator;
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private Credentials newest;
    private @Nullable ConnectedChannel link;
    private boolean supported;
    private @Nullable Attempt current;

    CertificateRenewal(ClientConfig config, Dispatcher dispatcher, Endpoint endpoint, CoordinatorLink coordinator) {
        this.config = config;
        this.dispatcher = dispatcher;
        this.endpoint = endpoint;
        this.coordinator = coordinator;
        this.newest = endpoint.credentials();
    }

    /** See {@link ConecClient#replaceIdentity}. */
    void replace(Identity identity, CompletableFuture<Void> outcome) {
        newest = endpoint.prepare(identity);
        waiting.add(outcome);
        if (link == null || !supported) {
            // The next link is made with it.
            succeed();
        } else if (current == null) {
            begin(link);
        }
    }

    /** What a new link is made with, and peers are shown from then on. Those that have not connected yet were introduced by a link that is gone. */
    Credentials forNewLink() {
        endpoint.use(newest);
        return newest;
    }

    @Override
    public void linkUp(ConnectedChannel registered, Set<String> features) {
        link = registered;
        supported = features.contains(Protocol.RENEWAL);
        if (newest == endpoint.credentials()) {
            succeed();
        } else if (supported) {
            begin(registered);
        }
    }

    @Override
    public void linkDown() {
        link = null;
        Attempt given = current;
        current = null;
        if (given != null) {
            given.giveUp();
        }
    }

    /** The client closes. */
    void close() {
        fail(new ConecException(ErrorCode.SHUTTING_DOWN, "\"" + config.id() + "\" is shutting down"));
    }

    /** The coordinator has answered with this token. */
    void token(ByteString token) {
        if (current != null) {
            current.present(token);
        }
    }

    /** The coordinator has taken the certificate: it introduces this client by it from now on. */
    void renewed() {
        Attempt done = current;
        if (done == null) {
            return;
        }
        current = null;
        endpoint.use(done.credentials);
        done.giveUp();
        log.info(
                "Client {} has a new certificate, SHA-256 {}",
                config.id(),
                done.credentials.identity().fingerprint());
        if (done.credentials == newest) {
            succeed();
        } else if (link != null) {
            begin(link);
        }
    }

    private void begin(ConnectedChannel by) {
        Attempt begun = new Attempt(newest);
        current = begun;
        by.send(Control.newBuilder()
                .setRenewCertificate(RenewCertificate.getDefaultInstance())
                .build());
        long millis = config.transport().handshakeTimeout().toMillis()
                + config.transport().requestTimeout().toMillis();
        endpoint.eventLoop()
                .schedule(
                        () -> begun.failed(new ConecException(
                                ErrorCode.TIMEOUT,
                                "the coordinator has not taken the certificate in " + millis + " ms")),
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    private void succeed() {
        List<CompletableFuture<Void>> done = List.copyOf(waiting);
        waiting.clear();
        dispatcher.execute(() -> done.forEach(each -> each.complete(null)));
    }

    private void fail(ConecException cause) {
        List<CompletableFuture<Void>> failed = List.copyOf(waiting);
        waiting.clear();
        dispatcher.execute(() -> failed.forEach(each -> each.completeExceptionally(cause)));
    }

    /** One attempt: a connection of its own proves the new key. */
    private final class Attempt implements ConnectedChannel.Role {
        private final Credentials credentials;
        private @Nullable ConnectedChannel proof;
        private ByteString token = ByteString.EMPTY;

        Attempt(Credentials credentials) {
            this.credentials = credentials;
        }

        void present(ByteString given) {
            if (proof != null) {
                return;
            }
            token = given;
            coordinator.dial(credentials, dialled -> {
                ConnectedChannel channel = new ConnectedChannel(
                        dialled, ConecChannel.Kind.COORDINATOR, dispatcher, config.transport(), this);
                proof = channel;
                return channel;
            });
        }

        void giveUp() {
            if (proof != null) {
                proof.connection().close(ErrorCode.NO_ERROR, "");
            }
        }

        void failed(ConecException cause) {
            if (current != this) {
                return;
            }
            current = null;
            giveUp();
            log.warn(
                    "The coordinator has not taken the new certificate of client {}, {}: {}. It is shown when the link is made anew",
                    config.id(),
                    cause.code(),
                    cause.getMessage());
            fail(cause);
        }

        @Override
        public void established(ConnectedChannel channel) {
            channel.send(Control.newBuilder()
                    .setClientHello(ClientHello.newBuilder()
                            .setVersion(Protocol.version())
                            .setClientId(config.id().value())
                            .setRenewalToken(token))
                    .build());
        }

        @Override
        public void control(ConnectedChannel channel, Control message) {
            throw new ConecException(
                    ErrorCode.PROTOCOL_VIOLATION, "unexpected " + message.getKindCase() + " in a renewal");
        }

        @Override
        public void closed(ConnectedChannel channel, CloseReason reason) {
            // Without an error it was taken, as the link is about to tell.
            if (reason.code() != ErrorCode.NO_ERROR) {
                failed(new ConecException(reason.code(), reason.message()));
            }
        }
    }
}
