package io.conec.sample.client;

import io.conec.ConecChannel;
import io.conec.ConecStream;
import io.conec.client.ConecClient;
import io.conec.spring.annotation.ConecChannelListener;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Chat lines, one stream a line: streams cost next to nothing. */
@Component
final class Chat {
    private final ConecClient client;

    Chat(ConecClient client) {
        this.client = client;
    }

    /** A line of a peer. What the method returns is sent back on the same stream. */
    @ConecChannelListener(stream = "chat")
    String chat(String line, ConecChannel from) {
        System.out.println(from.peer() + ": " + printable(line));
        return "seen";
    }

    /** Says something to a peer; returns its answer. */
    String say(String peer, String line) throws IOException, InterruptedException {
        try (ConecStream stream = client.open(peer).join().openStream("chat").join()) {
            stream.send(line);
            return printable(stream.receive()
                    .orElseThrow(() -> new IOException("\"" + peer + "\" gave no answer"))
                    .text());
        }
    }

    /** A peer's control characters could do anything to a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cc}", "?");
    }
}
