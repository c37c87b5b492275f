package io.conec.internal.protocol;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What proves a probe: both clients of a channel know it, nobody else. Not for several threads. */
public final class ProbeKey {
    /** As long as the hash (RFC 2104, section 3). */
    public static final int BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final Mac mac;

    /** @throws IllegalArgumentException unless it is {@link #BYTES} long */
    public ProbeKey(byte[] key) {
        if (key.length != BYTES) {
            throw new IllegalArgumentException("a probe key has " + BYTES + " bytes, not " + key.length);
        }
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    byte[] authenticate(byte[] bytes) {
        return mac.doFinal(bytes);
    }
}
