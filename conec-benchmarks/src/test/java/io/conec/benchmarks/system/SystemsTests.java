package io.conec.benchmarks.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which systems there are. */
final class SystemsTests {
    @Test
    void eachHasAnIdOfItsOwn() {
        assertThat(Systems.ALL).extracting(BenchSystem::id).doesNotHaveDuplicates();
        assertThat(Systems.ALL).extracting(BenchSystem::title).doesNotHaveDuplicates();
    }

    /** Where nothing is lost CUBIC is no other system. */
    @Test
    void thoseWithCubicAreMeasuredOnlyWhereTheyAreNamed() {
        assertThat(Systems.of("tcp-cubic").tcpCongestionControl()).contains("cubic");
        assertThat(Systems.of("tcp").tcpCongestionControl()).isEmpty();
        for (BenchSystem.Ability ability : BenchSystem.Ability.values()) {
            assertThat(Systems.with(ability)).noneMatch(system -> system.id().endsWith("-cubic"));
        }
    }
}
