package io.conec;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What went wrong, in one word.
 *
 * <p>The {@link #code() number} is what travels in QUIC's CONNECTION_CLOSE and RESET_STREAM frames (RFC 9000, sections
 * 19.4, 19.5 and 19.19, as application error codes) and in the {@code code} fields of control messages. Numbers are never reused.
 * A code that only ever arises on one's own side (such as {@link #NOT_CONNECTED}) has a number too, so that logs and
 * metrics have one vocabulary.
 */
public enum ErrorCode {
    /** Nothing went wrong: the channel or stream was closed on purpose. */
    NO_ERROR(0x00),
    /** A fault in conec itself or in the machine under it; the log of the side that reports it says more. */
    INTERNAL_ERROR(0x01),
    /** The other side sent something that the protocol forbids. */
    PROTOCOL_VIOLATION(0x02),
    /** The two sides have no major protocol version in common. */
    UNSUPPORTED_VERSION(0x03),
    /** An answer did not come in time. */
    TIMEOUT(0x04),
    /** The side that reports it is being shut down. */
    SHUTTING_DOWN(0x05),
    /** The operation was given up by the application. */
    CANCELLED(0x06),

    /** A client id that is no DNS label sequence of at most 253 characters. */
    INVALID_ID(0x10),
    /** The client id is held by another key. */
    ID_IN_USE(0x11),
    /** The same key has connected again; this older connection gives way. */
    REPLACED(0x12),
    /** A certificate that is missing, malformed or not trusted. */
    CERTIFICATE_NOT_TRUSTED(0x13),
    /** A certificate outside its period of validity. */
    CERTIFICATE_EXPIRED(0x14),
    /** A certificate that does not name the host or client id that it was presented for. */
    CERTIFICATE_NAME_MISMATCH(0x15),
    /** A peer's certificate that is not the one the coordinator introduced. */
    CERTIFICATE_MISMATCH(0x16),

    /** No client of that id is connected to the coordinator. */
    UNKNOWN_PEER(0x20),
    /** The peer declined the channel. */
    REFUSED(0x21),
    /** A rule on the coordinator forbids it. */
    NOT_ALLOWED(0x22),
    /** A limit on the number of channels was reached. */
    CHANNEL_LIMIT(0x23),
    /** Too many requests in too short a time. */
    RATE_LIMITED(0x24),
    /** One of the two clients takes only direct paths, and there is none. */
    NO_DIRECT_PATH(0x25),
    /** A limit on the number of groups or of their members was reached. */
    GROUP_LIMIT(0x26),

    /** Nothing on the other side handles a stream of that name. */
    NO_HANDLER(0x30),
    /** The channel carries as many streams as it may. */
    STREAM_LIMIT(0x31),
    /** A message larger than the limit of the side that reports it. */
    MESSAGE_TOO_LARGE(0x32),
    /** A stream's name and headers are larger than the limit. */
    HEADERS_TOO_LARGE(0x33),
    /** The application's handler failed. */
    HANDLER_FAILED(0x34),
    /** A message could not be converted to what the handler takes. */
    CONVERSION_FAILED(0x35),
    /** Nobody reads: the side that reports it has no more use for what is sent to it. */
    NOT_READING(0x36),

    /** The client has no connection to its coordinator right now. */
    NOT_CONNECTED(0x40),
    /** The connection could not be made. */
    CONNECT_FAILED(0x41),
    /** The connection ended without a word from the other side. */
    CONNECTION_LOST(0x42),
    /** Nothing was heard from the other side for as long as the idle timeout. */
    IDLE_TIMEOUT(0x43),
    /** The channel is closed. */
    CHANNEL_CLOSED(0x44),
    /** The stream is closed, or its sending side is finished. */
    STREAM_CLOSED(0x45),
    /** The configuration is incomplete or contradicts itself. */
    INVALID_CONFIGURATION(0x46),
    /** The UDP port is in use or may not be bound. */
    BIND_FAILED(0x47),
    /** There is no QUIC library for this platform. */
    UNSUPPORTED_PLATFORM(0x48);

    private static final Map<Long, ErrorCode> BY_CODE =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ErrorCode::code, Function.identity()));

    private final long code;

    ErrorCode(long code) {
        this.code = code;
    }

    /** The number on the wire. */
    public long code() {
        return code;
    }

    /** The code with that number; empty for a number of a later version. */
    public static Optional<ErrorCode> of(long code) {
        return Optional.ofNullable(BY_CODE.get(code));
    }
}
