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
 * SO_ATTACH_REUSEPORT_CBPF). The first gets all but relay packets; the others get these, by the sender's address and port. So what one client sends to be relayed stays in order, also where the kernel merges it (GRO), but for what is merged behind a packet of QUIC's.
 */
final class RelaySteering {
    // linux/bpf_common.h, linux/filter.h
    private static final int LOAD_BYTE = 0x30;
    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_WORD = 0x20;
    private static final int COPY_TO_X = 0x07;
    private static final int AND = 0x54;
    private static final int ADD_X = 0x0c;
    private static final int ADD = 0x04;
    private static final int MODULO = 0x94;
    private static final int JUMP = 0x05;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int RETURN_RESULT = 0x16;

    /** Loads from here on are from the IP header (SKF_NET_OFF), others from what UDP carries. */
    private static final int IP = -0x100000;

    private static final int IP4_SOURCE = IP + 12;
    private static final int IP4_SOURCE_PORT = IP + 20;
    /** The last of the four words. */
    private static final int IP6_SOURCE = IP + 20;

    private static final int IP6_SOURCE_PORT = IP + 40;

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
        // Code, how many to skip if equal, how many if not, operand. A load past the end of the datagram answers 0.
        int[][] program = {
            {LOAD_BYTE, 0, 0, 0},
            {JUMP_IF_EQUAL, 0, 15, RelayPacket.RELAY},
            {LOAD_BYTE, 0, 0, RelayPacket.HEADER_BYTES - 1},
            {LOAD_BYTE, 0, 0, IP},
            {AND, 0, 0, 0xf0},
            {JUMP_IF_EQUAL, 4, 0, 6 << 4},
            {LOAD_HALF, 0, 0, IP4_SOURCE_PORT},
            {COPY_TO_X, 0, 0, 0},
            {LOAD_WORD, 0, 0, IP4_SOURCE},
            {JUMP, 0, 0, 3},
            {LOAD_HALF, 0, 0, IP6_SOURCE_PORT},
            {COPY_TO_X, 0, 0, 0},
            {LOAD_WORD, 0, 0, IP6_SOURCE},
            {ADD_X, 0, 0, 0},
            {MODULO, 0, 0, others},
            {ADD, 0, 0, 1},
            {RETURN_RESULT, 0, 0, 0},
            {RETURN, 0, 0, 0},
        };
        CleanableDirectBuffer memory = Buffer.allocateDirectBufferWithNativeOrder(program.length * INSTRUCTION_BYTES);
        try {
            ByteBuffer instructions = memory.buffer();
            for (int[] each : program) {
                instructions
                        .putShort((short) each[0])
                        .put((byte) each[1])
                        .put((byte) each[2])
                        .putInt(each[3]);
            }
            ByteBuffer where = ByteBuffer.allocate(PROGRAM.length()).order(ByteOrder.nativeOrder());
            where.putShort(0, (short) program.length).putLong(Long.BYTES, Buffer.memoryAddress(instructions));
            first.config().setOption(PROGRAM, where);
        } finally {
            memory.clean();
        }
    }
}
