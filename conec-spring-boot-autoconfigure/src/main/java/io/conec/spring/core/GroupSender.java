package io.conec.spring.core;

import io.conec.ConecGroup;
import io.conec.ConecMessage;
import io.conec.ConecParty;
import io.conec.GroupOptions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Sends to groups: joins each when something is first sent to it, only to send, and stays. For any thread. */
final class GroupSender {
    private final ConecParty party;
    private final Map<String, CompletableFuture<ConecGroup>> memberships = new ConcurrentHashMap<>();

    GroupSender(ConecParty party) {
        this.party = party;
    }

    CompletableFuture<Void> send(String group, ConecMessage message) {
        return membership(group).thenCompose(membership -> membership.send(message));
    }

    private CompletableFuture<ConecGroup> membership(String group) {
        CompletableFuture<ConecGroup> known = memberships.get(group);
        if (known != null) {
            return known;
        }
        CompletableFuture<ConecGroup> joining = new CompletableFuture<>();
        CompletableFuture<ConecGroup> other = memberships.putIfAbsent(group, joining);
        if (other != null) {
            return other;
        }
        party.join(group, GroupOptions.sendOnly()).whenComplete((membership, failure) -> {
            if (failure != null) {
                memberships.remove(group, joining);
                joining.completeExceptionally(failure);
            } else {
                membership.closed().thenRun(() -> memberships.remove(group, joining));
                joining.complete(membership);
            }
        });
        return joining;
    }
}
