package io.conec.internal.transport;

import io.conec.CloseReason;
import io.conec.ErrorCode;
import io.conec.internal.protocol.Protocol;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicTransportError;
import java.nio.charset.StandardCharsets;

/** Tells what a CONNECTION_CLOSE from the other side (RFC 9000, section 19.19) means. */
final class CloseReasons {
    private CloseReasons() {}

    static CloseReason fromPeer(QuicConnectionCloseEvent event) {
        if (event.isApplicationClose()) {
            return new CloseReason(Protocol.errorCode(event.error()), message(event), true);
        }
        if (event.isTlsError()) {
            return fromAlert(QuicConnectionCloseEvent.extractTlsError(event.error()));
        }
        if (event.error() == 0) {
            return new CloseReason(ErrorCode.NO_ERROR, "", true);
        }
        if (event.error() == QuicTransportError.APPLICATION_ERROR.code()) {
            return new CloseReason(
                    ErrorCode.CONNECT_FAILED, "the other side gave the connection up while it was being made", true);
        }
        return new CloseReason(
                ErrorCode.PROTOCOL_VIOLATION, "QUIC error 0x" + Integer.toHexString(event.error()), true);
    }

    private static String message(QuicConnectionCloseEvent event) {
        byte[] reason;
        try {
            reason = event.reason();
        } catch (NullPointerException e) {
            // Netty 4.2.18's way of saying that there is none.
            return "";
        }
        return Protocol.reason(new String(reason, StandardCharsets.UTF_8));
    }

    /** A handshake that this side ended, for another reason than the certificate presented. BoringSSL gives the reason as part of a text only. */
    static CloseReason fromHandshake(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")) {
            return new CloseReason(ErrorCode.CERTIFICATE_NOT_TRUSTED, "the other side presented no certificate", false);
        }
        if (message.contains("NO_APPLICATION_PROTOCOL")) {
            return new CloseReason(
                    ErrorCode.UNSUPPORTED_VERSION, "the other side does not speak " + Protocol.ALPN, false);
        }
        return new CloseReason(ErrorCode.CONNECT_FAILED, "the TLS handshake failed: " + message, false);
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
