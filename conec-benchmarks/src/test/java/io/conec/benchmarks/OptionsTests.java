package io.conec.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.workload.Workload;
import org.junit.jupiter.api.Test;

/** The command line. */
final class OptionsTests {
    @Test
    void aWordMeansAllWorkloadsThatBeginWithIt() {
        assertThat(Options.parse("--only", "group-16,idle").chosenWorkloads())
                .extracting(Workload::id)
                .containsExactly("group-16", "idle-1000", "idle-5000");
    }

    @Test
    void choosesSystemsAndSizes() {
        Options options = Options.parse("--only", "throughput", "--systems", "nats,quic", "--sizes", "64");
        Workload workload = options.chosenWorkloads().get(0);

        assertThat(options.systemsFor(workload)).extracting(BenchSystem::id).containsExactly("quic", "nats");
        assertThat(options.sizesFor(workload)).containsExactly(64);
        assertThat(options.isComplete()).isFalse();
    }

    @Test
    void saysWhatThereIsInsteadOfWhatIsNot() {
        assertThatThrownBy(() -> Options.parse("--only", "thruput").chosenWorkloads())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"thruput\"")
                .hasMessageContaining("ping-pong");
        assertThatThrownBy(() -> Options.parse("--rounds", "many")).hasMessageContaining("\"many\"");
        assertThatThrownBy(() -> Options.parse("--rounds")).hasMessageContaining("--rounds");
        assertThatThrownBy(() -> Options.parse("--fast")).hasMessageContaining("--fast");
    }

    @Test
    void helpNamesEverything() {
        assertThat(Options.usage()).contains("--quick", "conec-relayed", "loss-streams");
    }
}
