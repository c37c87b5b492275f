package io.conec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One message of a stream: a byte string that arrives whole or not at all. Immutable as long as nobody writes to the array that it was made from.
 */
public final class ConecMessage {
    private final byte[] bytes;
    private final long lostBefore;

    private ConecMessage(byte[] bytes, long lostBefore) {
        this.bytes = bytes;
        this.lostBefore = lostBefore;
    }

    /** A message of these bytes. The array is not copied: it must not change until the message has been sent. */
    public static ConecMessage of(byte[] bytes) {
        return new ConecMessage(bytes, 0);
    }

    /** A message of this text in UTF-8. */
    public static ConecMessage of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The number of bytes. */
    public int size() {
        return bytes.length;
    }

    /** The message's own array, not a copy. */
    public byte[] bytes() {
        return bytes;
    }

    /** A read-only view of the bytes. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /** The bytes read as UTF-8; malformed input becomes U+FFFD. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * How many messages of the stream were dropped directly before this one; 0 unless the stream was told to
     * {@link ConecStream#dropOldest(int) drop the oldest}.
     */
    public long lostBefore() {
        return lostBefore;
    }

    /** This message, with the number of messages that were dropped before it. The bytes are shared. */
    public ConecMessage withLostBefore(long lost) {
        if (lost < 0) {
            throw new IllegalArgumentException("lost: " + lost);
        }
        return lost == lostBefore ? this : new ConecMessage(bytes, lost);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConecMessage message && Arrays.equals(bytes, message.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** The size only: content does not belong into logs. */
    @Override
    public String toString() {
        return "ConecMessage[" + bytes.length + " bytes]";
    }
}
