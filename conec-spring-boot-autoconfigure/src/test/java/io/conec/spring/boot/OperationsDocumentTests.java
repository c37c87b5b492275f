package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ConecEvent;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** docs/OPERATIONS.md and the metadata of the properties are complete. */
final class OperationsDocumentTests {
    private static final Pattern LOGGED = Pattern.compile("log\\s*\\.(?:warn|error)\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    @TempDir
    private Path directory;

    @Test
    void everyPropertyIsDescribedInTheMetadata() throws IOException {
        assertThat(properties()).hasSizeGreaterThan(60).allSatisfy(property -> {
            assertThat(property.at("/description").asString())
                    .as(property.at("/name").asString())
                    .endsWith(".");
            assertThat(property.at("/type").asString())
                    .as(property.at("/name").asString())
                    .isNotEmpty();
        });
    }

    @Test
    void everyChoiceHasAHintForEachOfItsValues() throws Exception {
        Map<String, Set<String>> hints = new TreeMap<>();
        for (JsonNode hint : metadata("/hints")) {
            Set<String> values = new TreeSet<>();
            for (JsonNode value : hint.at("/values")) {
                values.add(value.at("/value").asString());
                assertThat(value.at("/description").asString()).endsWith(".");
            }
            hints.put(hint.at("/name").asString(), values);
        }
        Map<String, Set<String>> choices = new TreeMap<>();
        for (JsonNode property : properties()) {
            String type = Objects.requireNonNull(property.at("/type").asString());
            if (type.startsWith("io.conec.")) {
                Set<String> values = new TreeSet<>();
                for (Object constant : Class.forName(type).getEnumConstants()) {
                    values.add(constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'));
                }
                choices.put(property.at("/name").asString(), values);
            }
        }
        assertThat(choices).hasSizeGreaterThan(5).isEqualTo(hints);
    }

    @Test
    void everyPropertyIsInTheDocumentWithItsDefault() throws IOException {
        String document = document();
        for (JsonNode property : properties()) {
            String name = property.at("/name").asString();
            if (name.equals("conec.groups")) {
                continue; // A map, whose entries the document lists.
            }
            assertThat(document).as(name).contains("| `" + name + "` |");
            String line = document.lines()
                    .filter(each -> each.startsWith("| `" + name + "` |"))
                    .findFirst()
                    .orElseThrow();
            JsonNode value = property.at("/defaultValue");
            if (!value.isMissingNode() && !value.asString().startsWith("$")) {
                assertThat(line.replace('-', '_'))
                        .contains("| `" + value.asString().replace('-', '_') + "` |");
            }
        }
    }

    @Test
    void everyMeterIsInTheDocument() throws IOException {
        Set<String> meters = new TreeSet<>();
        try (Applications applications = new Applications(directory)) {
            ConfigurableApplicationContext coordinator = applications.coordinator(Application.class);
            ConecCoordinator party = coordinator.getBean(ConecCoordinator.class);
            ConfigurableApplicationContext alice = applications.client("alice", party, Application.class);
            applications.client("bob", party, Application.class);
            assertThat(alice.getBean(ConecTemplate.class).request("bob", "echo", "x", String.class))
                    .isEqualTo("x");
            alice.getBean(ConecClient.class).close();
            for (ConfigurableApplicationContext context : List.of(coordinator, alice)) {
                context.getBean(MeterRegistry.class)
                        .getMeters()
                        .forEach(meter -> meters.add(meter.getId().getName()));
            }
        }
        meters.removeIf(name -> !name.startsWith("conec."));
        assertThat(meters).hasSizeGreaterThan(15).contains("conec.request", "conec.relay.forwarded");
        String document = document();
        assertThat(meters).allSatisfy(name -> assertThat(document).contains("`" + name + "`"));
    }

    @Test
    void everyEventIsInTheDocument() throws IOException {
        String document = document();
        for (Class<?> event : ConecEvent.class.getPermittedSubclasses()) {
            assertThat(document).contains("`ConecEvent." + event.getSimpleName() + "`");
        }
    }

    /** By the words of each that stand together longest; what changes from line to line is left out in the document. */
    @Test
    void everyWarningAndErrorIsInTheDocument() throws IOException {
        String log = document()
                .lines()
                .filter(line -> line.startsWith("| `") && (line.contains("| WARN") || line.contains("ERROR |")))
                .collect(Collectors.joining("\n"));
        Set<String> lines = new TreeSet<>();
        for (Path sources :
                List.of(Path.of("src", "main", "java"), Path.of("..", "conec-core", "src", "main", "java"))) {
            try (Stream<Path> files = Files.walk(sources)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    Matcher line = LOGGED.matcher(Files.readString(file));
                    while (line.find()) {
                        lines.add(words(line.group(1)));
                    }
                }
            }
        }
        assertThat(lines)
                .hasSizeGreaterThan(25)
                .allSatisfy(line -> assertThat(log).contains(line));
    }

    private static String words(String message) {
        return Arrays.stream(message.replace("\\\"", "{}").split("\\{}|\\\\n"))
                .map(part -> part.replaceAll("^\\W+|\\W+$", ""))
                .max(Comparator.comparingInt(String::length))
                .orElseThrow();
    }

    private static String document() throws IOException {
        return Files.readString(Path.of("..", "docs", "OPERATIONS.md"));
    }

    private static List<JsonNode> properties() throws IOException {
        return metadata("/properties");
    }

    /** What there is of conec's in this part of the metadata. */
    private static List<JsonNode> metadata(String part) throws IOException {
        List<JsonNode> properties = new ArrayList<>();
        for (var url : Collections.list(OperationsDocumentTests.class
                .getClassLoader()
                .getResources("META-INF/spring-configuration-metadata.json"))) {
            try (InputStream in = url.openStream()) {
                for (JsonNode property : JsonMapper.shared().readTree(in).at(part)) {
                    String name = Objects.requireNonNull(property.at("/name").asString());
                    if (name.startsWith("conec.") || name.contains(".conec.")) {
                        properties.add(property);
                    }
                }
            }
        }
        return properties;
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {
        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }

        @ConecChannelListener(stream = "echo")
        String echo(String text) {
            return text;
        }
    }
}
