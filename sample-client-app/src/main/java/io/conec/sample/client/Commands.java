package io.conec.sample.client;

import io.conec.ConecException;
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
    private static final Pattern ALL = Pattern.compile("/all (.+)");
    private static final Pattern SAY = Pattern.compile("(\\S+): (.*)");
    private static final String HELP = """
            PEER: TEXT        say something to a peer
            /send PEER FILE   send it a file
            /all TEXT         say something to everybody in the lobby
            /who              who is connected to the coordinator
            /coordinator      what the coordinator says about itself
            /quit             stop""";

    private final Chat chat;
    private final Presence presence;
    private final Coordinator coordinator;
    private final FileSender files;

    Commands(Chat chat, Presence presence, Coordinator coordinator, FileSender files) {
        this.chat = chat;
        this.presence = presence;
        this.coordinator = coordinator;
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
            Matcher all = ALL.matcher(line);
            if (all.matches()) {
                chat.sayToAll(all.group(1));
                return "(said in the lobby)";
            }
            Matcher say = SAY.matcher(line);
            if (say.matches()) {
                return "(" + chat.say(say.group(1), say.group(2)) + " by " + say.group(1) + ")";
            }
            return switch (line) {
                case "/who" -> presence.list();
                case "/coordinator" -> coordinator();
                default -> HELP;
            };
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

    private String coordinator() {
        Coordinator.About about = coordinator.about();
        return about.name() + " has " + about.clients() + " clients, and runs since " + about.startedAt();
    }
}
