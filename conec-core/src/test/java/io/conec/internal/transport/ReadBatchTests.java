package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReadBatchTests {
    private final ReadBatch batch = new ReadBatch();
    private final List<String> done = new ArrayList<>();

    @Test
    void putsNothingOffBetweenReads() {
        assertThat(batch.putOff(() -> done.add("before"))).isFalse();
        batch.reading();
        batch.complete();
        assertThat(batch.putOff(() -> done.add("after"))).isFalse();

        batch.complete();

        assertThat(done).isEmpty();
    }

    @Test
    void doesWhatWasPutOffAndWhatThatPutsOff() {
        batch.reading();
        assertThat(batch.putOff(() -> {
                    done.add("first");
                    batch.putOff(() -> done.add("third"));
                }))
                .isTrue();
        batch.reading();
        assertThat(batch.putOff(() -> done.add("second"))).isTrue();
        assertThat(done).isEmpty();

        batch.complete();
        batch.complete();

        assertThat(done).containsExactly("first", "second", "third");
    }

    @Test
    void aFailureIsNobodyElses() {
        batch.reading();
        batch.putOff(() -> {
            throw new IllegalStateException("a fault, for the log");
        });
        batch.putOff(() -> done.add("next"));

        batch.complete();

        assertThat(done).containsExactly("next");
        assertThat(batch.putOff(() -> {})).isFalse();
    }
}
