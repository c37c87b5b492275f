package io.conec.spring.listener;

import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A reactive result that is being sent.
 *
 * @param done completes when all of it was taken; cancelling it cancels the subscription
 * @param refused whether it failed only because the stream takes no more
 */
record Publishing(CompletableFuture<Void> done, BooleanSupplier refused) {}
