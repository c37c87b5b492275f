package io.conec.coordinator;

/**
 * What a coordinator has done since it was made, however often it was started. A snapshot.
 *
 * @param clients clients connected now
 * @param introductions pairs of clients introduced
 * @param relayedChannels channels between clients that the relay knows now
 * @param relayedPackets packets forwarded between clients; none of them was decrypted, the coordinator holds no keys for them
 * @param relayedBytes their bytes
 * @param droppedPackets datagrams dropped: unknown handle, wrong sender, over the relay rate, or no QUIC
 * @param refused connections, registrations and introductions refused
 */
public record CoordinatorStatistics(
        int clients,
        long introductions,
        int relayedChannels,
        long relayedPackets,
        long relayedBytes,
        long droppedPackets,
        long refused) {}
