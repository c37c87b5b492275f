package io.conec.spring.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.spring.listener.ListenerSignature.Payloads;
import jakarta.validation.Valid;
import java.lang.reflect.Method;
import java.security.Principal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.messaging.support.MessageHeaderAccessor;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

final class ListenerSignatureTests {
    @ParameterizedTest
    @CsvSource({
        "channel, false, CHANNEL",
        "stream, true, STREAM",
        "streamAndHeader, true, STREAM",
        "streamAndChannel, true, STREAM",
        "bytes, true, MESSAGE",
        "text, true, MESSAGE",
        "message, true, MESSAGE",
        "springMessage, true, MESSAGE",
        "object, true, MESSAGE",
        "list, true, MESSAGE",
        "annotatedPayload, true, MESSAGE",
        "everything, true, MESSAGE",
        "accessorAndText, true, MESSAGE",
        "answersText, true, MESSAGE",
        "answersObject, true, MESSAGE",
        "flux, true, MESSAGES",
        "publisher, true, MESSAGES",
        "fluxToMono, true, MESSAGES",
        "fluxToFuture, true, MESSAGES"
    })
    void isToldFromTheSignature(String method, boolean named, ListenerKind kind) {
        assertThat(signature(method, named, true).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "text, NOTHING",
        "answersText, VALUE",
        "answersFuture, STAGE",
        "answersMono, MONO",
        "answersFlux, FLUX",
        "answersFlow, FLUX",
        "flux, FLUX",
        "fluxToMono, MONO",
        "fluxToFuture, STAGE"
    })
    void theResultIsToldFromTheSignature(String method, ResultKind result) {
        assertThat(signature(method, true, true).result()).isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nothing         | true  | takes no argument
            nothing         | false | takes no argument: without the attribute "stream"
            channel         | true  | takes ConecChannel: with the attribute "stream"
            stream          | false | takes ConecStream: without the attribute "stream"
            text            | false | takes String: without the attribute "stream"
            channelAndText  | false | takes ConecChannel, String: without the attribute "stream"
            twoPayloads     | true  | more than one argument for the payload: String, byte[]
            streamAnswers   | true  | owns its stream and has to return nothing, it returns String
            channelAnswers  | false | is told of opened channels and has to return nothing, it returns int
            future          | true  | takes CompletableFuture, which is no type of payload
            mono            | true  | takes Mono, which is no type of payload
            answersTask     | true  | returns Future, which tells nobody when it is done
            fluxOfMessages  | true  | takes a Flux of Message
            fluxToNothing   | true  | takes a Flux and returns void, which does not tell when it is done
            fluxToValue     | true  | takes a Flux and returns String, which does not tell when it is done
            expression      | true  | has an expression in @Payload
            privateText     | true  | may be neither private nor static
            staticText      | true  | may be neither private nor static
            """)
    void refusesSignaturesThatFitNothing(String method, boolean named, String problem) {
        assertThatIllegalStateException()
                .isThrownBy(() -> signature(method, named, true))
                .withMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"object", "answersObject", "list", "flux", "answersFlux", "answersFuture"})
    void refusesObjectsWithoutJson(String method) {
        assertThatIllegalStateException()
                .isThrownBy(() -> signature(method, true, false))
                .withMessageContaining("JsonMapper");
    }

    @Test
    void refusesAFinalMethodOfAProxiedBean() {
        ProxyFactory factory = new ProxyFactory(new Signatures());
        factory.setProxyTargetClass(true);
        assertThatIllegalStateException()
                .isThrownBy(() -> ListenerSignature.of(
                        factory.getProxy(),
                        method("finalText"),
                        ListenerSource.STREAMS,
                        new Payloads(true, true, other -> false)))
                .withMessageContaining("may not be final");
    }

    @Test
    void refusesToValidateWithoutAValidator() {
        assertThatIllegalStateException()
                .isThrownBy(() -> ListenerSignature.of(
                        new Signatures(),
                        method("validated"),
                        ListenerSource.STREAMS,
                        new Payloads(true, false, other -> false)))
                .withMessageContaining("Validator");
        assertThat(signature("validated", true, true).kind()).isEqualTo(ListenerKind.MESSAGE);
    }

    @Test
    void anArgumentThatComesFromElsewhereIsNoPayload() {
        ListenerSignature signature = ListenerSignature.of(
                new Signatures(),
                method("principal"),
                ListenerSource.STREAMS,
                new Payloads(true, true, parameter -> parameter.getParameterType() == Principal.class));
        assertThat(signature.payload())
                .isNotNull()
                .satisfies(payload -> assertThat(payload.getParameterType()).isEqualTo(String.class));
    }

    private static ListenerSignature signature(String method, boolean named, boolean objects) {
        return ListenerSignature.of(
                new Signatures(),
                method(method),
                named ? ListenerSource.STREAMS : ListenerSource.CHANNELS,
                new Payloads(objects, true, other -> false));
    }

    private static Method method(String name) {
        return Arrays.stream(Signatures.class.getDeclaredMethods())
                .filter(method -> method.getName().equals(name))
                .findAny()
                .orElseThrow();
    }

    record Order(String article, int count) {}

    static class Signatures {
        void nothing() {}

        void channel(ConecChannel channel) {}

        void stream(ConecStream stream) {}

        void streamAndHeader(ConecStream stream, @Header("a") String header) {}

        void streamAndChannel(ConecChannel channel, ConecStream stream, MessageHeaders headers) {}

        void bytes(byte[] payload) {}

        void text(String payload) {}

        void message(ConecMessage payload) {}

        void springMessage(Message<Order> message) {}

        void object(Order payload) {}

        void list(List<Order> payload) {}

        void annotatedPayload(@Payload String payload, @Headers Map<String, Object> headers) {}

        byte[] everything(ConecChannel channel, @Header("a") int a, Order order, ConecStream stream) {
            return new byte[0];
        }

        String answersText(byte[] payload) {
            return "";
        }

        Order answersObject(String payload) {
            return new Order("", 0);
        }

        void accessorAndText(MessageHeaderAccessor headers, String payload) {}

        void channelAndText(ConecChannel channel, String payload) {}

        void twoPayloads(String one, byte[] other) {}

        String streamAnswers(ConecStream stream) {
            return "";
        }

        int channelAnswers(ConecChannel channel) {
            return 0;
        }

        void future(CompletableFuture<String> payload) {}

        void mono(Mono<String> payload) {}

        void validated(@Valid Order order) {}

        void principal(Principal principal, String payload) {}

        void expression(@Payload("length()") String payload) {}

        CompletableFuture<Order> answersFuture(String payload) {
            throw new UnsupportedOperationException(payload);
        }

        Future<String> answersTask(String payload) {
            throw new UnsupportedOperationException(payload);
        }

        Mono<String> answersMono(String payload) {
            return Mono.empty();
        }

        Flux<Order> answersFlux(String payload) {
            return Flux.empty();
        }

        Flux<String> flux(Flux<Order> payloads) {
            return Flux.empty();
        }

        Publisher<String> publisher(Publisher<String> payloads, @Header("a") String a) {
            return payloads;
        }

        Mono<Void> fluxToMono(Flux<byte[]> payloads) {
            return Mono.empty();
        }

        CompletableFuture<String> fluxToFuture(Flux<String> payloads, ConecChannel channel) {
            return new CompletableFuture<>();
        }

        Flux<String> fluxOfMessages(Flux<Message<String>> payloads) {
            return Flux.empty();
        }

        void fluxToNothing(Flux<String> payloads) {}

        String fluxToValue(Flux<String> payloads) {
            return "";
        }

        Flow.Publisher<String> answersFlow(String payload) {
            throw new UnsupportedOperationException(payload);
        }

        @SuppressWarnings("unused")
        private void privateText(String payload) {}

        static void staticText(String payload) {}

        final void finalText(String payload) {}
    }
}
