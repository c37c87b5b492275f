package io.conec.spring.boot.autoconfigure;

import io.netty.util.Version;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells a Netty on the class path that is too old: Spring Boot's own dependency management may bring one. */
final class NettyVersionCheck {
    /** The first release whose quiche has no use-after-free (netty#17393). */
    private static final int[] OLDEST = {4, 2, 18};

    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

    private NettyVersionCheck() {}

    /** What to warn about, if any of Netty's modules is too old. */
    static Optional<String> warning(Collection<Version> modules) {
        return modules.stream()
                .filter(module -> isOld(module.artifactVersion()))
                .min(Comparator.comparing(Version::artifactId))
                .map(module -> module.artifactId() + " " + module.artifactVersion()
                        + " is on the class path, but conec needs Netty 4.2.18.Final or later: older ones contain a QUIC"
                        + " library with a known memory fault. Set the property netty.version to 4.2.18.Final in your build"
                        + " (Maven: <netty.version> in <properties>, Gradle: ext['netty.version']).");
    }

    private static boolean isOld(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.matches()) {
            return false;
        }
        for (int i = 0; i < OLDEST.length; i++) {
            int difference = Integer.compare(Integer.parseInt(numbers.group(i + 1)), OLDEST[i]);
            if (difference != 0) {
                return difference < 0;
            }
        }
        return false;
    }
}
