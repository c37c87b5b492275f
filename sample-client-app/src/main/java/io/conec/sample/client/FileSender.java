package io.conec.sample.client;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.client.ConecClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/** Sends files. */
@Component
final class FileSender {
    private static final int CHUNK_BYTES = 256 * 1024;

    private final ConecClient client;

    FileSender(ConecClient client) {
        this.client = client;
    }

    /**
     * Sends a file to a peer and waits until the peer has checked it and put it in its place.
     *
     * @param bar makes the progress bar for a file
     * @return the receiver's answer
     */
    String send(Path file, String peer, Function<FileOffer, ProgressBar> bar) throws IOException, InterruptedException {
        FileOffer offer = FileOffer.of(file);
        ProgressBar progress = bar.apply(offer);

        // The channel to a peer is made once and then kept; the coordinator introduces the two to each other.
        ConecChannel channel = client.open(peer).join();
        try (InputStream in = Files.newInputStream(file);
                ConecStream stream = channel.openStream("file", offer.headers()).join()) {
            byte[] chunk = in.readNBytes(CHUNK_BYTES);
            // A receiver that says no resets the stream: then there is no use in reading on.
            while (chunk.length > 0 && !stream.closed().isDone()) {
                int size = chunk.length;
                // Does not wait for each chunk, only when too much is under way: see ConecStream.send.
                stream.send(chunk).thenRun(() -> progress.advance(size));
                chunk = in.readNBytes(CHUNK_BYTES);
            }
            stream.finish();

            // That QUIC took everything does not say that the file is on the other side's disk. Its answer does.
            ConecMessage answer = stream.receive()
                    .orElseThrow(() -> new IOException("\"" + peer + "\" did not say whether it has the file"));
            progress.complete();
            return answer.text();
        }
    }
}
