package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.ask;
import static io.conec.spring.boot.Streams.failure;
import static io.conec.spring.boot.Streams.next;
import static io.conec.spring.boot.Streams.toCoordinator;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.support.ConecHeaders;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.converter.AbstractMessageConverter;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.util.MimeType;
import reactor.core.publisher.Flux;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.dataformat.cbor.CBORMapper;

/** What listener methods of a coordinator take and give. */
final class ListenerConversionTests {
    private static final CBORMapper CBOR = new CBORMapper();

    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConecClient alice;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        ConecCoordinator coordinator =
                applications.coordinator(Application.class).getBean(ConecCoordinator.class);
        alice = applications
                .client("alice", coordinator, EmptyApplication.class)
                .getBean(ConecClient.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @Test
    void jsonIsWhatTheApplicationsMapperMakesOfIt() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "order", json())) {
            assertThat(ask(stream, "{\"article_name\":\"pear\",\"count\":2}"))
                    .isEqualTo("{\"article_name\":\"pear\",\"total_price\":60}");
        }
    }

    @Test
    void genericTypesAreReadAsSuch() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "orders", json())) {
            assertThat(ask(stream, "[{\"article_name\":\"pear\",\"count\":2},{\"article_name\":\"fig\",\"count\":5}]"))
                    .isEqualTo("7");
        }
    }

    @Test
    void anAddedConverterReadsAndWritesItsContentType() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "stock", Map.of("content-type", "application/cbor"))) {
            stream.send(CBOR.writeValueAsBytes(new Stock("pear", 3)));
            assertThat(CBOR.readValue(next(stream).bytes(), Stock.class)).isEqualTo(new Stock("pear", 4));
        }
        try (ConecStream stream = toCoordinator(alice, "stock", json())) {
            assertThat(ask(stream, "{\"article\":\"pear\",\"count\":3}"))
                    .isEqualTo("{\"article\":\"pear\",\"count\":4}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"image/png", "no type", "application/cbor;;="})
    void aContentTypeThatNothingReadsResetsTheStream(String contentType) {
        try (ConecStream stream = toCoordinator(alice, "order", Map.of("content-type", contentType))) {
            stream.send("{\"article_name\":\"pear\",\"count\":2}");
            assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.CONVERSION_FAILED);
        }
    }

    @Test
    void textIsReadInItsCharset() throws Exception {
        try (ConecStream stream =
                toCoordinator(alice, "text", Map.of("content-type", "text/plain;charset=ISO-8859-1"))) {
            stream.send(new byte[] {(byte) 0xe4});
            assertThat(next(stream).bytes()).containsExactly('<', 0xe4, '>');
        }
    }

    @Test
    void messagesCarryPayloadAndHeaders() throws Exception {
        try (ConecStream stream = toCoordinator(
                alice,
                "message",
                Map.of(
                        "content-type",
                        "application/json",
                        "colour",
                        "blue",
                        "id",
                        "forged",
                        ConecHeaders.PEER,
                        "forged",
                        ConecHeaders.LOST_BEFORE,
                        "forged"))) {
            assertThat(ask(stream, "{\"article_name\":\"pear\",\"count\":2}"))
                    .isEqualTo("pear blue alice message application/json null null");
        }
    }

    @Test
    void headersAreConvertedAndMayBeAbsent() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "headers", Map.of("times", "3"))) {
            assertThat(ask(stream, "ab")).isEqualTo("ababab none");
        }
    }

    @Test
    void aMissingHeaderResetsTheStream() {
        try (ConecStream stream = toCoordinator(alice, "headers")) {
            stream.send("ab");
            ConecException failure = failure(() -> stream.receive(LIMIT));
            assertThat(failure.code()).isEqualTo(ErrorCode.CONVERSION_FAILED);
            assertThat(failure).hasMessageNotContaining("times");
        }
    }

    @Test
    void aMessageIsTheOneThatWasReceived() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "as-is", json())) {
            assertThat(ask(stream, "{")).isEqualTo("{");
        }
    }

    @Test
    void payloadsAreValidatedWhereAsked() throws Exception {
        for (String name : List.of("valid", "valid-flux")) {
            try (ConecStream stream = toCoordinator(alice, name, json())) {
                assertThat(ask(stream, "{\"article_name\":\"pear\",\"count\":2}"))
                        .isEqualTo("pear");
                stream.send("{\"article_name\":\"\",\"count\":0}");
                assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.CONVERSION_FAILED);
            }
        }
        try (ConecStream stream = toCoordinator(alice, "order", json())) {
            assertThat(ask(stream, "{\"article_name\":\"\",\"count\":0}")).contains("\"total_price\":0");
        }
    }

    private static Map<String, String> json() {
        return Map.of("content-type", "application/json");
    }

    record Order(@NotEmpty String articleName, @Min(1) int count) {}

    record Price(String articleName, int totalPrice) {}

    record Stock(String article, int count) {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class EmptyApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        JsonMapperBuilderCustomizer snakeCase() {
            return builder -> builder.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
        }

        @Bean
        CborConverter cborConverter() {
            return new CborConverter();
        }

        @ConecChannelListener(stream = "order")
        Price order(Order order) {
            return new Price(order.articleName(), 30 * order.count());
        }

        @ConecChannelListener(stream = "orders")
        int orders(List<Order> orders) {
            return orders.stream().mapToInt(Order::count).sum();
        }

        @ConecChannelListener(stream = "stock")
        Stock stock(Stock stock) {
            return new Stock(stock.article(), stock.count() + 1);
        }

        @ConecChannelListener(stream = "text")
        String text(String text) {
            return "<" + text + ">";
        }

        @ConecChannelListener(stream = "message")
        String message(Message<Order> message, @Headers Map<String, Object> headers) {
            MessageHeaders all = message.getHeaders();
            return message.getPayload().articleName() + " " + headers.get("colour") + " " + all.get(ConecHeaders.PEER)
                    + " " + all.get(ConecHeaders.STREAM_NAME) + " " + all.get(MessageHeaders.CONTENT_TYPE) + " "
                    + all.get("id") + " " + all.get(ConecHeaders.LOST_BEFORE);
        }

        @ConecChannelListener(stream = "headers")
        String headers(
                @Payload String text,
                @Header("times") int times,
                @Header(name = "absent", defaultValue = "none") String absent) {
            return text.repeat(times) + " " + absent;
        }

        @ConecChannelListener(stream = "as-is")
        ConecMessage asIs(ConecMessage message) {
            return message;
        }

        @ConecChannelListener(stream = "valid")
        String valid(@Valid Order order) {
            return order.articleName();
        }

        @ConecChannelListener(stream = "valid-flux")
        Flux<String> valid(@Valid Flux<Order> orders) {
            return orders.map(Order::articleName);
        }
    }

    static final class CborConverter extends AbstractMessageConverter {
        CborConverter() {
            super(new MimeType("application", "cbor"));
            setStrictContentTypeMatch(true);
        }

        @Override
        protected boolean supports(Class<?> type) {
            return true;
        }

        @Override
        protected Object convertFromInternal(Message<?> message, Class<?> type, @Nullable Object hint) {
            return CBOR.readValue((byte[]) message.getPayload(), type);
        }

        @Override
        protected Object convertToInternal(Object payload, @Nullable MessageHeaders headers, @Nullable Object hint) {
            return Objects.requireNonNull(CBOR.writeValueAsBytes(payload));
        }
    }
}
