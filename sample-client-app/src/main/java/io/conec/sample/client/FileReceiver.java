package io.conec.sample.client;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.spring.annotation.ConecChannelListener;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Receives files. */
@Component
final class FileReceiver {
    /** A sender that sends nothing for this long has given up, even if its channel lives. */
    private static final Duration STALLED = Duration.ofSeconds(30);

    private final FileProperties properties;

    FileReceiver(FileProperties properties) {
        this.properties = properties;
    }

    /**
     * One call for each file. A thrown ConecException resets the stream with its code, which the sender gets, and the
     * channel stays; so several files can be under way at the same time, and a bad one disturbs none of the others.
     */
    @ConecChannelListener(stream = "file")
    void receive(ConecStream stream) throws IOException, InterruptedException {
        FileOffer offer = FileOffer.of(stream.headers());
        if (offer.size() > properties.maxSize().toBytes()) {
            throw new ConecException(ErrorCode.REFUSED, "larger than " + properties.maxSize());
        }

        // Each peer has a directory of its own, so none can replace another's file. The name is proven by the peer's
        // certificate and is a client id: labels of
        // letters, digits and hyphens, so it is no path either.
        String peer = stream.channel().peer();
        Path directory = Files.createDirectories(properties.directory().resolve(peer));
        Path part = Files.createTempFile(directory, ".", ".part");
        try {
            write(stream, offer, part);
            // Only whole files with the right hash ever have their name.
            Path file = directory.resolve(offer.name());
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            System.out.println("Received " + file + " from " + peer);
        } finally {
            Files.deleteIfExists(part);
        }
        stream.send("ok " + offer.sha256());
        stream.close();
    }

    private static void write(ConecStream stream, FileOffer offer, Path part) throws IOException, InterruptedException {
        MessageDigest sha256 = FileOffer.sha256Digest();
        long left = offer.size();
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(part), sha256)) {
            Optional<ConecMessage> chunk = stream.receive(STALLED);
            // While this thread writes, nobody reads: a disk slower than the network slows down the sender, not the
            // heap.
            while (chunk.isPresent()) {
                left -= chunk.get().size();
                if (left < 0) {
                    throw new ConecException(ErrorCode.REFUSED, "more bytes than announced");
                }
                out.write(chunk.get().bytes());
                chunk = stream.receive(STALLED);
            }
        }
        if (left > 0 || !FileOffer.hex(sha256).equals(offer.sha256())) {
            throw new ConecException(ErrorCode.REFUSED, "not the bytes that were announced");
        }
    }
}
