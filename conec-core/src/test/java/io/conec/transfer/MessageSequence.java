package io.conec.transfer;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/** A reproducible sequence of messages of mixed sizes: whoever knows the seed knows what message n has to be. */
final class MessageSequence {
    private static final int MAX_BYTES = 4 * 1024 * 1024;

    private final SplittableRandom random;
    private long remaining;

    MessageSequence(long seed, long totalBytes) {
        random = new SplittableRandom(seed);
        remaining = totalBytes;
    }

    boolean hasNext() {
        return remaining > 0;
    }

    /** The next message: 1 byte to 4 MiB, small ones as common as large ones. */
    byte[] next() {
        int magnitude = random.nextInt(1, Integer.numberOfTrailingZeros(MAX_BYTES) + 1);
        int size = (int) Math.min(
                remaining, Math.min(MAX_BYTES, random.nextInt(1 << (magnitude - 1), (1 << magnitude) + 1)));
        remaining -= size;
        ByteBuffer bytes = ByteBuffer.allocate(size);
        while (bytes.remaining() >= Long.BYTES) {
            bytes.putLong(random.nextLong());
        }
        while (bytes.hasRemaining()) {
            bytes.put((byte) random.nextInt());
        }
        return bytes.array();
    }

    static byte[] hash(byte[] message) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
