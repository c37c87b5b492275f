package io.conec.spring.listener;

import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.spring.support.StreamSubscriber;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** What needs Reactor, whose types occur in no other class of this package. Not loaded without it: then {@link ListenerSignature} lets no reactive type through. */
final class Reactive {
    private Reactive() {}

    /** The payloads of a stream in some reactive type: what is asked for is what is read from it. */
    static Object payloads(ReactiveAdapter adapter, ConecStream stream, Function<ConecMessage, Object> payload) {
        return adapter.fromPublisher(
                JdkFlowAdapter.flowPublisherToFlux(stream.messages()).map(payload));
    }

    /** The one value, or null, of a reactive result. Cancelling the future cancels the subscription. */
    static CompletableFuture<@Nullable Object> future(Object result, CallContext call) {
        return Mono.from(publisher(result))
                .contextWrite(Context.of(call.reactorContext()))
                .contextCapture()
                .toFuture();
    }

    /** Sends all values of a reactive result. */
    static Publishing publish(
            Object result,
            CallContext call,
            ConecStream stream,
            int bufferBytes,
            Function<Object, ConecMessage> write) {
        StreamSubscriber<Object> subscriber = new StreamSubscriber<>(stream, bufferBytes, write);
        Flux.from(publisher(result))
                .contextWrite(Context.of(call.reactorContext()))
                .contextCapture()
                .subscribe(subscriber);
        return new Publishing(subscriber.done(), subscriber::refused);
    }

    private static Publisher<Object> publisher(Object result) {
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(null, result);
        if (adapter == null) {
            throw new IllegalStateException(
                    "not a reactive type: " + result.getClass().getName());
        }
        return adapter.toPublisher(result);
    }
}
