package io.conec.benchmarks.process;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/** What memory this JVM uses. */
final class Memory {
    private Memory() {}

    /** After a collection: bytes of heap in use, of direct buffers as the JDK counts them, and as Netty does, which takes memory past the JDK. */
    static Fields now() {
        System.gc();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return Fields.of(
                "heap", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                "direct", direct,
                "netty", Math.max(0, PlatformDependent.usedDirectMemory()));
    }
}
