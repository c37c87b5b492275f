package io.conec;

import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.testing.ChannelKind;
import io.conec.testing.Network;
import io.conec.testing.StreamEnds;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NetworkTests {
    @ParameterizedTest
    @EnumSource
    void carriesAMessageOverEachKindOfChannel(ChannelKind kind) throws Exception {
        try (Network network = Network.start()) {
            StreamEnds stream = network.channel(kind).open();
            get(stream.opened().send("hello"));
            assertThat(stream.accepted().receive().orElseThrow().text()).isEqualTo("hello");
        }
    }
}
