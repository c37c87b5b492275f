package io.conec.spring.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class GateTests {
    private final List<String> log = new ArrayList<>();

    @Test
    void letsSoManyInAndTheOthersWaitInOrder() {
        Gate gate = open(2);
        assertThat(gate.enter(entrant("a"))).isTrue();
        assertThat(gate.enter(entrant("b"))).isTrue();
        assertThat(gate.enter(entrant("c"))).isFalse();
        assertThat(gate.enter(entrant("d"))).isFalse();
        gate.leave();
        assertThat(log).containsExactly("c admitted");
        gate.leave();
        assertThat(log).containsExactly("c admitted", "d admitted");
    }

    @Test
    void nobodyOvertakesThoseThatWait() {
        Gate gate = open(1);
        gate.enter(entrant("a"));
        gate.enter(entrant("b"));
        gate.pause();
        gate.leave();
        gate.enter(entrant("c"));
        gate.resume();
        assertThat(log).containsExactly("b admitted");
    }

    @Test
    void whoComesBeforeItOpensWaits() {
        Gate gate = new Gate(1, true, Runnable::run);
        assertThat(gate.isExpected()).isTrue();
        assertThat(gate.enter(entrant("a"))).isFalse();
        assertThat(log).isEmpty();
        gate.open();
        assertThat(log).containsExactly("a admitted");
        assertThat(gate.isExpected()).isFalse();
    }

    @Test
    void refusesEverybodyIfItIsNotToBeOpened() {
        Gate gate = new Gate(1, false, Runnable::run);
        assertThat(gate.enter(entrant("a"))).isFalse();
        assertThat(log).containsExactly("a refused");
    }

    @Test
    void letsNobodyInWhilePaused() {
        Gate gate = open(2);
        gate.pause();
        assertThat(gate.isPaused()).isTrue();
        assertThat(gate.enter(entrant("a"))).isFalse();
        assertThat(log).isEmpty();
        gate.resume();
        assertThat(log).containsExactly("a admitted");
    }

    @Test
    void closingRefusesThoseThatWaitAndKeepsThoseInside() throws Exception {
        Gate gate = open(1);
        gate.enter(entrant("a"));
        gate.enter(entrant("b"));
        gate.close();
        assertThat(log).containsExactly("b refused");
        assertThat(gate.isClosed()).isTrue();
        assertThat(gate.awaitFinished(System.nanoTime())).isFalse();
        gate.leave();
        gate.finish();
        assertThat(gate.awaitFinished(System.nanoTime())).isTrue();
        gate.open();
        assertThat(gate.enter(entrant("c"))).isTrue();
    }

    @Test
    void waitsForThoseThatLeftAndHaveNotFinished() throws Exception {
        Gate gate = open(1);
        gate.enter(entrant("a"));
        gate.leave();
        assertThat(gate.enter(entrant("b"))).isTrue();
        gate.leave();
        gate.finish();
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return gate.awaitFinished(
                        System.nanoTime() + Duration.ofMinutes(1).toNanos());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(waiting).isNotCompleted();
        gate.finish();
        assertThat(waiting.get()).isTrue();
    }

    @Test
    void refusesThoseThatNoThreadTakes() throws Exception {
        Gate gate = new Gate(1, true, task -> {
            throw new RejectedExecutionException();
        });
        gate.enter(entrant("a"));
        gate.open();
        assertThat(log).containsExactly("a refused");
        assertThat(gate.enter(entrant("b"))).isTrue();
        gate.finish();
        assertThat(gate.awaitFinished(System.nanoTime())).isTrue();
    }

    private static Gate open(int limit) {
        Gate gate = new Gate(limit, true, Runnable::run);
        gate.open();
        return gate;
    }

    private Gate.Entrant entrant(String name) {
        return new Gate.Entrant() {
            @Override
            public void admitted() {
                log.add(name + " admitted");
            }

            @Override
            public void refused() {
                log.add(name + " refused");
            }
        };
    }
}
