package io.conec.internal.transport;

import io.conec.internal.protocol.RelayPacket;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.util.internal.CleanableDirectBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Which of the sockets on a coordinator's port gets a datagram: Linux asks a classic BPF program, which sees the datagram and answers with a number, that of the socket in the order in which they were bound (socket(7),
 * SO_ATTACH_REUSEPORT_CBPF). The first gets all but relay packets; the others get these, by the last byte of the handle, so that those under one handle stay in order.
 */
final class RelaySteering {
    // linux/filter.h, linux/bpf_common.h
    private static final int LOAD_BYTE = 0x30;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int MODULO = 0x94;
    private static final int ADD = 0x04;
    private static final int RETURN = 0x06;
    private static final int RETURN_RESULT = 0x16;

    private static final int INSTRUCTIONS = 7;
    private static final int INSTRUCTION_BYTES = 8;

    /** A {@code struct sock_fprog}: the number of instructions, and where they are. asm-generic/socket.h has the numbers. */
    private static final RawUnixChannelOption PROGRAM =
            new RawUnixChannelOption("SO_ATTACH_REUSEPORT_CBPF", 1, 51, Long.BYTES + Long.BYTES);

    private RelaySteering() {}

    /**
     * Has the kernel do so.
     *
     * @param first bound before the others
     * @param others how many
     * @throws ChannelException if the kernel does not
     */
    static void attach(Channel first, int others) {
        CleanableDirectBuffer memory = Buffer.allocateDirectBufferWithNativeOrder(INSTRUCTIONS * INSTRUCTION_BYTES);
        try {
            ByteBuffer program = memory.buffer();
            // A load past the end answers 0.
            instruction(program, LOAD_BYTE, 0, 0);
            instruction(program, JUMP_IF_EQUAL, 4, RelayPacket.RELAY);
            instruction(program, LOAD_BYTE, 0, RelayPacket.HEADER_BYTES - 1);
            instruction(program, MODULO, 0, others);
            instruction(program, ADD, 0, 1);
            instruction(program, RETURN_RESULT, 0, 0);
            instruction(program, RETURN, 0, 0);
            ByteBuffer where = ByteBuffer.allocate(PROGRAM.length()).order(ByteOrder.nativeOrder());
            where.putShort(0, (short) INSTRUCTIONS).putLong(Long.BYTES, Buffer.memoryAddress(program));
            first.config().setOption(PROGRAM, where);
        } finally {
            memory.clean();
        }
    }

    /** Which of the others gets relay packets under that handle, from 0. */
    static int socketOf(long handle, int others) {
        return (int) (handle & 0xff) % others;
    }

    /** @param otherwise how many instructions to skip if the bytes are not equal */
    private static void instruction(ByteBuffer program, int code, int otherwise, int operand) {
        program.putShort((short) code).put((byte) 0).put((byte) otherwise).putInt(operand);
    }
}
