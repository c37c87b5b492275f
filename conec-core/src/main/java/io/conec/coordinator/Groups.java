package io.conec.coordinator;

import io.conec.CloseReason;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.TransportConfig;
import io.conec.internal.channel.DataStream;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.GroupFrames;
import io.conec.internal.protocol.JoinGroup;
import io.conec.internal.protocol.Protocol;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The groups that a coordinator hosts: lets clients and the coordinator itself join, and gives each {@link Group} its time. Owned by the event loop; what lists is for any thread. */
final class Groups {
    /** How late a member's patience is found to be over: much less than it is. */
    private static final long TICK_MILLIS = 20;

    /** A change of the counts is told this much later, together with the next ones. */
    private static final long STATE_DELAY_MILLIS = 100;

    private final GroupLimits limits;
    private final TransportConfig transport;
    private final Dispatcher dispatcher;
    private final EventLoop eventLoop;
    private final AccessControl access;
    private final Runnable refused;
    private final String coordinator;
    private final Map<String, Group> groups = new ConcurrentHashMap<>();
    private final Set<RemoteMember> remote = new LinkedHashSet<>();
    private final Set<LocalMember> local = ConcurrentHashMap.newKeySet();
    private final Set<Group> waiting = new LinkedHashSet<>();
    private final Set<Group> announcing = new HashSet<>();
    private boolean ticking;

    /**
     * @param coordinator the coordinator's name
     * @param refused counts what is refused
     */
    Groups(
            CoordinatorConfig config,
            String coordinator,
            AccessControl access,
            Runnable refused,
            Dispatcher dispatcher,
            EventLoop eventLoop) {
        this.limits = config.groups();
        this.transport = config.transport();
        this.coordinator = coordinator;
        this.access = access;
        this.refused = refused;
        this.dispatcher = dispatcher;
        this.eventLoop = eventLoop;
    }

    List<HostedGroup> hosted() {
        return groups.values().stream().map(Group::snapshot).toList();
    }

    List<ConecGroup> own() {
        return local.stream()
                .filter(LocalMember::isJoined)
                .map(ConecGroup.class::cast)
                .toList();
    }

    /** What clients may do now and perhaps not under other rules, with how it ends then. */
    List<AccessControl.Check> checks() {
        List<AccessControl.Check> checks = new ArrayList<>();
        for (RemoteMember each : remote) {
            AccessRequest.Client from = each.client().requester();
            String name = each.group().name();
            checks.add(new AccessControl.Check(
                    new AccessRequest.Join(from, name), refusal -> endIfRefused(each, refusal)));
            if (each.member().options().sends()) {
                checks.add(new AccessControl.Check(
                        new AccessRequest.Send(from, name), refusal -> endIfRefused(each, refusal)));
            }
        }
        return checks;
    }

    private static void endIfRefused(RemoteMember member, @Nullable ConecException refusal) {
        if (refusal != null) {
            member.end(refusal.code(), refusal.getMessage());
        }
    }

    /** A client wants to join, by this stream. A {@link ConecException} refuses it. */
    void join(ConnectedClient client, DataStream stream, JoinGroup request) {
        String name = stream.name();
        Protocol.requireGroupName(name, ErrorCode.PROTOCOL_VIOLATION);
        GroupOptions options = GroupFrames.options(request);
        int takesBytes = request.getMaxMessageBytes() < 0 ? Integer.MAX_VALUE : request.getMaxMessageBytes();
        ask(client, stream, options, takesBytes);
    }

    private void ask(ConnectedClient client, DataStream stream, GroupOptions options, int takesBytes) {
        Rules rules = access.rules();
        access.check(eventLoop, new AccessRequest.Join(client.requester(), stream.name()), refusal -> {
            if (refusal != null || !options.sends()) {
                decide(client, stream, options, takesBytes, refusal);
            } else {
                access.check(eventLoop, new AccessRequest.Send(client.requester(), stream.name()), second -> {
                    if (second == null && access.rules() != rules) {
                        // The first question was answered by other rules.
                        ask(client, stream, options, takesBytes);
                    } else {
                        decide(client, stream, options, takesBytes, second);
                    }
                });
            }
        });
    }

