package io.conec.security;

import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.ConecStream;
import io.conec.client.ConecClient;
import io.conec.testing.Network;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of key that Netty's QUIC codec can present, which is all but Ed25519, proves an identity, in both roles of the handshake. */
final class KeyKindTests {
    @ParameterizedTest
    @CsvSource({"EC, secp256r1", "EC, secp384r1", "RSA, 2048"})
    void provesItselfToTheCoordinatorAndToPeers(String algorithm, String size) throws Exception {
        try (Network network = Network.start()) {
            ConecClient alice = client(network, "alice", algorithm, size);
            ConecClient bob = client(network, "bob", algorithm, size);
            bob.onStream("echo", stream -> stream.send(stream.receive().orElseThrow()));

            // Each is once the client and once the server of a handshake between them.
            assertThat(get(bob.open("alice")).peer()).isEqualTo("alice");
            ConecStream echo = get(get(alice.open("bob")).openStream("echo"));
            echo.send("hello");
            assertThat(echo.receive(Duration.ofSeconds(10)).orElseThrow().text())
                    .isEqualTo("hello");
        }
    }

    private static ConecClient client(Network network, String id, String algorithm, String size) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec(size));
        } else if (algorithm.equals("RSA")) {
            generator.initialize(Integer.parseInt(size));
        }
        KeyPair key = generator.generateKeyPair();
        CertificateTemplate template =
                CertificateTemplate.client(new ClientId(id), Validity.startingNow(Duration.ofDays(1)));
        Identity identity = Identity.of(key.getPrivate(), List.of(template.selfSigned(key)));
        return network.client(id, builder -> builder.identity(identity));
    }
}
