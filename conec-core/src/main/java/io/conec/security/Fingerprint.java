package io.conec.security;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The SHA-256 of a certificate in DER, as {@code openssl x509 -fingerprint -sha256} and browsers show it. It stands for
 * exactly one certificate: a renewed certificate has another one, even with the same key.
 *
 * @param value 32 bytes in upper-case hexadecimal, joined by colons; any form that {@link #parse} takes may be given
 */
public record Fingerprint(String value) {
    private static final HexFormat FORMAT = HexFormat.ofDelimiter(":").withUpperCase();
    private static final Pattern PREFIX = Pattern.compile("(?i)sha-?256[:=]");
    private static final Pattern FORM = Pattern.compile("(?i)[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31}");

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if the value is no fingerprint */
    public Fingerprint {
        value = normalise(value);
    }

    /** The fingerprint of a certificate. */
    public static Fingerprint of(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return new Fingerprint(FORMAT.formatHex(digest));
        } catch (CertificateEncodingException e) {
            throw new ConecException(ErrorCode.CERTIFICATE_NOT_TRUSTED, "a certificate cannot be encoded", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Reads 64 hexadecimal digits of either case, with a colon between the bytes or without any, after {@code sha256:}
     * (also {@code SHA-256:}, {@code sha256=}) or nothing.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if the text is anything else
     */
    public static Fingerprint parse(String text) {
        return new Fingerprint(text);
    }

    private static String normalise(String text) {
        String digits = text.strip();
        var prefix = PREFIX.matcher(digits);
        if (prefix.lookingAt()) {
            digits = digits.substring(prefix.end()).strip();
        }
        if (!FORM.matcher(digits).matches()) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "\"" + ClientId.escape(text)
                            + "\" is no SHA-256 fingerprint: it takes 64 hexadecimal digits, with or without"
                            + " colons between the bytes");
        }
        return FORMAT.formatHex(HexFormat.of().parseHex(digits.replace(":", "")));
    }

    /** The {@link #value}. */
    @Override
    public String toString() {
        return value;
    }
}
