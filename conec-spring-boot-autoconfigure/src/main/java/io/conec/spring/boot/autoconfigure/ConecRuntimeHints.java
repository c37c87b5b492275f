package io.conec.spring.boot.autoconfigure;

import com.google.protobuf.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What a native image has to know besides what auto-configuration tells it: the native libraries, for which Netty has hints of its own for some only, and protobuf's classes, which it reads by
 * reflection where it shows or compares messages.
 */
final class ConecRuntimeHints implements RuntimeHintsRegistrar {
    private static final String PROTOCOL = "io.conec.internal.protocol";

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        for (String library : List.of("netty_quiche*", "netty_transport_native_epoll*")) {
            hints.resources().registerPattern("META-INF/native/lib" + library);
            hints.resources().registerPattern("META-INF/native/" + library);
        }
        hints.resources().registerPattern("META-INF/io.netty.versions.properties");
        // Of a later Java than the one that conec is compiled for.
        ReflectionUtils.doWithMethods(
                Executors.class,
                method -> hints.reflection().registerMethod(method, ExecutableMode.INVOKE),
                method -> method.getName().equals("newVirtualThreadPerTaskExecutor"));
        protobufMessages(classLoader)
                .forEach(type -> hints.reflection()
                        .registerType(
                                TypeReference.of(type),
                                MemberCategory.INVOKE_PUBLIC_METHODS,
                                MemberCategory.INVOKE_DECLARED_CONSTRUCTORS));
    }

    /** The message classes of conec.proto, and their builders: nested classes of the file's. */
    private static List<String> protobufMessages(@Nullable ClassLoader classLoader) {
        List<String> names = new ArrayList<>();
        PathMatchingResourcePatternResolver resolver = new PathMatchingResourcePatternResolver(classLoader);
        try {
            for (Resource resource : resolver.getResources(
                    "classpath*:" + ClassUtils.convertClassNameToResourcePath(PROTOCOL) + "/*.class")) {
                String file = String.valueOf(resource.getFilename());
                String name = PROTOCOL + "." + file.substring(0, file.length() - ClassUtils.CLASS_FILE_SUFFIX.length());
                Class<?> type = ClassUtils.resolveClassName(name, classLoader);
                if (Message.class.isAssignableFrom(type) || Message.Builder.class.isAssignableFrom(type)) {
                    names.add(name);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }
}
