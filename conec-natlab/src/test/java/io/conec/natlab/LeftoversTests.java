package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Nothing of a laboratory stays, however its process ends, and nothing else goes. */
@InLaboratory
@Execution(ExecutionMode.SAME_THREAD)
final class LeftoversTests {
    private static final String FOREIGN = "conec-natlab-of-somebody-else";

    /** A process that opens a laboratory, with a process in it that is stopped, and then waits. */
    static final class Holder {
        private Holder() {}

        /** Exits without closing when its input ends. */
        public static void main(String[] arguments) throws IOException {
            Laboratory laboratory = Laboratory.open("held");
            Host host = new Internet(laboratory)
                    .host("host", Family.DUAL_STACK, LinkSettings.of(0, java.time.Duration.ZERO));
            ChildProcess stopped = laboratory.start("stopped", host.namespace().inside("sleep", "600"));
            stopped.signal("STOP");
            System.out.println("event holding " + laboratory.prefix() + " " + stopped.pid());
            while (System.in.read() >= 0) {
                // Waits for the end.
            }
            System.exit(0);
        }
    }

    @Test
    void areRemovedWithTheLaboratory() {
        Laboratory laboratory = Laboratory.open("leftovers");
        ChildProcess process =
                laboratory.start("sleeping", laboratory.namespace("host").inside("sleep", "600"));
        assertThat(left(laboratory.prefix())).hasSize(2);

        laboratory.close();

        assertThat(left(laboratory.prefix())).isEmpty();
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void areRemovedAtTheEndOfTheProcess() {
        ChildProcess holder = holder();
        String prefix = prefixOf(holder);
        assertThat(left(prefix)).isNotEmpty();

        holder.signal("TERM");

        await().until(() -> !holder.isAlive());
        assertThat(left(prefix)).isEmpty();
        assertThat(ProcessHandle.of(stoppedBy(holder))).isEmpty();
    }

    @Test
    void ofAKilledProcessAreRemovedByTheNext() {
        ChildProcess holder = holder();
        String prefix = prefixOf(holder);
        holder.kill();
        assertThat(left(prefix)).isNotEmpty();
        assertThat(ProcessHandle.of(stoppedBy(holder))).isPresent();

        Leftovers.removeOfTheDead();

        assertThat(left(prefix)).isEmpty();
        await().until(() -> ProcessHandle.of(stoppedBy(holder)).isEmpty());
    }

    @Test
    void ofTheLivingAndOfOthersAreLeftAlone() {
        ChildProcess holder = holder();
        try {
            Namespace.create(FOREIGN);
            List<String> before = left(prefixOf(holder));

            Leftovers.removeOfTheDead();

            assertThat(left(prefixOf(holder))).isEqualTo(before).isNotEmpty();
            assertThat(left(FOREIGN)).hasSize(1);
        } finally {
            Leftovers.removeAll(FOREIGN);
            holder.signal("TERM");
            await().until(() -> !holder.isAlive());
        }
    }

    private static ChildProcess holder() {
        ChildProcess holder = new ChildProcess(
                "holder",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName()),
                Path.of("target", "holder.log"));
        await().until(() -> !holder.events().isEmpty() || !holder.isAlive());
        return holder;
    }

    private static String prefixOf(ChildProcess holder) {
        return holder.events().get(0).split(" ", -1)[1];
    }

    private static long stoppedBy(ChildProcess holder) {
        return Long.parseLong(holder.events().get(0).split(" ", -1)[2]);
    }

    private static List<String> left(String prefix) {
        return Stream.of(Path.of("/run/netns"), Path.of(System.getProperty("java.io.tmpdir")))
                .flatMap(directory -> Leftovers.namesIn(directory).stream())
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList();
    }
}
