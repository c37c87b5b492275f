package io.conec.client;

import io.conec.CloseReason;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.transport.Endpoint;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client's memberships, which it takes up again with each link. Owned by the event loop; {@link #joined} and {@link #execute} are for any thread. */
final class ClientGroups implements LinkService {
    private final ClientConfig config;
    private final Dispatcher dispatcher;
    private final Endpoint endpoint;
    private final Set<GroupMembership> memberships = new CopyOnWriteArraySet<>();
    private @Nullable ConnectedChannel link;
    private boolean hosted;

    ClientGroups(ClientConfig config, Dispatcher dispatcher, Endpoint endpoint) {
        this.config = config;
        this.dispatcher = dispatcher;
        this.endpoint = endpoint;
    }

    /** See {@link ConecClient#groups}. */
    List<ConecGroup> joined() {
        return memberships.stream()
                .filter(GroupMembership::hasJoined)
                .map(ConecGroup.class::cast)
                .toList();
    }

    /** See {@link ConecClient#join}. */
    void join(String name, GroupOptions options, CompletableFuture<ConecGroup> outcome) {
        GroupMembership membership = new GroupMembership(name, options, config, dispatcher, this, outcome);
        memberships.add(membership);
        join(membership);
    }

    @Override
    public void linkUp(ConnectedChannel registered, Set<String> features) {
        link = registered;
        hosted = features.contains(Protocol.GROUPS);
        memberships.forEach(this::join);
    }

    @Override
    public void linkDown() {
        link = null;
    }

    /** The client closes. */
    void close() {
        CloseReason reason =
                new CloseReason(ErrorCode.SHUTTING_DOWN, "\"" + config.id() + "\" is shutting down", false);
        memberships.forEach(membership -> membership.end(reason));
    }

    // For the memberships.

    /** A membership has ended. */
    void ended(GroupMembership membership) {
        memberships.remove(membership);
    }

    void execute(Runnable task) {
        if (endpoint.eventLoop().inEventLoop()) {
            task.run();
        } else {
            endpoint.execute(task);
        }
    }

    void afterRequestTimeout(Runnable task) {
        endpoint.eventLoop().schedule(task, config.transport().requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    static ConecException notConnected() {
        return new ConecException(ErrorCode.NOT_CONNECTED, "not connected to the coordinator");
    }

    private void join(GroupMembership membership) {
        ConnectedChannel to = link;
        if (to == null) {
            membership.failed(notConnected(), false);
        } else if (!hosted) {
            membership.failed(
                    new ConecException(ErrorCode.UNSUPPORTED_VERSION, "the coordinator hosts no groups"), false);
        } else {
            membership.join(to);
        }
    }
}
