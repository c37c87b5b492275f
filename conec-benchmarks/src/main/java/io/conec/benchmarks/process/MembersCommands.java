package io.conec.benchmarks.process;

import io.conec.benchmarks.system.Members;
import io.conec.benchmarks.system.MessageHandler;
import java.util.List;

/** {@code join PREFIX COUNT STALLED}: so many members, of whom the first ones are stalled; {@code counts}: of all together. */
final class MembersCommands implements Commands {
    private final Members members;
    private final TrafficService service;

    MembersCommands(Members members, TrafficService service) {
        this.members = members;
        this.service = service;
    }

    @Override
    public Fields handle(List<String> words) throws Exception {
        switch (words.get(0)) {
            case "join" -> {
                int count = Integer.parseInt(words.get(2));
                int stalled = Integer.parseInt(words.get(3));
                for (int i = 0; i < count; i++) {
                    MessageHandler handler = i < stalled ? message -> {} : service.newSink();
                    members.join(words.get(1) + i, handler, i < stalled);
                }
                return NOTHING;
            }
            case "counts" -> {
                return service.counts();
            }
            default -> throw new IllegalArgumentException(words.toString());
        }
    }
}
