package io.conec.natlab;

/**
 * A machine that runs something.
 *
 * @param uplink how it, or the router that it is behind, is connected to the internet
 */
public record Host(String name, Namespace namespace, Uplink uplink) {}
