package io.conec.benchmarks.process;

import java.util.List;

/** What a process does when it is told to. */
@FunctionalInterface
interface Commands {
    Fields handle(List<String> words) throws Exception;

    Fields NOTHING = Fields.of();
}
