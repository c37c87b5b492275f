package io.conec.spring.boot.test;

import io.conec.spring.boot.autoconfigure.ConecClientConnectionDetails;
import java.net.InetAddress;

/** Leads the application to the embedded coordinator. */
final class EmbeddedConnectionDetails implements ConecClientConnectionDetails {
    private final EmbeddedConecCoordinator embedded;

    EmbeddedConnectionDetails(EmbeddedConecCoordinator embedded) {
        this.embedded = embedded;
    }

    @Override
    public String getHost() {
        return embedded.host();
    }

    @Override
    public int getPort() {
        return embedded.coordinator().localAddress().getPort();
    }

    @Override
    public String getAddress() {
        return InetAddress.getLoopbackAddress().getHostAddress();
    }

    @Override
    public String getCertificateFingerprint() {
        return embedded.fingerprint();
    }
}
