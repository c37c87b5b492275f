package io.conec.sample.client;

import io.conec.ConecChannel;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.support.ConecPeer;
import org.springframework.stereotype.Component;

/** Chat lines: to one peer as a request, and to everybody in the lobby as a message to a group. */
@Component
final class Chat {
    private static final String LOBBY = "lobby";

    private final ConecTemplate template;

    Chat(ConecTemplate template) {
        this.template = template;
    }

    /** A line of a peer. What the method returns is the answer. */
    @ConecChannelListener(stream = "chat")
    String chat(String line, ConecChannel from) {
        System.out.println(from.peer() + ": " + printable(line));
        return "seen";
    }

    /** A line in the lobby, which this client has joined by having this method. */
    @ConecChannelListener(group = LOBBY)
    void lobby(String line, ConecPeer from) {
        System.out.println("[" + LOBBY + "] " + from.name() + ": " + printable(line));
    }

    /** Says something to a peer; returns its answer. */
    String say(String peer, String line) {
        String answer = template.request(peer, "chat", line, String.class);
        return answer == null ? "not answered" : printable(answer);
    }

    /** Says something to everybody in the lobby. */
    void sayToAll(String line) {
        template.sendToGroup(LOBBY, line);
    }

    /** A peer's control characters could do anything to a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cc}", "?");
    }
}
