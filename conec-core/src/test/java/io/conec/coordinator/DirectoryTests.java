package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.security.Identity;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DirectoryTests {
    private static final ClientId ALICE = new ClientId("alice");
    private static final ClientId BOB = new ClientId("bob");
    private static final ClientId CAROL = new ClientId("carol");
    private static final long START = 0;

    private final Identity key = Identity.generate(ALICE);
    private final Identity otherKey = Identity.generate(ALICE);
    private final CoordinatorConfig config =
            CoordinatorConfig.builder(key).introductionsPerSecond(3).build();
    private final UnansweredLinks links = new UnansweredLinks(key);
    private final Directory directory = new Directory(2);

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void aFreeIdIsAnybodys() {
        assertThat(directory.claim(ALICE, key.certificate())).isNull();
        assertThat(directory.find(ALICE)).isNull();
        assertThat(directory.contains(ALICE)).isFalse();
    }

    @Test
    void findsWhoIsConnected() throws Exception {
        ConnectedClient alice = client(ALICE, key.certificate());

        directory.add(alice);

        assertThat(directory.find(ALICE)).isSameAs(alice);
        assertThat(directory.contains(ALICE)).isTrue();
        assertThat(directory.contains(BOB)).isFalse();
        assertThat(directory.size()).isEqualTo(1);
    }

    @Test
    void theSameKeyTakesItsIdOver() throws Exception {
        ConnectedClient alice = client(ALICE, key.certificate());
        directory.add(alice);

        assertThat(directory.claim(ALICE, key.certificate())).isSameAs(alice);
    }

    @Test
    void theKeyCountsNotTheCertificate() throws Exception {
        ConnectedClient alice = client(ALICE, key.certificate());
        directory.add(alice);
        X509Certificate renewed = renewed(key);

        assertThat(renewed).isNotEqualTo(key.certificate());
        assertThat(directory.claim(ALICE, renewed)).isSameAs(alice);
    }

    @Test
    void anotherKeyIsRefusedWhileTheIdIsHeld() throws Exception {
        ConnectedClient alice = client(ALICE, key.certificate());
        directory.add(alice);

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> directory.claim(ALICE, otherKey.certificate()))
                .matches(e -> e.code() == ErrorCode.ID_IN_USE)
                .withMessageContaining("\"alice\"");

        directory.remove(alice);
        assertThat(directory.claim(ALICE, otherKey.certificate())).isNull();
    }

    @Test
    void aFullCoordinatorTakesNobodyNew() throws Exception {
        ConnectedClient alice = client(ALICE, key.certificate());
        directory.add(alice);
        directory.add(client(BOB, otherKey.certificate()));

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> directory.claim(CAROL, key.certificate()))
                .matches(e -> e.code() == ErrorCode.CHANNEL_LIMIT)
                .withMessageContaining("2 clients");
        assertThat(directory.claim(ALICE, key.certificate())).isSameAs(alice);
    }

    @Test
    void aClientThatLeavesLateDoesNotTakeItsSuccessorAlong() throws Exception {
        ConnectedClient older = client(ALICE, key.certificate());
        ConnectedClient newer = client(ALICE, key.certificate());
        directory.add(older);
        assertThat(directory.remove(older)).isTrue();
        directory.add(newer);

        assertThat(directory.remove(older)).isFalse();
        assertThat(directory.find(ALICE)).isSameAs(newer);
        assertThat(directory.remove(newer)).isTrue();
        assertThat(directory.size()).isZero();
    }

    @Test
    void aClientHasRatesOfItsOwn() throws Exception {
        ConnectedClient alice = client(ALICE, key.certificate());
        ConnectedClient bob = client(BOB, otherKey.certificate());

        for (int i = 0; i < 3; i++) {
            assertThat(alice.mayAskForIntroduction(START)).isTrue();
        }

        assertThat(alice.mayAskForIntroduction(START)).isFalse();
        assertThat(bob.mayAskForIntroduction(START)).isTrue();
    }

    @Test
    void relayingHasNoRateUnlessOneIsSet() throws Exception {
        ConnectedClient unlimited = client(ALICE, key.certificate());
        ConnectedClient limited = new ConnectedClient(
                BOB,
                unlimited.link(),
                otherKey.certificate(),
                Map.of(),
                1,
                CoordinatorConfig.builder(key).relayBytesPerSecond(2_000).build(),
                START);

        for (int i = 0; i < 10; i++) {
            assertThat(unlimited.mayRelay(Integer.MAX_VALUE, START)).isTrue();
        }
        assertThat(limited.mayRelay(1_209, START)).isTrue();
        assertThat(limited.mayRelay(1_209, START)).isFalse();
    }

    private ConnectedClient client(ClientId id, X509Certificate certificate) throws Exception {
        return new ConnectedClient(id, links.link(), certificate, Map.of(), 1, config, START);
    }

    private static X509Certificate renewed(Identity identity) throws Exception {
        Instant now = Instant.now();
        X500Name name = new X500Name("CN=alice");
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.TWO,
                                Date.from(now),
                                Date.from(now.plus(Duration.ofDays(1))),
                                name,
                                identity.certificate().getPublicKey())
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(identity.privateKey())));
    }
}
