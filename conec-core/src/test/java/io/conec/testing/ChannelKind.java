package io.conec.testing;

/** From which party to which the {@link Ends#opener opening side's} channel goes. */
public enum ChannelKind {
    CLIENT_TO_COORDINATOR,
    COORDINATOR_TO_CLIENT,
    CLIENT_TO_CLIENT,
    LOOPBACK
}
