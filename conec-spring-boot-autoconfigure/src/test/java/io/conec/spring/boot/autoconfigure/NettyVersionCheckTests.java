package io.conec.spring.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.Version;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NettyVersionCheckTests {
    @TempDir
    private Path classPath;

    @ParameterizedTest
    @ValueSource(strings = {"4.2.17.Final", "4.1.999.Final", "3.9.9.Final"})
    void warnsOfAnOlderNettyNamingTheProperty(String version) throws IOException {
        assertThat(NettyVersionCheck.warning(modules(version)))
                .get()
                .asString()
                .contains("netty-codec-quic " + version, "netty.version", "4.2.18.Final");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.2.18.Final", "4.2.19.Final", "4.3.0.Alpha1", "5.0.0.Final", "unknown"})
    void saysNothingOfOthers(String version) throws IOException {
        assertThat(NettyVersionCheck.warning(modules(version))).isEmpty();
    }

    @Test
    void saysNothingOfTheNettyOfThisBuild() {
        Collection<Version> modules =
                Version.identify(getClass().getClassLoader()).values();
        assertThat(modules).isNotEmpty();
        assertThat(NettyVersionCheck.warning(modules)).isEmpty();
    }

    /** What Netty itself reads from a class path with that version. */
    private Collection<Version> modules(String version) throws IOException {
        Path metaInf = Files.createDirectories(classPath.resolve("META-INF"));
        Files.writeString(metaInf.resolve("io.netty.versions.properties"), """
                netty-codec-quic.version=%s
                netty-codec-quic.buildDate=2026-01-01 00:00:00 +0000
                netty-codec-quic.commitDate=2026-01-01 00:00:00 +0000
                netty-codec-quic.shortCommitHash=0
                netty-codec-quic.longCommitHash=0
                netty-codec-quic.repoStatus=clean
                """.formatted(version));
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classPath.toUri().toURL()}, null)) {
            return Version.identify(loader).values();
        }
    }
}
