package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Starts a client: with fail-fast it waits until the client is registered, else the client goes on trying by itself. */
final class ClientStart implements Runnable {
    private final ConecClient client;
    private final boolean failFast;

    ClientStart(ConecClient client, boolean failFast) {
        this.client = client;
        this.failFast = failFast;
    }

    @Override
    public void run() {
        CompletableFuture<Void> registered = client.start();
        // Without fail-fast the client itself logs that an attempt failed, and tries again.
        if (failFast) {
            await(registered);
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
}
