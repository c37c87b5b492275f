package io.conec.internal.transport;

import io.conec.internal.protocol.Protocol;
import io.conec.security.Identity;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.AttributeKey;

/** What an endpoint proves itself with in a handshake: an identity, and the TLS contexts made from it, which costs more than a handshake. Made by {@link Endpoint#prepare}. */
public final class Credentials {
    static final AttributeKey<Credentials> KEY = AttributeKey.valueOf(Credentials.class, "credentials");

    private static final int TLS_SESSIONS = 0;

    private final Identity identity;
    private final QuicSslContext serverTls;
    private final QuicSslContext clientTls;

    Credentials(Identity identity, HandshakeTrust trust) {
        this.identity = identity;
        PresentedIdentity keys = new PresentedIdentity(identity);
        // No session is ever resumed: a resumed one would skip the verification of certificates.
        serverTls = QuicSslContextBuilder.forServer(keys, null)
                .trustManager(trust)
                .clientAuth(ClientAuth.REQUIRE)
                .applicationProtocols(Protocol.ALPN)
                .build();
        clientTls = QuicSslContextBuilder.forClient()
                .keyManager(keys, null)
                .trustManager(trust)
                .endpointIdentificationAlgorithm("HTTPS")
                .sessionCacheSize(TLS_SESSIONS)
                .applicationProtocols(Protocol.ALPN)
                .build();
    }

    /** What is presented. */
    public Identity identity() {
        return identity;
    }

    QuicSslContext serverTls() {
        return serverTls;
    }

    QuicSslContext clientTls() {
        return clientTls;
    }
}
