package io.conec.benchmarks.system;

import io.conec.ConecMessage;
import io.conec.ConecParty;
import io.conec.ConecStream;
import java.util.Optional;

/** A conec stream as an application uses it: threads of its own that send and receive. */
final class ConecMessageStream implements MessageStream {
    private final ConecStream stream;

    ConecMessageStream(ConecStream stream) {
        this.stream = stream;
    }

    /** Gives that party's incoming streams to the service. */
    static void serve(ConecParty party, Service service) {
        party.onStream(ConecParties.STREAM, stream -> receive(stream, service.accept(new ConecMessageStream(stream))));
        party.onStream(ConecParties.REQUEST, stream -> {
            Optional<ConecMessage> request = stream.receive();
            if (request.isPresent()) {
                stream.send(service.answer(request.get().bytes()));
            }
            stream.close();
        });
    }

    static void receive(ConecStream stream, MessageHandler handler) throws InterruptedException {
        for (Optional<ConecMessage> message = stream.receive(); message.isPresent(); message = stream.receive()) {
            handler.message(message.get().bytes());
        }
    }

    @Override
    public void send(byte[] message) {
        // It waits while its buffer is full.
        stream.send(message);
    }
}
