package io.conec.benchmarks.process;

import io.conec.benchmarks.system.MessageHandler;
import io.conec.benchmarks.system.MessageStream;
import io.conec.benchmarks.system.Service;
import io.conec.benchmarks.system.ServiceKind;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Does with each stream what its first message says, and counts. */
final class TrafficService implements Service {
    private final List<Sink> sinks = new CopyOnWriteArrayList<>();

    @Override
    public MessageHandler accept(MessageStream stream) {
        return new Undecided(stream);
    }

    @Override
    public byte[] answer(byte[] request) {
        return request;
    }

    Sink newSink() {
        Sink sink = new Sink();
        sinks.add(sink);
        return sink;
    }

    /** Of all streams so far. */
    Fields counts() {
        return Fields.of(
                "messages", sum(Sink::messages),
                "bytes", sum(Sink::bytes),
                "errors", sum(Sink::errors),
                "nanos", System.nanoTime());
    }

    private long sum(ToLongFunction<Sink> count) {
        return sinks.stream().mapToLong(count).sum();
    }

    private final class Undecided implements MessageHandler {
        private final MessageStream stream;
        private @Nullable MessageHandler decided;

        Undecided(MessageStream stream) {
            this.stream = stream;
        }

        @Override
        public void message(byte[] message) {
            if (decided != null) {
                decided.message(message);
            } else {
                decided = decide(ServiceKind.of(message));
            }
        }

        @Override
        public void message(ByteBuf in, int length) {
            if (decided != null) {
                decided.message(in, length);
            } else {
                MessageHandler.super.message(in, length);
            }
        }

        private MessageHandler decide(ServiceKind kind) {
            return switch (kind) {
                case SINK -> newSink();
                case ECHO -> this::echo;
                case REQUEST ->
                    message -> {
                        try {
                            stream.sendLast(answer(message));
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    };
            };
        }

        private void echo(byte[] message) {
            try {
                stream.send(message);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
