package io.conec.internal.transport;

import io.conec.CloseReason;
import io.conec.ErrorCode;
import io.conec.internal.protocol.Protocol;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import java.nio.charset.StandardCharsets;

/** Tells what a CONNECTION_CLOSE from the other side (RFC 9000, section 19.19) means. */
final class CloseReasons {
    private CloseReasons() {}

    static CloseReason fromPeer(QuicConnectionCloseEvent event) {
        if (event.isApplicationClose()) {
            String message = new String(event.reason(), StandardCharsets.UTF_8);
            return new CloseReason(Protocol.errorCode(event.error()), message, true);
        }
        if (event.isTlsError()) {
            return fromAlert(QuicConnectionCloseEvent.extractTlsError(event.error()));
        }
        return new CloseReason(
                ErrorCode.PROTOCOL_VIOLATION, "QUIC error 0x" + Integer.toHexString(event.error()), true);
    }

    /** TLS alerts: RFC 8446, section 6.2. */
    private static CloseReason fromAlert(int alert) {
        return switch (alert) {
            case 42, 43, 44, 46 ->
                new CloseReason(
                        ErrorCode.CERTIFICATE_NOT_TRUSTED,
                        "the other side did not accept this side's certificate (TLS alert " + alert + ")",
                        true);
            case 45 ->
                new CloseReason(
                        ErrorCode.CERTIFICATE_EXPIRED,
                        "the other side says that this side's certificate has expired (TLS alert 45)",
                        true);
            case 48 ->
                new CloseReason(
                        ErrorCode.CERTIFICATE_NOT_TRUSTED,
                        "the other side does not know the CA of this side's certificate (TLS alert 48)",
                        true);
            case 116 ->
                new CloseReason(
                        ErrorCode.CERTIFICATE_NOT_TRUSTED,
                        "the other side requires a certificate (TLS alert 116)",
                        true);
            case 120 ->
                new CloseReason(
                        ErrorCode.UNSUPPORTED_VERSION,
                        "the other side does not speak " + Protocol.ALPN + " (TLS alert 120)",
                        true);
            default -> new CloseReason(ErrorCode.CONNECT_FAILED, "the TLS handshake failed, alert " + alert, true);
        };
    }
}
