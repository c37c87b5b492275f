package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a client: with fail-fast it waits until the client is registered, else the client goes on trying by itself. */
final class ClientStart implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(ClientStart.class);

    private final ConecClient client;
    private final boolean failFast;

    ClientStart(ConecClient client, boolean failFast) {
        this.client = client;
        this.failFast = failFast;
    }

    @Override
    public void run() {
        CompletableFuture<Void> registered = client.start();
        if (failFast) {
            await(registered);
        } else {
            registered.whenComplete((nothing, failure) -> {
                if (failure != null && client.isRunning()) {
                    log.warn("Not connected to the coordinator yet, trying again: {}", reason(failure));
                }
            });
        }
    }

    private void await(CompletableFuture<Void> registered) {
        try {
            registered.get();
        } catch (ExecutionException e) {
            client.close();
            throw e.getCause() instanceof ConecException failure
                    ? failure
                    : new ConecException(ErrorCode.CONNECT_FAILED, "the client could not be started", e.getCause());
        } catch (InterruptedException e) {
            client.close();
            Thread.currentThread().interrupt();
            throw new ConecException(ErrorCode.CANCELLED, "interrupted while waiting for the coordinator", e);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.toString();
    }
}
