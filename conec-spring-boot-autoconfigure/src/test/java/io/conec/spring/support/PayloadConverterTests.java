package io.conec.spring.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ConecMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.converter.AbstractMessageConverter;
import org.springframework.messaging.converter.JacksonJsonMessageConverter;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.messaging.converter.MessageConverter;
import org.springframework.messaging.support.GenericMessage;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.cbor.CBORMapper;

final class PayloadConverterTests {
    private static final MimeType CBOR = new MimeType("application", "cbor");

    private final PayloadConverter converter =
            new PayloadConverter(List.of(new CborConverter(), new JacksonJsonMessageConverter(JsonMapper.shared())));

    @Test
    void messagesAndBytesAreNotCopied() {
        ConecMessage message = ConecMessage.of(new byte[] {1});
        assertThat(converter.write(message, null).message()).isSameAs(message);
        byte[] bytes = {2};
        assertThat(converter.write(bytes, null).message().bytes()).isSameAs(bytes);
        assertThat(converter.write(bytes, null).contentType()).isNull();
        assertThat(read(message, null, ConecMessage.class)).isSameAs(message);
        assertThat(read(message, CBOR, byte[].class)).isSameAs(message.bytes());
    }

    @Test
    void textIsUtf8UnlessTheContentTypeSaysOtherwise() {
        PayloadConverter.Written written = converter.write("ä", null);
        assertThat(written.message().bytes()).isEqualTo("ä".getBytes(StandardCharsets.UTF_8));
        assertThat(written.contentType()).isEqualTo(MimeTypeUtils.TEXT_PLAIN);
        assertThat(read(written.message(), written.contentType(), String.class)).isEqualTo("ä");

        MimeType latin1 = MimeType.valueOf("text/plain;charset=ISO-8859-1");
        assertThat(converter.write("ä", latin1).message().bytes()).containsExactly(0xe4);
        assertThat(read(ConecMessage.of(new byte[] {(byte) 0xe4}), latin1, String.class))
                .isEqualTo("ä");
    }

    @Test
    void theFirstConverterThatTakesThePayloadSaysItsContentType() {
        PayloadConverter.Written json = converter.write(new Point(1, 2), MimeTypeUtils.APPLICATION_JSON);
        assertThat(json.message().text()).isEqualTo("{\"x\":1,\"y\":2}");
        PayloadConverter.Written cbor = converter.write(new Point(1, 2), null);
        assertThat(cbor.contentType()).isEqualTo(CBOR);
        assertThat(read(cbor.message(), CBOR, Point.class)).isEqualTo(new Point(1, 2));
        assertThat(read(json.message(), json.contentType(), Point.class)).isEqualTo(new Point(1, 2));
    }

    @Test
    void genericTypesAreReadAsSuch() {
        ConecMessage message = ConecMessage.of("[{\"x\":1,\"y\":2}]");
        Object points = converter.read(
                message, MimeTypeUtils.APPLICATION_JSON, new ParameterizedTypeReference<List<Point>>() {});
        assertThat(points).isEqualTo(List.of(new Point(1, 2)));
        ConecMessage map = ConecMessage.of("{\"a\":[{\"x\":1,\"y\":2}]}");
        assertThat(converter.read(
                        map,
                        MimeTypeUtils.APPLICATION_JSON,
                        new ParameterizedTypeReference<Map<String, List<Point>>>() {}))
                .isEqualTo(Map.of("a", List.of(new Point(1, 2))));
    }

    @Test
    void jsonTextIsTextForWhoeverWantsText() {
        assertThat(read(ConecMessage.of("{\"x\":1}"), MimeTypeUtils.APPLICATION_JSON, String.class))
                .isEqualTo("{\"x\":1}");
    }

    @Test
    void answersComeAsTheirStreamDoesIfTheirTypeAllowsIt() {
        ConecMessage cbor = converter.writeAnswer(new Point(1, 2), CBOR);
        assertThat(converter.readAnswer(cbor, CBOR, reference(Point.class))).isEqualTo(new Point(1, 2));
        PayloadConverter json = new PayloadConverter(List.of(new JacksonJsonMessageConverter(JsonMapper.shared())));
        ConecMessage fallback = json.writeAnswer(new Point(1, 2), MimeTypeUtils.TEXT_PLAIN);
        assertThat(fallback.text()).isEqualTo("{\"x\":1,\"y\":2}");
        assertThat(json.readAnswer(fallback, MimeTypeUtils.TEXT_PLAIN, reference(Point.class)))
                .isEqualTo(new Point(1, 2));
    }

    @Test
    void whatNoConverterTakesFails() {
        PayloadConverter none = new PayloadConverter(List.of());
        assertThat(none.convertsObjects()).isFalse();
        assertThatExceptionOfType(MessageConversionException.class)
                .isThrownBy(() -> none.write(new Point(1, 2), null))
                .withMessageContaining("Point");
        assertThatExceptionOfType(MessageConversionException.class)
                .isThrownBy(() ->
                        converter.read(ConecMessage.of("1"), MimeType.valueOf("image/png"), reference(Point.class)))
                .withMessageContaining("image/png");
    }

    @Test
    void malformedContentFails() {
        assertThatExceptionOfType(MessageConversionException.class)
                .isThrownBy(() -> read(ConecMessage.of("{"), MimeTypeUtils.APPLICATION_JSON, Point.class));
        assertThatExceptionOfType(MessageConversionException.class)
                .isThrownBy(() -> converter
                        .reader()
                        .fromMessage(new GenericMessage<>(new byte[0], Map.of("contentType", "no type")), Point.class));
    }

    @Test
    void aConverterThatTakesNothingIsPassedOver() {
        MessageConverter nothing = new MessageConverter() {
            @Override
            public @Nullable Object fromMessage(Message<?> message, Class<?> type) {
                return null;
            }

            @Override
            public @Nullable Message<?> toMessage(Object payload, @Nullable MessageHeaders headers) {
                return null;
            }
        };
        PayloadConverter both =
                new PayloadConverter(List.of(nothing, new JacksonJsonMessageConverter(JsonMapper.shared())));
        assertThat(both.write(new Point(1, 2), null).contentType()).isEqualTo(MimeTypeUtils.APPLICATION_JSON);
    }

    private <T> Object read(ConecMessage message, @Nullable MimeType contentType, Class<T> type) {
        return converter.read(message, contentType, reference(type));
    }

    private static <T> ParameterizedTypeReference<T> reference(Class<T> type) {
        return ParameterizedTypeReference.forType(type);
    }

    record Point(int x, int y) {}

    /** What an application might add. */
    static final class CborConverter extends AbstractMessageConverter {
        private final CBORMapper mapper = new CBORMapper();

        CborConverter() {
            super(CBOR);
        }

        @Override
        protected boolean supports(Class<?> type) {
            return type == Point.class;
        }

        @Override
        protected Object convertFromInternal(Message<?> message, Class<?> type, @Nullable Object hint) {
            return mapper.readValue((byte[]) message.getPayload(), type);
        }

        @Override
        protected Object convertToInternal(Object payload, @Nullable MessageHeaders headers, @Nullable Object hint) {
            return mapper.writeValueAsBytes(payload);
        }
    }
}
