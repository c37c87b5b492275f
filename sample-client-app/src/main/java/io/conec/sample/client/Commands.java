package io.conec.sample.client;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.ansi.AnsiOutput;
import org.springframework.boot.ansi.AnsiStyle;
import org.springframework.stereotype.Component;

/** What can be typed into the application. */
@Component
final class Commands {
    private static final Pattern SEND = Pattern.compile("/send (\\S+) (.+)");
    private static final Pattern SAY = Pattern.compile("(\\S+): (.*)");
    private static final String HELP = """
            PEER: TEXT        say something to a peer
            /send PEER FILE   send it a file
            /who              who is connected to the coordinator
            /quit             stop""";

    private final ConecClient client;
    private final Chat chat;
    private final FileSender files;

    Commands(ConecClient client, Chat chat, FileSender files) {
        this.client = client;
        this.chat = chat;
        this.files = files;
    }

    /** Executes one line after the other; returns whether the last one was {@code /quit}. */
    boolean read(InputStream in) {
        Scanner lines = new Scanner(in, StandardCharsets.UTF_8);
        while (lines.hasNextLine()) {
            String line = lines.nextLine().strip();
            if (line.equals("/quit")) {
                return true;
            }
            if (!line.isEmpty()) {
                System.out.println(execute(line));
            }
        }
        return false;
    }

    private String execute(String line) {
        try {
            Matcher send = SEND.matcher(line);
            if (send.matches()) {
                return send(send.group(1), Path.of(send.group(2)));
            }
            Matcher say = SAY.matcher(line);
            if (say.matches()) {
                return "(" + chat.say(say.group(1), say.group(2)) + " by " + say.group(1) + ")";
            }
            return line.equals("/who") ? who() : HELP;
        } catch (CompletionException e) {
            // What join() wraps the cause in.
            return "Failed: " + e.getCause();
        } catch (ConecException | IOException e) {
            return "Failed: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "Interrupted";
        }
    }

    private String send(String peer, Path file) throws IOException, InterruptedException {
        // Boot knows whether this is a terminal: only there it colours its log.
        boolean terminal = !AnsiOutput.toString(AnsiStyle.BOLD, "").isEmpty();
        String answer =
                files.send(file, peer, offer -> new ProgressBar(System.out, terminal, offer.name(), offer.size()));
        return peer + " has " + file.getFileName() + ": " + answer;
    }

    private String who() throws InterruptedException {
        ConecChannel coordinator = client.coordinator()
                .orElseThrow(() -> new ConecException(ErrorCode.NOT_CONNECTED, "no connection to the coordinator"));
        try (ConecStream stream = coordinator.openStream("who").join()) {
            stream.send("");
            return stream.receive().orElseThrow().text();
        }
    }
}
