package io.conec.internal.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Messages into a batch, and a batch apart into messages: for one message of it. */
@SuppressWarnings("NullAway.Init") // JMH calls the set-up.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FramesBenchmark {
    private static final int MESSAGES = 32;

    @Param({"64", "1024"})
    public int size;

    private byte[] message;
    private ByteBuf out;
    private ByteBuf batch;
    private FrameDecoder decoder;
    private long decoded;

    @Setup
    public void prepare() {
        message = new byte[size];
        int capacity = MESSAGES * (size + Frames.MAX_OVERHEAD);
        out = PooledByteBufAllocator.DEFAULT.directBuffer(capacity);
        batch = PooledByteBufAllocator.DEFAULT.directBuffer(capacity);
        for (int i = 0; i < MESSAGES; i++) {
            Frames.write(batch, message);
        }
        decoder = new FrameDecoder(size, new FrameDecoder.Sink() {
            @Override
            public void frame(byte[] payload) {
                decoded += payload.length;
            }

            @Override
            public void end() {}
        });
    }

    @TearDown
    public void release() {
        out.release();
        batch.release();
    }

    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public ByteBuf encode() {
        out.clear();
        for (int i = 0; i < MESSAGES; i++) {
            Frames.write(out, message);
        }
        return out;
    }

    /** Allocates each message's array, which is the application's. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public long decode() {
        batch.readerIndex(0);
        decoder.decode(batch);
        return decoded;
    }
}
