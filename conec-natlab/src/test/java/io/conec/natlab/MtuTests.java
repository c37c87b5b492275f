package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ChannelPath.Kind;
import io.conec.client.PathPolicy;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks that carry packets of 1,280 bytes and no larger ones, the least that IPv6 allows (RFC 8200, section 5), as behind many a tunnel. */
@InLaboratory
final class MtuTests {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MTU = 1280;
    private static final int BYTES = 2_000_000;

    /** Where larger packets stop. */
    enum Bottleneck {
        /** At the client's own device. */
        OWN_DEVICE,
        /** At routers on the way, which tell. */
        ROUTER,
        /** Somewhere on the way, and nobody is told. */
        BLACK_HOLE
    }

    /** A client's place. */
    enum Place {
        OWN_DEVICE_4(Bottleneck.OWN_DEVICE, Family.IPV4),
        OWN_DEVICE_6(Bottleneck.OWN_DEVICE, Family.IPV6),
        ROUTER_4(Bottleneck.ROUTER, Family.IPV4),
        ROUTER_6(Bottleneck.ROUTER, Family.IPV6),
        BLACK_HOLE_4(Bottleneck.BLACK_HOLE, Family.IPV4),
        BLACK_HOLE_6(Bottleneck.BLACK_HOLE, Family.IPV6);

        private final Bottleneck bottleneck;
        private final Family family;

        Place(Bottleneck bottleneck, Family family) {
            this.bottleneck = bottleneck;
            this.family = family;
        }

        /** The name of the client there. */
        String client() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final Map<Place, ClientProcess> clients = new EnumMap<>(Place.class);
    private static Laboratory laboratory;
    private static Internet internet;
    private static ClientProcess relayedPeer;
    private static ClientProcess directPeer;

    @BeforeAll
    static void connect() {
        laboratory = Laboratory.open("mtu");
        internet = new Internet(laboratory);
        CoordinatorProcess coordinator =
                CoordinatorProcess.start(laboratory, internet.host("coordinator", Family.DUAL_STACK));
        relayedPeer = ClientProcess.start(
                laboratory, internet.host("relayed-peer", Family.DUAL_STACK), coordinator, PathPolicy.RELAY_ONLY);
        directPeer = ClientProcess.start(
                laboratory, internet.host("direct-peer", Family.DUAL_STACK), coordinator, PathPolicy.AUTO);
        for (Place place : Place.values()) {
            clients.put(place, ClientProcess.start(laboratory, host(place), coordinator, PathPolicy.AUTO));
        }
        relayedPeer.awaitConnected();
        directPeer.awaitConnected();
    }

    private static Host host(Place place) {
        return switch (place.bottleneck) {
            case OWN_DEVICE -> {
                Host host = internet.host(place.client(), place.family);
                narrow(host.uplink());
                yield host;
            }
            case ROUTER -> {
                Router router = internet.router(place.client() + "-router", Nat.PORT_DEPENDENT, place.family);
                narrow(router.uplink());
                yield router.host(place.client());
            }
            case BLACK_HOLE -> {
                Host host = internet.host(place.client(), place.family, LinkSettings.of(100, Duration.ofMillis(10)));
                host.uplink().requireLink().swallow(MTU);
                yield host;
            }
        };
    }

    private static void narrow(Uplink uplink) {
        uplink.namespace().ip("link set " + uplink.device() + " mtu " + MTU);
        internet.core().ip("link set " + uplink.farDevice() + " mtu " + MTU);
    }

    @AfterAll
    static void close() {
        laboratory.close();
    }

    @ParameterizedTest
    @EnumSource
    void linkCarriesWhatIsSent(Place place) {
        ClientProcess client = client(place);

        String answer = client.await(client.request("echo " + BYTES), "echo", PATIENCE);

        assertThat(answer).startsWith("echoed=");
        assertThat(client.events("disconnected")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void relayedChannelLosesNothing(Place place) {
        converse(place, relayedPeer, Kind.RELAYED);
    }

    @ParameterizedTest
    @EnumSource
    void directChannelLosesNothing(Place place) {
        converse(place, directPeer, Kind.DIRECT);
    }

    private static void converse(Place place, ClientProcess peer, Kind kind) {
        ClientProcess client = client(place);
        client.open(peer, kind, PATIENCE);

        Conversation.begin(client, peer, Conversation.Load.of(BYTES)).await(PATIENCE);

        assertThat(client.path(peer)).isEqualTo(kind);
        client.close(peer);
    }

    private static ClientProcess client(Place place) {
        ClientProcess client = Objects.requireNonNull(clients.get(place));
        client.awaitConnected();
        return client;
    }
}
