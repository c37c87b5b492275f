/** What runs the methods annotated with {@code @ConecChannelListener}. */
@NullMarked
package io.conec.spring.listener;

import org.jspecify.annotations.NullMarked;
