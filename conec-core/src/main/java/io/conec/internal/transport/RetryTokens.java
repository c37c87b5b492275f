package io.conec.internal.transport;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Address validation with Retry packets (RFC 9000, section 8.1.2). A token is authenticated, bound to the client's address and port, and expires after 15 s:
 *
 * <pre>HMAC-SHA-256 (32 bytes)  time in ms (8 bytes)  original destination connection id</pre>
 *
 * The HMAC covers the time, the address, the port and the connection id, with a key drawn at start, so a token is worth nothing after a restart. Owned by the event
 * loop.
 */
final class RetryTokens implements QuicTokenHandler {
    /** Long enough for a slow first flight, too short to collect tokens for later. */
    static final Duration VALIDITY = Duration.ofSeconds(15);

    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final int HEAD_BYTES = MAC_BYTES + Long.BYTES;

    private final InstantSource clock;
    private final Mac mac;

    RetryTokens(InstantSource clock, SecureRandom random) {
        this.clock = clock;
        byte[] key = new byte[MAC_BYTES];
        random.nextBytes(key);
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
        byte[] id = new byte[dcid.readableBytes()];
        dcid.getBytes(dcid.readerIndex(), id);
        long now = clock.millis();
        out.writeBytes(authenticate(now, address, id)).writeLong(now).writeBytes(id);
        return true;
    }

    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        int idBytes = token.readableBytes() - HEAD_BYTES;
        if (idBytes < 0 || idBytes > Quic.MAX_CONN_ID_LEN) {
            return -1;
        }
        byte[] given = new byte[MAC_BYTES];
        token.getBytes(token.readerIndex(), given);
        long made = token.getLong(token.readerIndex() + MAC_BYTES);
        byte[] id = new byte[idBytes];
        token.getBytes(token.readerIndex() + HEAD_BYTES, id);
        long age = clock.millis() - made;
        boolean authentic = MessageDigest.isEqual(given, authenticate(made, address, id));
        return authentic && age >= 0 && age <= VALIDITY.toMillis() ? HEAD_BYTES : -1;
    }

    @Override
    public int maxTokenLength() {
        return HEAD_BYTES + Quic.MAX_CONN_ID_LEN;
    }

    private byte[] authenticate(long time, InetSocketAddress address, byte[] id) {
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            mac.update((byte) (time >> shift));
        }
        mac.update((byte) (address.getPort() >> Byte.SIZE));
        mac.update((byte) address.getPort());
        byte[] ip = address.getAddress().getAddress();
        mac.update((byte) ip.length);
        mac.update(ip);
        return mac.doFinal(id);
    }
}
