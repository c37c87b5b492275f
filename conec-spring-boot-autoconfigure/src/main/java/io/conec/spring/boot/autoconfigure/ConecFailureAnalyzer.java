package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what to do about the {@link ConecException}s that stop an application from starting. */
final class ConecFailureAnalyzer extends AbstractFailureAnalyzer<ConecException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, ConecException cause) {
        String action = action(cause.code());
        // Boot asks one analyzer after the other; the other one knows the property.
        if (action == null || findCause(rootFailure, InvalidConecPropertyException.class) != null) {
            return null;
        }
        return new FailureAnalysis(
                "conec could not be started (" + cause.code() + "): " + cause.getMessage(), action, cause);
    }

    // Only what a start can meet: the other codes belong to channels and streams, and the general report shows them.
    @SuppressWarnings("EnumSwitchWithDefault")
    private static @Nullable String action(ErrorCode code) {
        return switch (code) {
            case BIND_FAILED ->
                "Stop what listens on that UDP port, or choose another one: conec.coordinator.port on a"
                        + " coordinator, conec.client.bind-port on a client; 0 takes a free one.";
            case UNSUPPORTED_PLATFORM ->
                "There is no QUIC library for this platform ("
                        + System.getProperty("os.name") + ", " + System.getProperty("os.arch")
                        + ") on the class path. conec runs on Linux and macOS (x86_64 and aarch64) and on Windows (x86_64);"
                        + " Linux has to have glibc. conec-spring-boot-starter brings the libraries of all of them: check that your"
                        + " build does not exclude io.netty:netty-codec-native-quic.";
            case CERTIFICATE_NAME_MISMATCH ->
                "Set conec.client.coordinator.host to a name in the coordinator's certificate"
                        + " (conec.client.coordinator.address says where to connect to, if elsewhere), or give the coordinator a"
                        + " certificate for its name. A client's own certificate has to name conec.client.id.";
            case CERTIFICATE_NOT_TRUSTED ->
                "Let the client know the coordinator's certificate: by its fingerprint"
                        + " (conec.client.coordinator.certificate-fingerprint, which a coordinator with a development certificate"
                        + " logs at its start), or by an SSL bundle with the certificate authority (conec.client.ssl.bundle). If the"
                        + " coordinator refused the client, check conec.coordinator.client-trust there.";
            case CERTIFICATE_EXPIRED -> "Renew the certificate, or correct this machine's clock.";
            case ID_IN_USE -> "Another client is connected under the id of conec.client.id: give each client its own.";
            case INVALID_ID -> "Correct conec.client.id.";
            case INVALID_CONFIGURATION ->
                "Correct the configuration (properties that start with \"conec\", and customizers).";
            case CONNECT_FAILED, TIMEOUT, CONNECTION_LOST, IDLE_TIMEOUT ->
                "Check that the coordinator runs, that"
                        + " conec.client.coordinator.host and port are right and that UDP gets through; or let the application start"
                        + " without it: conec.client.fail-fast=false.";
            case UNSUPPORTED_VERSION -> "Use versions of conec with the same major protocol version on both sides.";
            default -> null;
        };
    }
}
