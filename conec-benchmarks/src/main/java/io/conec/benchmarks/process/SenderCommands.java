package io.conec.benchmarks.process;

import io.conec.benchmarks.system.MessageStream;
import io.conec.benchmarks.system.Sender;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code pump SIZE} or {@code group-pump SIZE} until {@code stop}; {@code closed-loop SIZE MILLIS}; {@code open-loop STREAMS SIZE PER-SECOND MILLIS}; {@code requests SIZE IN-FLIGHT MILLIS}.
 */
final class SenderCommands implements Commands {
    private final Sender sender;
    private @Nullable Pump pump;
    private @Nullable MessageStream group;

    SenderCommands(Sender sender) {
        this.sender = sender;
    }

    @Override
    public Fields handle(List<String> words) throws Exception {
        return switch (words.get(0)) {
            case "pump" -> {
                pump = Pump.oneWay(sender, Integer.parseInt(words.get(1)));
                yield NOTHING;
            }
            case "group-pump" -> {
                pump = new Pump(group(), Integer.parseInt(words.get(1)));
                yield NOTHING;
            }
            case "stop" -> {
                Pump running = pump;
                if (running != null) {
                    running.stop();
                }
                yield NOTHING;
            }
            case "closed-loop" -> ClosedLoop.run(sender, Integer.parseInt(words.get(1)), Long.parseLong(words.get(2)));
            case "open-loop" ->
                OpenLoop.run(
                        sender,
                        Integer.parseInt(words.get(1)),
                        Integer.parseInt(words.get(2)),
                        Double.parseDouble(words.get(3)),
                        Long.parseLong(words.get(4)));
            case "requests" ->
                RequestLoad.run(
                        sender,
                        Integer.parseInt(words.get(1)),
                        Integer.parseInt(words.get(2)),
                        Long.parseLong(words.get(3)));
            default -> throw new IllegalArgumentException(words.toString());
        };
    }

    /** Always the same: what is left of one measurement must not arrive among the messages of the next. */
    private MessageStream group() throws Exception {
        MessageStream joined = group;
        if (joined == null) {
            joined = sender.group();
            group = joined;
        }
        return joined;
    }
}
