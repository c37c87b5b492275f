package io.conec.benchmarks.system;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.GroupOptions;
import io.conec.client.ConecClient;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** A client with a channel to whoever receives. */
final class ConecSender implements Sender {
    private final ConecClient client;
    private final ConecChannel channel;

    ConecSender(ConecClient client, ConecChannel channel) {
        this.client = client;
        this.channel = channel;
    }

    @Override
    public MessageStream open(MessageHandler handler) {
        ConecStream stream = channel.openStream(ConecParties.STREAM).join();
        Thread receiver = new Thread(() -> receive(stream, handler), "receiver");
        receiver.setDaemon(true);
        receiver.start();
        return new ConecMessageStream(stream);
    }

    private static void receive(ConecStream stream, MessageHandler handler) {
        try {
            ConecMessageStream.receive(stream, handler);
        } catch (ConecException e) {
            System.err.println("stream ended: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public MessageStream group() {
        ConecGroup group =
                client.join(ConecMembers.GROUP, GroupOptions.sendOnly()).join();
        return group::send;
    }

    @Override
    public CompletionStage<byte[]> request(byte[] message) {
        return channel.request(ConecParties.REQUEST, Map.of(), ConecMessage.of(message))
                .thenApply(answer -> answer.orElseThrow().bytes());
    }

    @Override
    public void close() {
        client.close();
    }
}
