package io.conec.internal.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.conec.ErrorCode;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.Ping;
import io.conec.testing.Network;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a connection's control messages when it cannot go on. */
final class ControlStreamTests {
    private static final Control PING =
            Control.newBuilder().setPing(Ping.getDefaultInstance()).build();

    private Network network;
    private RawPeer peer;

    @BeforeEach
    void start() {
        network = Network.start();
        peer = new RawPeer("raw", network.coordinator());
    }

    @AfterEach
    void close() {
        peer.close();
        network.close();
    }

    /** The connection is closed by then: acting on what came behind would, for one, register a client that has gone. */
    @Test
    void deliversNothingThatCameBehindItsEnd() {
        Control large = Control.newBuilder()
                .setIntroduction(Introduction.newBuilder().setCertificate(ByteString.copyFrom(new byte[60_000])))
                .build();
        Recording handler = new Recording() {
            @Override
            public void control(Control message) {
                super.control(message);
                while (failures.isEmpty()) {
                    stream().send(large);
                }
            }
        };
        handler.stream = peer.openControl(handler);
        ByteBuf frames = Unpooled.buffer();
        Frames.write(frames, PING.toByteArray());
        Frames.write(frames, PING.toByteArray());

        peer.run(() -> handler.stream().data(frames));

        assertThat(handler.failures).containsExactly(ErrorCode.NOT_READING);
        assertThat(handler.messages).containsExactly(PING);
    }

    @Test
    void endsWithAnErrorOfItsOwnWhenSomethingInsideFails() {
        Recording handler = new Recording() {
            @Override
            public void control(Control message) {
                super.control(message);
                throw new IllegalStateException("a bug of conec's");
            }
        };
        handler.stream = peer.openControl(handler);
        ByteBuf frames = Unpooled.buffer();
        Frames.write(frames, PING.toByteArray());
        Frames.write(frames, PING.toByteArray());

        peer.run(() -> handler.stream().data(frames));

        assertThat(handler.failures).containsExactly(ErrorCode.INTERNAL_ERROR);
        assertThat(handler.messages).containsExactly(PING);
    }

    private static class Recording implements ControlStream.Handler {
        final List<Control> messages = new ArrayList<>();
        final List<ErrorCode> failures = new ArrayList<>();

        @Nullable
        ControlStream stream;

        ControlStream stream() {
            return Objects.requireNonNull(stream);
        }

        @Override
        public void control(Control message) {
            messages.add(message);
        }

        @Override
        public void controlFailed(ErrorCode code, String message) {
            failures.add(code);
        }
    }
}
