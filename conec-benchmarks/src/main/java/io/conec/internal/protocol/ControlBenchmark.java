package io.conec.internal.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Control messages to and from the wire: the smallest, and an introduction with its certificate. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ControlBenchmark {
    /** A self-signed P-256 certificate has about so many. */
    private static final int CERTIFICATE_BYTES = 400;

    private final Control ping =
            Control.newBuilder().setPing(Ping.getDefaultInstance()).build();
    private final Control introduction = Control.newBuilder()
            .setIntroduction(Introduction.newBuilder()
                    .setIntroduction(0x1234_5678_9abc_def0L)
                    .setPeer("a-client-of-some-name")
                    .setCertificate(ByteString.copyFrom(new byte[CERTIFICATE_BYTES]))
                    .setRelayHandle(0x0fed_cba9_8765_4321L))
            .build();
    private final byte[] pingBytes = ping.toByteArray();
    private final byte[] introductionBytes = introduction.toByteArray();

    @Benchmark
    public void encodePing() {
        encode(ping);
    }

    @Benchmark
    public void encodeIntroduction() {
        encode(introduction);
    }

    private static void encode(Control message) {
        ByteBuf frame = Frames.of(PooledByteBufAllocator.DEFAULT, message);
        frame.release();
    }

    @Benchmark
    public Control decodePing() throws InvalidProtocolBufferException {
        return Control.parseFrom(pingBytes);
    }

    @Benchmark
    public Control decodeIntroduction() throws InvalidProtocolBufferException {
        return Control.parseFrom(introductionBytes);
    }
}
