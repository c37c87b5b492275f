package io.conec.sample.client;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the receiver of a file is told before its bytes: the headers of the stream. The constructor is where bad input
 * from a peer ends.
 *
 * @param name the file's name, without a directory
 * @param size in bytes
 * @param sha256 of the content, 64 hexadecimal digits
 */
record FileOffer(String name, long size, String sha256) {
    /** One plain name: nothing that any file system reads as a path or a device, and no hidden file. */
    private static final Pattern NAME = Pattern.compile("(?!\\.)[^\\p{Cc}/\\\\:*?\"<>|]{1,200}");

    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    FileOffer {
        if (!NAME.matcher(name).matches()) {
            throw new ConecException(ErrorCode.REFUSED, "not a plain file name");
        }
        if (size < 0) {
            throw new ConecException(ErrorCode.REFUSED, "a negative size");
        }
        if (!SHA_256.matcher(sha256).matches()) {
            throw new ConecException(ErrorCode.REFUSED, "not a SHA-256");
        }
    }

    /** The offer of a file of our own. Reads it once, for the hash. */
    static FileOffer of(Path file) throws IOException {
        MessageDigest sha256 = sha256Digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
            long size = in.transferTo(OutputStream.nullOutputStream());
            return new FileOffer(file.getFileName().toString(), size, hex(sha256));
        }
    }

    /** The offer that a peer makes. */
    static FileOffer of(Map<String, String> headers) {
        try {
            return new FileOffer(
                    headers.getOrDefault("name", ""),
                    Long.parseLong(headers.getOrDefault("size", "")),
                    headers.getOrDefault("sha-256", ""));
        } catch (NumberFormatException e) {
            throw new ConecException(ErrorCode.REFUSED, "a size that is no number", e);
        }
    }

    Map<String, String> headers() {
        return Map.of("name", name, "size", Long.toString(size), "sha-256", sha256);
    }

    static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
