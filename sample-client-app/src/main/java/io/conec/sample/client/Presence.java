package io.conec.sample.client;

import io.conec.ConecEvent;
import io.conec.PresentClient;
import io.conec.client.ConecClient;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Who else is connected to the coordinator, and what they say about themselves: {@code conec.client.attributes}. */
@Component
final class Presence {
    private final ConecClient client;

    Presence(ConecClient client) {
        this.client = client;
    }

    /** Comes for those who were there before, too, because of {@code conec.client.watch-presence}. */
    @EventListener
    void joined(ConecEvent.ClientJoined event) {
        System.out.println(event.client().id() + " joined");
    }

    @EventListener
    void left(ConecEvent.ClientLeft event) {
        System.out.println(event.client().id() + " left");
    }

    /** Everybody, a line each. */
    String list() {
        List<PresentClient> others = client.presence().join();
        return others.isEmpty()
                ? "nobody else"
                : others.stream()
                        .map(other -> other.id() + " " + other.attributes())
                        .collect(Collectors.joining("\n"));
    }
}