    private void decide(
            ConnectedClient client,
            DataStream stream,
            GroupOptions options,
            int takesBytes,
            @Nullable ConecException refusal) {
        if (!stream.isUndecided()) {
            // It took too long, or the client has gone.
            return;
        }
        try {
            if (refusal != null) {
                throw refusal;
            }
            Group group = require(stream.name());
            RemoteMember joined =
                    new RemoteMember(this, group, client, options, stream, transport.maxMessageBytes(), takesBytes);
            remote.add(joined);
            group.add(joined.member());
            stream.accept(joined);
            group.drain(joined.member(), now());
            announce(group);
        } catch (ConecException e) {
            refused.run();
            stream.refuse(e);
        }
    }

    /** The coordinator itself joins. */
    void join(String name, GroupOptions options, CompletableFuture<ConecGroup> outcome) {
        try {
            Group group = require(name);
            LocalMember joined = new LocalMember(this, group, options, coordinator, dispatcher, transport);
            local.add(joined);
            group.add(joined.member());
            group.drain(joined.member(), now());
            announce(group);
            dispatcher.publish(new ConecEvent.GroupJoined(joined, false));
            dispatcher.execute(() -> outcome.complete(joined));
        } catch (ConecException e) {
            dispatcher.execute(() -> outcome.completeExceptionally(e));
        }
    }

    /** The coordinator closes: its own memberships end. Those of clients end with their links. */
    void close() {
        for (LocalMember each : List.copyOf(local)) {
            each.end(ErrorCode.SHUTTING_DOWN, "the coordinator is shutting down");
        }
    }

    // For the members.

    MemberQueue<Broadcast> newQueue(Group group, GroupOptions options) {
        return new MemberQueue<>(
                options.slowReceiver(),
                limits.maxQueuedBytes(),
                limits.maxBlock(),
                Broadcast::release,
                group::countLost);
    }

    /** Any thread. */
    void later(Runnable task) {
        try {
            eventLoop.execute(task);
        } catch (RejectedExecutionException e) {
            // The coordinator has closed, which ended all memberships.
        }
    }

    void publish(Group group, Member from, byte[] payload, Runnable passedOn) {
        group.publish(from, payload, passedOn, now());
        watch(group);
    }

    void drain(Group group, Member member) {
        group.drain(member, now());
        watch(group);
    }

    void left(RemoteMember member) {
        remote.remove(member);
        remove(member.group(), member.member());
    }

    void left(LocalMember member) {
        local.remove(member);
        remove(member.group(), member.member());
    }

    /** Leaves behind what the member has sent. */
    void leaveWhenSent(LocalMember member) {
        if (member.member().pending.isEmpty()) {
            left(member);
        }
    }

    /** The coordinator's own membership has ended. Any thread. */
    void over(LocalMember member, CloseReason reason) {
        dispatcher.publish(new ConecEvent.GroupLeft(member, reason));
    }

    private void remove(Group group, Member member) {
        group.remove(member, now());
        if (group.members() == 0) {
            groups.remove(group.name(), group);
            waiting.remove(group);
        } else {
            watch(group);
            announce(group);
        }
    }

    private Group require(String name) {
        Group group = groups.get(name);
        if (group == null) {
            if (groups.size() >= limits.maxGroups()) {
                throw new ConecException(
                        ErrorCode.GROUP_LIMIT,
                        "the coordinator hosts " + limits.maxGroups() + " groups, which is its limit");
            }
            group = new Group(name, now());
            groups.put(name, group);
        } else if (group.members() >= limits.maxMembers()) {
            throw new ConecException(
                    ErrorCode.GROUP_LIMIT, "the group has " + limits.maxMembers() + " members, which is the limit");
        }
        return group;
    }

    /** Sees to it that those who make others wait do not do so for too long. */
    private void watch(Group group) {
        if (group.isWaiting() && waiting.add(group) && !ticking) {
            ticking = true;
            eventLoop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void tick() {
        ticking = false;
        List<Group> due = List.copyOf(waiting);
        waiting.clear();
        for (Group group : due) {
            group.expire(now());
            watch(group);
        }
    }

    /** Tells the members how many they are, soon; large groups later, so that a coordinator says so at most some thousand times a second. */
    private void announce(Group group) {
        if (announcing.add(group)) {
            eventLoop.schedule(
                    () -> {
                        announcing.remove(group);
                        long now = now();
                        group.all().forEach(member -> group.drain(member, now));
                    },
                    Math.max(STATE_DELAY_MILLIS, group.members()),
                    TimeUnit.MILLISECONDS);
        }
    }

    private static long now() {
        return System.nanoTime();
    }
}
