package io.conec;

import java.util.Map;

/**
 * A stream that the other side wants to open.
 *
 * @param channel the channel, whose {@link ConecChannel#peer()} is proven
 * @param name the stream's name
 * @param headers the stream's headers, unmodifiable
 */
public record StreamOffer(ConecChannel channel, String name, Map<String, String> headers) {}
