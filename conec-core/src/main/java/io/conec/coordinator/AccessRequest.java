package io.conec.coordinator;

import io.conec.ClientId;
import java.security.cert.X509Certificate;

/** What a client asks to be allowed. */
public sealed interface AccessRequest {
    /** Who asks. */
    Client from();

    /** What kind of request it is. */
    AccessKind kind();

    /**
     * A client.
     *
     * @param id its id, which the certificate names
     * @param certificate what it proved itself with
     */
    record Client(ClientId id, X509Certificate certificate) {}

    /** See {@link AccessKind#CONNECT}. */
    record Connect(Client from) implements AccessRequest {
        @Override
        public AccessKind kind() {
            return AccessKind.CONNECT;
        }
    }

    /** See {@link AccessKind#INTRODUCE}. {@code to} need not be connected. */
    record Introduce(Client from, ClientId to) implements AccessRequest {
        @Override
        public AccessKind kind() {
            return AccessKind.INTRODUCE;
        }
    }

    /** See {@link AccessKind#SEE}. */
    record See(Client from, ClientId to) implements AccessRequest {
        @Override
        public AccessKind kind() {
            return AccessKind.SEE;
        }
    }

    /** See {@link AccessKind#OPEN_STREAM}. The name is the client's, of any characters. */
    record OpenStream(Client from, String stream) implements AccessRequest {
        @Override
        public AccessKind kind() {
            return AccessKind.OPEN_STREAM;
        }
    }

    /** See {@link AccessKind#JOIN}. The name is the client's, of any characters. */
    record Join(Client from, String group) implements AccessRequest {
        @Override
        public AccessKind kind() {
            return AccessKind.JOIN;
        }
    }

    /** See {@link AccessKind#SEND}. The name is the client's, of any characters. */
    record Send(Client from, String group) implements AccessRequest {
        @Override
        public AccessKind kind() {
            return AccessKind.SEND;
        }
    }
}
