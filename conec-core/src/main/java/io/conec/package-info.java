/**
 * Channels, streams and messages: what an application sees of conec. JDK types only.
 *
 * <p>Enter through {@code io.conec.coordinator.ConecCoordinator} or {@code io.conec.client.ConecClient}.
 */
@NullMarked
package io.conec;

import org.jspecify.annotations.NullMarked;
