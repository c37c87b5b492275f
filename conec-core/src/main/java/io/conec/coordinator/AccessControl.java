package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.channel.Dispatcher;
import io.conec.security.Fingerprint;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the {@link Rules}, and where they say nothing the application's {@link ConecAuthorizer}, off the event loop. Checks are asked for and answered on the event loop; policy and revocations
 * are for any thread.
 */
final class AccessControl {
    /**
     * A request, and what to do when it is decided: null allows it.
     *
     * @param decided runs on the event loop
     */
    record Check(AccessRequest request, Consumer<@Nullable ConecException> decided) {}

    /** Authorizers that are asked about everything again are asked this much at a time. */
    private static final int AT_A_TIME = 16;

    private static final Logger log = LoggerFactory.getLogger(AccessControl.class);

    private final Dispatcher dispatcher;
    private final long timeoutMillis;
    private final Set<ClientId> revokedIds = ConcurrentHashMap.newKeySet();
    private final Set<Fingerprint> revokedCertificates = ConcurrentHashMap.newKeySet();
    private volatile Rules rules;

    /** @param timeoutMillis how long a client waits for the authorizer */
    AccessControl(AccessPolicy policy, Dispatcher dispatcher, long timeoutMillis) {
        this.rules = new Rules(policy);
        this.dispatcher = dispatcher;
        this.timeoutMillis = timeoutMillis;
    }

    AccessPolicy policy() {
        return rules.policy();
    }

    /** What decides now: another object after each change, of the authorizer's mind too. */
    Rules rules() {
        return rules;
    }

    synchronized void replace(AccessPolicy policy) {
        rules = new Rules(policy);
    }

    /** What is being decided is decided anew. */
    synchronized void reconsider() {
        rules = new Rules(rules.policy());
    }

    Set<ClientId> revokedIds() {
        return revokedIds;
    }

    Set<Fingerprint> revokedCertificates() {
        return revokedCertificates;
    }

    /** Checks one request that a client waits for. */
    void check(EventLoop eventLoop, AccessRequest request, Consumer<@Nullable ConecException> decided) {
        Pending pending = new Pending(eventLoop, new Check(request, decided));
        if (!pending.decideByRules()) {
            eventLoop.schedule(pending::timeOut, timeoutMillis, TimeUnit.MILLISECONDS);
            dispatcher.execute(pending::askAuthorizer);
        }
    }

    /** Checks what exists already. {@code done} runs when all are decided, which may take longer than a client would wait. */
    void checkAll(EventLoop eventLoop, List<Check> checks, Runnable done) {
        int[] undecided = {checks.size()};
        Queue<Pending> toAsk = new ConcurrentLinkedQueue<>();
        List<Pending> all = new ArrayList<>();
        for (Check check : checks) {
            all.add(new Pending(eventLoop, new Check(check.request(), refusal -> {
                try {
                    check.decided().accept(refusal);
                } catch (RuntimeException e) {
                    // The others have to be decided all the same.
                    log.error(
                            "What was decided about {} could not be carried out",
                            check.request().kind(),
                            e);
                }
                if (--undecided[0] == 0) {
                    done.run();
                }
            })));
        }
        if (all.isEmpty()) {
            done.run();
        }
        for (Pending pending : all) {
            if (!pending.decideByRules()) {
                toAsk.add(pending);
            }
        }
        for (int i = 0; i < AT_A_TIME && i < toAsk.size(); i++) {
            dispatcher.execute(() -> {
                for (Pending next = toAsk.poll(); next != null; next = toAsk.poll()) {
                    next.askAuthorizer();
                }
            });
        }
    }

    /** One check under way. */
    private final class Pending {
        private final EventLoop eventLoop;
        private final Check check;
        private volatile Rules asked = rules;
        private boolean decided;

        Pending(EventLoop eventLoop, Check check) {
            this.eventLoop = eventLoop;
            this.check = check;
        }

        /** On the event loop. False if it takes the authorizer. */
        boolean decideByRules() {
            AccessRequest request = check.request();
            ConecException revoked = revocation(request);
            if (revoked != null) {
                decide(revoked);
                return true;
            }
            asked = rules;
            Access access = asked.decide(request);
            if (access == null && asked.policy().authorizer() != null) {
                return false;
            }
            decide(access != null ? access : asked.policy().defaultAccess());
            return true;
        }

        /** On the dispatcher. */
        void askAuthorizer() {
            Rules now = asked;
            Access access = consult(now.policy(), check.request());
            try {
                eventLoop.execute(() -> {
                    if (decided) {
                        return;
                    }
                    if (now == rules) {
                        // Not if it was revoked in the meantime.
                        ConecException revoked = revocation(check.request());
                        if (revoked != null) {
                            decide(revoked);
                        } else {
                            decide(access);
                        }
                    } else if (!decideByRules()) {
                        dispatcher.execute(this::askAuthorizer);
                    }
                });
            } catch (RejectedExecutionException e) {
                log.debug("The coordinator has closed; nobody waits for {}", check.request());
            }
        }

        void timeOut() {
            if (!decided) {
                log.warn(
                        "The authorizer has not answered within {} ms about {} of \"{}\", which is refused",
                        timeoutMillis,
                        check.request().kind(),
                        check.request().from().id());
                decide(Access.DENY);
            }
        }

        private void decide(Access access) {
            decide(access == Access.ALLOW ? null : refusal(check.request()));
        }

        private void decide(@Nullable ConecException refusal) {
            decided = true;
            if (refusal != null) {
                log.debug(
                        "{} of \"{}\" is refused",
                        check.request().kind(),
                        check.request().from().id());
            }
            check.decided().accept(refusal);
        }
    }

    private static Access consult(AccessPolicy policy, AccessRequest request) {
        ConecAuthorizer authorizer = policy.authorizer();
        if (authorizer == null) {
            return policy.defaultAccess();
        }
        try {
            return authorizer.authorize(request).orElse(policy.defaultAccess());
        } catch (RuntimeException | Error e) {
            log.error(
                    "The authorizer failed on {} of \"{}\", which is refused",
                    request.kind(),
                    request.from().id(),
                    e);
            return Access.DENY;
        }
    }

    /** Whoever is revoked is thrown out, so that nothing but connecting has to be refused. */
    private @Nullable ConecException revocation(AccessRequest request) {
        if (!(request instanceof AccessRequest.Connect)) {
            return null;
        }
        AccessRequest.Client client = request.from();
        if (revokedIds.contains(client.id())) {
            return new ConecException(ErrorCode.NOT_ALLOWED, "the id \"" + client.id() + "\" is revoked");
        }
        if (!revokedCertificates.isEmpty() && revokedCertificates.contains(Fingerprint.of(client.certificate()))) {
            return new ConecException(ErrorCode.NOT_ALLOWED, "the certificate of \"" + client.id() + "\" is revoked");
        }
        return null;
    }

    /** Says which kind of rule it was, and not which rule. */
    private static ConecException refusal(AccessRequest request) {
        String rules = switch (request.kind()) {
            case CONNECT -> "who may connect";
            case INTRODUCE -> "introductions";
            case SEE -> "presence";
            case OPEN_STREAM -> "streams to the coordinator";
            case JOIN -> "joining groups";
            case SEND -> "sending to groups";
        };
        return new ConecException(ErrorCode.NOT_ALLOWED, "the coordinator's rules on " + rules + " do not allow it");
    }
}
