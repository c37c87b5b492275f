package io.conec.spring.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.messaging.handler.annotation.Payload;

final class ListenerKindTests {
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
        "answersText, true, MESSAGE",
        "answersObject, true, MESSAGE"
    })
    void isToldFromTheSignature(String method, boolean named, ListenerKind kind) {
        assertThat(kindOf(method, named, true)).isEqualTo(kind);
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
            answersFuture   | true  | returns CompletableFuture, which is no type of payload
            answersFlow     | true  | returns Publisher, which is no type of payload
            privateText     | true  | may be neither private nor static
            staticText      | true  | may be neither private nor static
            """)
    void refusesSignaturesThatFitNothing(String method, boolean named, String problem) {
        assertThatIllegalStateException()
                .isThrownBy(() -> kindOf(method, named, true))
                .withMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"object", "answersObject", "list"})
    void refusesObjectsWithoutJson(String method) {
        assertThatIllegalStateException()
                .isThrownBy(() -> kindOf(method, true, false))
                .withMessageContaining("JsonMapper");
    }

    @Test
    void refusesAFinalMethodOfAProxiedBean() {
        ProxyFactory factory = new ProxyFactory(new Signatures());
        factory.setProxyTargetClass(true);
        assertThatIllegalStateException()
                .isThrownBy(() -> ListenerKind.of(factory.getProxy(), method("finalText"), true, true))
                .withMessageContaining("may not be final");
    }

    private static ListenerKind kindOf(String method, boolean named, boolean json) {
        return ListenerKind.of(new Signatures(), method(method), named, json);
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

        void channelAndText(ConecChannel channel, String payload) {}

        void twoPayloads(String one, byte[] other) {}

        String streamAnswers(ConecStream stream) {
            return "";
        }

        int channelAnswers(ConecChannel channel) {
            return 0;
        }

        void future(CompletableFuture<String> payload) {}

        CompletableFuture<String> answersFuture(String payload) {
            return CompletableFuture.completedFuture(payload);
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
