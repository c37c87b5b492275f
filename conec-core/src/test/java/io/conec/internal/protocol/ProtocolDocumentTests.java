package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.coordinator.GroupLimits;
import io.conec.security.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of PROTOCOL.md say what the code does. */
final class ProtocolDocumentTests {
    private static final Path DOCUMENT = Path.of("..", "docs", "PROTOCOL.md");
    private static final Set<String> PACKAGES = Set.of(
            "io.conec",
            "io.conec.client",
            "io.conec.coordinator",
            "io.conec.internal.channel",
            "io.conec.internal.protocol",
            "io.conec.internal.transport");
    private static final Map<Class<?>, Object> DEFAULTS = Map.of(
            TransportConfig.class,
            TransportConfig.DEFAULTS,
            CoordinatorConfig.class,
            CoordinatorConfig.builder(Identity.generateForHosts(List.of("localhost")))
                    .build(),
            GroupLimits.class,
            GroupLimits.DEFAULTS);

    private static final List<String> LINES = read();

    /** One line of the table of limits. */
    record Limit(String name, String value, String inTheCode) {}

    @Test
    void theErrorCodesAreTheEnum() {
        List<String> expected = Arrays.stream(ErrorCode.values())
                .map(code -> String.format(Locale.ROOT, "0x%02x %s", code.code(), code))
                .toList();

        assertThat(table("code", "name", "meaning", "local")).hasSameSizeAs(expected);
        assertThat(table("code", "name", "meaning", "local").stream().map(row -> row.get(0) + " " + row.get(1)))
                .containsExactlyElementsOf(expected);
        assertThat(table("code", "name", "meaning", "local"))
                .allMatch(row -> !row.get(2).isEmpty() && Set.of("", "local").contains(row.get(3)));
    }

