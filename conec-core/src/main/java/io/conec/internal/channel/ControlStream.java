package io.conec.internal.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.FrameDecoder;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.transport.TransportStream;
import io.netty.buffer.ByteBuf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stream of control messages, open as long as its connection. Owned by the event loop. */
final class ControlStream implements TransportStream.Listener, FrameDecoder.Sink {
    /** Takes what arrives. */
    interface Handler {
        /** A message arrived. A {@link ConecException} ends the connection with its code. */
        void control(Control message);

        /** The control stream cannot go on; nor can the connection. */
        void controlFailed(ErrorCode code, String message);
    }

    /**
     * What may wait for a side that does not read. Room to introduce as many clients as one may have channels by default, with their certificates.
     */
    private static final long MAX_UNSENT_BYTES = 4 << 20;

    /** What a waiting message takes besides its bytes, roughly: there may be many small ones. */
    private static final int MESSAGE_OVERHEAD = 256;

    private static final Logger log = LoggerFactory.getLogger(ControlStream.class);

    private final TransportStream stream;
    private final Handler handler;
    private final FrameDecoder decoder = new FrameDecoder(Protocol.MAX_CONTROL_BYTES, this);
    private long unsentBytes;
    private boolean failed;

    ControlStream(TransportStream stream, Handler handler) {
        this.stream = stream;
        this.handler = handler;
    }

    void open() {
        stream.open(this);
        stream.read();
    }

    void send(Control message) {
        if (failed) {
            return;
        }
        log.trace(">> {}", message);
        ByteBuf frame = Frames.of(stream.allocator(), message);
        int bytes = frame.readableBytes() + MESSAGE_OVERHEAD;
        unsentBytes += bytes;
        stream.write(frame, () -> unsentBytes -= bytes, () -> unsentBytes -= bytes);
        if (unsentBytes > MAX_UNSENT_BYTES) {
            fail(ErrorCode.NOT_READING, "the other side does not read the control stream");
        }
    }

    @Override
    public void frame(byte[] payload) {
        if (failed) {
            // What came before it in the same buffer has ended the connection.
            return;
        }
        Control message;
        try {
            message = Control.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "malformed control message", e);
        }
        log.trace("<< {}", message);
        handler.control(message);
    }

    @Override
    public void end() {
        throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "the control stream was ended");
    }

    @Override
    public void data(ByteBuf bytes) {
        stream.heard();
        if (failed) {
            return;
        }
        try {
            decoder.decode(bytes);
        } catch (ConecException e) {
            // On this stream the limits are the protocol's, not the application's.
            fail(e.code() == ErrorCode.MESSAGE_TOO_LARGE ? ErrorCode.PROTOCOL_VIOLATION : e.code(), e.getMessage());
        } catch (RuntimeException | Error e) {
            // The rest of the buffer is lost, so nothing would be understood any more.
            log.error("A control message could not be handled", e);
            fail(ErrorCode.INTERNAL_ERROR, "an internal error, which the log tells");
        }
    }

    @Override
    public void readComplete() {
        stream.read();
    }

    @Override
    public void fin() {
        fail(ErrorCode.PROTOCOL_VIOLATION, "the control stream was ended");
    }

    @Override
    public void transportReset(ErrorCode code) {
        fail(ErrorCode.PROTOCOL_VIOLATION, "the control stream was reset");
    }

    @Override
    public void transportClosed() {
        // The connection has ended and says why itself.
        failed = true;
    }

    private void fail(ErrorCode code, String message) {
        if (!failed) {
            failed = true;
            handler.controlFailed(code, message);
        }
    }
}
