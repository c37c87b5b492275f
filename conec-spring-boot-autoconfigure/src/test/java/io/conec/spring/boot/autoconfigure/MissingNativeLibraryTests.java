package io.conec.spring.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ConecException;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** A platform without QUIC: the class path of these tests without the native libraries. */
@ExtendWith(OutputCaptureExtension.class)
final class MissingNativeLibraryTests {
    @TempDir
    private Path directory;

    @Test
    void theStartFailsAndNamesThePlatform(CapturedOutput output) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader classPath = new URLClassLoader(withoutNativeQuic(), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(classPath);
            Class<?> application = classPath.loadClass(Application.class.getName());

            Throwable failure = null;
            try {
                application.getMethod("start", String.class).invoke(null, directory.toString());
            } catch (InvocationTargetException e) {
                failure = e.getCause();
            }

            assertThat(failure).isNotNull();
            assertThat(failure).hasStackTraceContaining(ConecException.class.getSimpleName());
        } finally {
            thread.setContextClassLoader(before);
        }
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("conec could not be started (UNSUPPORTED_PLATFORM): no QUIC library for "
                        + System.getProperty("os.name") + " on " + System.getProperty("os.arch"))
                .contains("conec runs on Linux and macOS");
    }

    private static URL[] withoutNativeQuic() throws IOException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!entry.contains("netty-codec-native-quic")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }

    /** Loaded by the other class path. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    public static class Application {
        public static void start(String directory) {
            SpringApplication application = new SpringApplication(Application.class);
            application.setWebApplicationType(WebApplicationType.NONE);
            application
                    .run(
                            "--conec.mode=coordinator",
                            "--conec.coordinator.port=0",
                            "--conec.coordinator.address=127.0.0.1",
                            "--conec.coordinator.development-certificate.directory=" + directory)
                    .close();
        }
    }
}
