package io.conec.spring.boot.autoconfigure.metrics;

import io.conec.ChannelPath;
import io.conec.ChannelStatistics;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecParty;
import io.conec.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Meters for the channels, streams and messages of a party. Peers' names are never tags: there can be many.
 *
 * <p>Counts of messages and bytes go on when a channel ends: its last counts are kept. Guarded by its own lock.
 */
public final class ConecMetrics implements MeterBinder {
    private final ConecParty party;

    // Channels that are open as far as the events tell, not the party's own list: a channel leaves that before its last
    // counts are kept here.
    private final Map<String, ConecChannel> open = new HashMap<>();
    private final Totals closed = new Totals();
    private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

    private static final class Totals {
        private long messagesSent;
        private long messagesReceived;
        private long bytesSent;
        private long bytesReceived;

        private void add(ChannelStatistics last) {
            messagesSent += last.messagesSent();
            messagesReceived += last.messagesReceived();
            bytesSent += last.bytesSent();
            bytesReceived += last.bytesReceived();
        }
    }

    /** Meters of that party, which has not been started yet. */
    public ConecMetrics(ConecParty party) {
        this.party = party;
        party.onEvent(this::handle);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        registries.add(registry);
        for (ConecChannel.Kind kind : ConecChannel.Kind.values()) {
            for (ChannelPath.Kind path : ChannelPath.Kind.values()) {
                Gauge.builder("conec.channels.active", party, p -> channels(p, kind, path))
                        .description("Channels that are open")
                        .baseUnit("channels")
                        .tag("kind", tag(kind))
                        .tag("path", tag(path))
                        .register(registry);
                TimeGauge.builder(
                                "conec.channels.round.trip",
                                party,
                                TimeUnit.NANOSECONDS,
                                p -> longestRoundTrip(p, kind, path))
                        .description("Longest smoothed round trip time of the channels that are open")
                        .tag("kind", tag(kind))
                        .tag("path", tag(path))
                        .register(registry);
            }
        }
        Gauge.builder("conec.streams.active", party, ConecMetrics::streams)
                .description("Streams that are open")
                .baseUnit("streams")
                .register(registry);
        Gauge.builder("conec.groups.joined", party, p -> p.groups().size())
                .description("Memberships of this application in groups")
                .baseUnit("groups")
                .register(registry);
        opened(registry);
        count(
                registry,
                "conec.messages.sent",
                "messages",
                "Messages taken by QUIC",
                totals -> totals.messagesSent,
                ChannelStatistics::messagesSent);
        count(
                registry,
                "conec.messages.received",
                "messages",
                "Messages received whole",
                totals -> totals.messagesReceived,
                ChannelStatistics::messagesReceived);
        count(
                registry,
                "conec.data.sent",
                BaseUnits.BYTES,
                "Payload of the messages sent",
                totals -> totals.bytesSent,
                ChannelStatistics::bytesSent);
        count(
                registry,
                "conec.data.received",
                BaseUnits.BYTES,
                "Payload of the messages received",
                totals -> totals.bytesReceived,
                ChannelStatistics::bytesReceived);
    }

    private void count(
            MeterRegistry registry,
            String name,
            String unit,
            String description,
            ToLongFunction<Totals> ofClosed,
            ToLongFunction<ChannelStatistics> ofOpen) {
        FunctionCounter.builder(name, this, metrics -> metrics.sum(ofClosed, ofOpen))
                .description(description)
                .baseUnit(unit)
                .register(registry);
    }

    private synchronized double sum(ToLongFunction<Totals> ofClosed, ToLongFunction<ChannelStatistics> ofOpen) {
        long sum = ofClosed.applyAsLong(closed);
        for (ConecChannel channel : open.values()) {
            sum += ofOpen.applyAsLong(channel.statistics());
        }
        return sum;
    }

    private void handle(ConecEvent event) {
        if (event instanceof ConecEvent.ChannelOpened opened) {
            synchronized (this) {
                open.put(opened.channel().id(), opened.channel());
            }
            registries.forEach(registry -> {
                opened(registry).increment();
                handshake(registry, opened.channel().kind())
                        .record(opened.channel().handshake());
            });
        } else if (event instanceof ConecEvent.ChannelClosed closing) {
            synchronized (this) {
                if (open.remove(closing.channel().id()) != null) {
                    closed.add(closing.channel().statistics());
                }
            }
            registries.forEach(
                    registry -> closed(registry, closing.reason().code()).increment());
        } else if (event instanceof ConecEvent.PathChanged change) {
            registries.forEach(registry -> pathChanges(registry, change).increment());
        }
    }

    private static Counter pathChanges(MeterRegistry registry, ConecEvent.PathChanged change) {
        return Counter.builder("conec.path.changes")
                .description("Channels that moved to another path")
                .baseUnit("changes")
                .tag("from", tag(change.from().kind()))
                .tag("to", tag(change.to().kind()))
                .register(registry);
    }

    private static Timer handshake(MeterRegistry registry, ConecChannel.Kind kind) {
        return Timer.builder("conec.channel.handshake")
                .description("From the first packet of a connection to the open channel")
                .tag("kind", tag(kind))
                .register(registry);
    }

    private static Counter opened(MeterRegistry registry) {
        return Counter.builder("conec.channels.opened")
                .description("Channels that opened")
                .baseUnit("channels")
                .register(registry);
    }

    private static Counter closed(MeterRegistry registry, ErrorCode reason) {
        return Counter.builder("conec.channels.closed")
                .description("Channels that ended")
                .baseUnit("channels")
                .tag("reason", tag(reason))
                .register(registry);
    }

    private static double channels(ConecParty party, ConecChannel.Kind kind, ChannelPath.Kind path) {
        return paths(party, kind, path).count();
    }

    private static double longestRoundTrip(ConecParty party, ConecChannel.Kind kind, ChannelPath.Kind path) {
        return paths(party, kind, path)
                .mapToDouble(each -> each.roundTrip().toNanos())
                .max()
                .orElse(Double.NaN);
    }

    private static Stream<ChannelPath> paths(ConecParty party, ConecChannel.Kind kind, ChannelPath.Kind path) {
        return party.channels().stream()
                .filter(channel -> channel.kind() == kind)
                .map(ConecChannel::path)
                .filter(each -> each.kind() == path);
    }

    private static double streams(ConecParty party) {
        return party.channels().stream()
                .mapToInt(channel -> channel.statistics().openStreams())
                .sum();
    }

    private static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
