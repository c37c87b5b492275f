package io.conec.security;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/** Certificates and keys in files of RFC 7468's textual form. Every failure names the file. */
final class Pem {
    private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private Pem() {}

    /** The certificates of a file, in its order; at least one. */
    static List<X509Certificate> readCertificates(Path file) {
        List<X509Certificate> certificates = new ArrayList<>();
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        for (Object object : readObjects(file, "certificate file")) {
            if (object instanceof X509CertificateHolder holder) {
                try {
                    certificates.add(converter.getCertificate(holder));
                } catch (CertificateException e) {
                    throw invalid("the certificate file " + file + " holds a malformed certificate", e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw invalid("the certificate file " + file + " holds no certificate in PEM (BEGIN CERTIFICATE)", null);
        }
        return certificates;
    }

    /** The first private key of a file. */
    static PrivateKey readKey(Path file) {
        for (Object object : readObjects(file, "key file")) {
            if (object instanceof PKCS8EncryptedPrivateKeyInfo || object instanceof PEMEncryptedKeyPair) {
                throw invalid(
                        "the key file " + file + " is encrypted: decrypt it (openssl pkey -in " + file.getFileName()
                                + " -out ...) and protect it by its permissions",
                        null);
            }
            PrivateKeyInfo key = object instanceof PEMKeyPair pair
                    ? pair.getPrivateKeyInfo()
                    : object instanceof PrivateKeyInfo info ? info : null;
            if (key != null) {
                try {
                    return new JcaPEMKeyConverter().getPrivateKey(key);
                } catch (IOException e) {
                    throw invalid("the key file " + file + " holds a malformed key or one of an unknown type", e);
                }
            }
        }
        throw invalid(
                "the key file " + file
                        + " holds no private key in PEM (BEGIN PRIVATE KEY, BEGIN EC PRIVATE KEY or BEGIN RSA"
                        + " PRIVATE KEY)",
                null);
    }

    private static List<Object> readObjects(Path file, String what) {
        String text;
        try {
            // Not UTF-8: text between the objects may be in any encoding, and a binary file is to be called what it is.
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw invalid("the " + what + " " + file + " does not exist", e);
        } catch (IOException e) {
            throw invalid("the " + what + " " + file + " cannot be read: " + reason(e), e);
        }
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                objects.add(object);
            }
        } catch (IOException | RuntimeException e) {
            throw invalid("the " + what + " " + file + " is malformed: " + reason(e), e);
        }
        return objects;
    }

    /**
     * Writes a chain and its key. Both files are complete beside their places before either takes its place, so nobody
     * ever sees half of one; only a crash between the two moves leaves a key and a chain that do not belong together,
     * and reading them says so.
     */
    static void store(List<X509Certificate> chain, Path certificateFile, PrivateKey key, Path keyFile)
            throws IOException, CertificateException {
        StringBuilder certificates = new StringBuilder();
        for (X509Certificate certificate : chain) {
            certificates.append(encode("CERTIFICATE", certificate.getEncoded()));
        }
        Path keyDirectory = directory(keyFile);
        Path preparedKey = prepare(keyFile, encode("PRIVATE KEY", key.getEncoded()), OwnerOnly.attribute(keyDirectory));
        try {
            Path preparedCertificates =
                    prepare(certificateFile, certificates, readableByAll(directory(certificateFile)));
            try {
                move(preparedKey, keyFile);
                move(preparedCertificates, certificateFile);
            } finally {
                Files.deleteIfExists(preparedCertificates);
            }
        } finally {
            Files.deleteIfExists(preparedKey);
        }
    }

    static String encode(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + BASE64.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static Path directory(Path file) throws IOException {
        return Files.createDirectories(file.toAbsolutePath().getParent());
    }

    /** Temporary files are the owner's alone by default, which a certificate need not be. */
    private static FileAttribute<?>[] readableByAll(Path directory) {
        return OwnerOnly.posix(directory)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"))
                }
                : new FileAttribute<?>[0];
    }

    private static Path prepare(Path file, CharSequence text, FileAttribute<?>... attributes) throws IOException {
        Path prepared =
                Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName() + ".", ".tmp", attributes);
        try (FileChannel channel = FileChannel.open(prepared, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(CharBuffer.wrap(text));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(prepared);
            throw e;
        }
        return prepared;
    }

    private static void move(Path prepared, Path file) throws IOException {
        Files.move(prepared, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What an exception of the file system says; its message is often only the path. */
    static String reason(Exception e) {
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : " (" + e.getMessage() + ")");
    }

    static ConecException invalid(String message, @Nullable Throwable cause) {
        return new ConecException(ErrorCode.INVALID_CONFIGURATION, message, cause);
    }
}
