package io.conec.benchmarks;

import io.conec.benchmarks.workload.RunSettings;
import io.netty.util.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** On what and how something was measured. */
record Environment(Map<String, String> facts) {
    static Environment now(RunSettings settings) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("processors", Runtime.getRuntime().availableProcessors() + " " + processor());
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("jvm options of measured processes", settings.jvm());
        facts.put("netty", nettyVersion());
        facts.put("TCP congestion control", firstLine(Path.of("/proc/sys/net/ipv4/tcp_congestion_control")));
        facts.put("largest socket buffer", firstLine(Path.of("/proc/sys/net/core/rmem_max")));
        facts.put("load average at the start", firstLine(Path.of("/proc/loadavg")));
        facts.put(
                "measured for",
                settings.window().toMillis() + " ms after "
                        + settings.settling().toMillis() + " ms");
        return new Environment(facts);
    }

    private static String nettyVersion() {
        Version version = Version.identify().get("netty-codec-classes-quic");
        return version == null ? "unknown" : version.artifactVersion();
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
    }

    private static String firstLine(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file).get(0) : "unknown";
    }

    String text() {
        StringBuilder text = new StringBuilder();
        facts.forEach(
                (name, value) -> text.append(name).append(": ").append(value).append('\n'));
        return text.toString();
    }
}