    @Test
    void theKindsAreThoseOfTheControlMessage() {
        List<String> expected = Control.getDescriptor().getFields().stream()
                .map(ProtocolDocumentTests::numberAndKind)
                .toList();

        assertThat(table("number", "kind", "on", "from", "answer").stream().map(row -> row.get(0) + " " + row.get(1)))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void theKindsOfRelayPacketsAreTheCodes() {
        assertThat(table("byte", "kind", "from", "meaning").stream().map(row -> row.get(0) + " " + row.get(1)))
                .containsExactly(
                        String.format(Locale.ROOT, "0x%02x RELAY", RelayPacket.RELAY),
                        String.format(Locale.ROOT, "0x%02x UNKNOWN_HANDLE", RelayPacket.UNKNOWN_HANDLE),
                        String.format(Locale.ROOT, "0x%02x LINK_CHECK", LinkCheck.CHECK),
                        String.format(Locale.ROOT, "0x%02x LINK_STATUS", LinkCheck.STATUS),
                        String.format(Locale.ROOT, "0x%02x PROBE_REQUEST", ProbePacket.REQUEST),
                        String.format(Locale.ROOT, "0x%02x PROBE_RESPONSE", ProbePacket.RESPONSE));
    }

    static Stream<Limit> limits() {
        return table("limit", "value", "fixed", "in the code").stream()
                .map(row -> new Limit(row.get(0), row.get(1), row.get(3)));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void aLimitIsWhatTheCodeHas(Limit limit) throws Exception {
        String[] source = limit.inTheCode().replace("`", "").split(" / ", -1);
        long divisor = source.length > 1 ? Long.parseLong(source[1]) : 1;

        assertThat(number(limit.value()))
                .isEqualTo(inTheCode(source[0], limit.value().endsWith(" s")) / divisor);
    }

    @Test
    void noLimitOfTheConfigurationIsForgotten() {
        Set<String> named = limits().map(Limit::inTheCode).collect(Collectors.toSet());

        assertThat(named)
                .contains(
                        "`TransportConfig.maxMessageBytes`",
                        "`TransportConfig.maxHeaderBytes`",
                        "`TransportConfig.maxStreams`",
                        "`CoordinatorConfig.maxClients`",
                        "`CoordinatorConfig.maxHandshakes`",
                        "`CoordinatorConfig.maxChannelsPerClient`");
    }

    @Test
    void theNamesAreTheCodes() {
        assertThat(LINES).anyMatch(line -> line.equals("# The protocol " + Protocol.ALPN));
        assertThat(LINES).anyMatch(line -> line.contains("(RFC 7301) is `" + Protocol.ALPN + "`"));
    }

    @Test
    void theTestVectorsAreTheGoldenBytes() {
        Map<String, String> vectors = table("message", "bytes").stream()
                .collect(Collectors.toMap(row -> row.get(0), row -> row.get(1).replace("`", "")));

        Map<String, String> golden = Stream.concat(Golden.CONTROL.stream(), Golden.DATA.stream())
                .collect(Collectors.toMap(Golden::name, Golden::hex));
        assertThat(vectors)
                .containsAllEntriesOf(golden)
                .containsAllEntriesOf(Golden.DATAGRAMS)
                .hasSize(golden.size() + Golden.DATAGRAMS.size() + 2);
    }

    @Test
    void theExamplesOfFramesAreFrames() {
        List<List<String>> examples = table("bytes", "meaning");

        assertThat(examples).hasSize(4);
        assertThat(decode(examples.get(0)).frames).containsExactly(new byte[0]);
        assertThat(decode(examples.get(1)).frames).containsExactly(new byte[] {'A'});
        assertThat(examples.get(2)).containsExactly("`80 01 ...`", "a frame with 127 bytes of payload");
        assertThat(decode(examples.get(3)).ends).isEqualTo(1);
    }

    /** Outside of code, words in capitals that look like error codes are such, or kinds of packets and frames. */
    @Test
    void everyErrorCodeThatIsNamedExists() {
        Set<String> known = Stream.concat(
                        Arrays.stream(ErrorCode.values()).map(Enum::name),
                        Stream.of(
                                "UNKNOWN_HANDLE",
                                "LINK_CHECK",
                                "LINK_STATUS",
                                "PROBE_REQUEST",
                                "PROBE_RESPONSE",
                                "RELAY_ONLY",
                                "DIRECT_ONLY",
                                "DROP_OLDEST",
                                "CONNECTION_CLOSE",
                                "RESET_STREAM",
                                "STOP_SENDING"))
                .collect(Collectors.toSet());
        List<String> named = new ArrayList<>();
        for (String line : LINES) {
            Pattern.compile("[A-Z]+(?:_[A-Z]+)+")
                    .matcher(line.replaceAll("`[^`]*`", ""))
                    .results()
                    .forEach(match -> named.add(match.group()));
        }

        assertThat(named).isNotEmpty().allMatch(known::contains);
    }

    private static Decoded decode(List<String> example) {
        return Decoded.of(HexFormat.of().parseHex(example.get(0).replaceAll("[` ]", "")), 10);
    }

    private static String numberAndKind(FieldDescriptor field) {
        return field.getNumber() + " " + field.getMessageType().getName();
    }

    private static long number(String value) {
        String[] words = value.replace(",", "").split(" ", -1);
        long unit = words.length == 1
                ? 1
                : switch (words[1]) {
                    case "bytes", "s" -> 1;
                    case "KiB" -> 1024;
                    case "MiB" -> 1024 * 1024;
                    default -> throw new IllegalArgumentException(value);
                };
        return Long.parseLong(words[0]) * unit;
    }

    /** A constant, or the default of a setting. */
    private static long inTheCode(String name, boolean seconds) throws Exception {
        String[] parts = name.split("\\.", -1);
        Class<?> type = type(parts[0]);
        Object defaults = DEFAULTS.get(type);
        Object value;
        if (defaults != null && Character.isLowerCase(parts[1].charAt(0))) {
            value = type.getMethod(parts[1]).invoke(defaults);
        } else {
            Field constant = type.getDeclaredField(parts[1]);
            constant.setAccessible(true);
            value = constant.get(null);
        }
        return value instanceof Duration duration && seconds ? duration.toSeconds() : ((Number) value).longValue();
    }

    private static Class<?> type(String simpleName) throws ClassNotFoundException {
        for (String name : PACKAGES) {
            try {
                return Class.forName(name + "." + simpleName);
            } catch (ClassNotFoundException e) {
                // In another package, then.
            }
        }
        throw new ClassNotFoundException(simpleName);
    }

    /** The rows of the one table with this head, without the head. */
    private static List<List<String>> table(String... head) {
        List<Integer> heads = new ArrayList<>();
        for (int i = 0; i < LINES.size(); i++) {
            if (cells(LINES.get(i)).equals(List.of(head))) {
                heads.add(i);
            }
        }
        assertThat(heads).as("tables with the head %s", Arrays.toString(head)).hasSize(1);
        List<List<String>> rows = LINES.stream()
                .skip(heads.get(0) + 2L)
                .takeWhile(line -> line.startsWith("|"))
                .map(ProtocolDocumentTests::cells)
                .toList();
        assertThat(rows).isNotEmpty().allMatch(row -> row.size() == head.length);
        return rows;
    }

    private static List<String> cells(String line) {
        if (!line.startsWith("|")) {
            return List.of();
        }
        String[] cells = line.substring(1, line.length() - 1).split("\\|", -1);
        return Arrays.stream(cells).map(String::strip).toList();
    }

    private static List<String> read() {
        try {
            return Files.readAllLines(DOCUMENT, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("PROTOCOL.md is read from the module's directory", e);
        }
    }
}
