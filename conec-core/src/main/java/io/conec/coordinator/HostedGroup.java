package io.conec.coordinator;

/**
 * A group that a coordinator hosts. A snapshot.
 *
 * @param name its name, as the first member gave it: of any characters
 * @param members memberships
 * @param senders those that send
 * @param receivers those that receive
 * @param messages messages sent to the group since it came to be
 * @param bytes their payload bytes
 * @param lost messages dropped for members that did not keep up or take no message of that size, each counted once for each member
 */
public record HostedGroup(String name, int members, int senders, int receivers, long messages, long bytes, long lost) {}
