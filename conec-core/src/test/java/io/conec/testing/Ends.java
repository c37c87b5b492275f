package io.conec.testing;

import io.conec.ConecChannel;
import io.conec.ConecParty;
import io.conec.ConecStream;
import io.conec.Registration;
import io.conec.StreamHandler;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Both ends of one channel.
 *
 * @param openerParty the party whose side opens streams in a test
 * @param opener its end
 * @param acceptorParty the party that accepts them
 * @param acceptor its end
 */
@SuppressWarnings("try") // A registration is closed, not used.
public record Ends(ConecParty openerParty, ConecChannel opener, ConecParty acceptorParty, ConecChannel acceptor) {
    private static final AtomicLong lastName = new AtomicLong();

    /** A stream name that no other test has. */
    public static String newName() {
        return "stream-" + lastName.incrementAndGet();
    }

    /** The same channel, on which the other side opens the streams. */
    public Ends swapped() {
        ConecParty formerAcceptor = acceptorParty;
        ConecChannel itsEnd = acceptor;
        return new Ends(formerAcceptor, itsEnd, openerParty, opener);
    }

    /** Opens a stream; gives both ends of it. */
    public StreamEnds open() {
        return open(newName(), Map.of());
    }

    /** Opens a stream; gives both ends of it. */
    public StreamEnds open(String name, Map<String, String> headers) {
        CompletableFuture<ConecStream> accepted = new CompletableFuture<>();
        try (Registration handling = acceptorParty.onStream(name, accepted::complete)) {
            ConecStream opened = Outcomes.get(opener.openStream(name, headers));
            return new StreamEnds(opened, Outcomes.get(accepted));
        }
    }

    /** Opens a stream that this handler takes. */
    public ConecStream open(StreamHandler handler) {
        String name = newName();
        try (Registration handling = acceptorParty.onStream(name, handler)) {
            return Outcomes.get(opener.openStream(name));
        }
    }
}
