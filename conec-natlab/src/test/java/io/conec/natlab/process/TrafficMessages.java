package io.conec.natlab.process;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The messages of one direction of one stream: number, a mark on the last one, random bytes, and a SHA-256 over the direction's seed and all of that. So a
 * receiver that knows the seed tells a message that is not whole, or of another stream, from one that has the wrong place. Not for several threads.
 */
final class TrafficMessages {
    private static final int HASH_BYTES = 32;
    private static final int HEADER_BYTES = Long.BYTES + 1;
    /** Up to 16 KiB, small ones as common as large ones: 1.7 KiB on average. */
    private static final int MAX_MAGNITUDE = 14;

    /** What a received message turned out to be. */
    record Parsed(boolean whole, long number, boolean last) {}

    private final long seed;
    private final SplittableRandom random;
    private final MessageDigest digest;

    TrafficMessages(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The message of that number. */
    byte[] message(long number, boolean last) {
        int magnitude = random.nextInt(1, MAX_MAGNITUDE + 1);
        int payload = random.nextInt(1 << (magnitude - 1), 1 << magnitude);
        ByteBuffer message = ByteBuffer.allocate(HEADER_BYTES + payload + HASH_BYTES);
        message.putLong(number).put((byte) (last ? 1 : 0));
        byte[] bytes = new byte[payload];
        for (int i = 0; i < payload; i += Long.BYTES) {
            long word = random.nextLong();
            for (int k = i; k < Math.min(payload, i + Long.BYTES); k++, word >>= Byte.SIZE) {
                bytes[k] = (byte) word;
            }
        }
        message.put(bytes);
        message.put(hash(message.array(), HEADER_BYTES + payload));
        return message.array();
    }

    Parsed parse(byte[] message) {
        int hashed = message.length - HASH_BYTES;
        if (hashed < HEADER_BYTES) {
            return new Parsed(false, -1, false);
        }
        boolean whole = Arrays.equals(message, hashed, message.length, hash(message, hashed), 0, HASH_BYTES);
        ByteBuffer fields = ByteBuffer.wrap(message);
        return new Parsed(whole, fields.getLong(), fields.get() == 1);
    }

    private byte[] hash(byte[] message, int length) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).flip());
        digest.update(message, 0, length);
        return digest.digest();
    }
}
