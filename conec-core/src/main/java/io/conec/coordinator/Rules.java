package io.conec.coordinator;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of an {@link AccessPolicy}: the first that matches decides. Pure and immutable. */
final class Rules {
    private record Matcher(
            AccessRule rule,
            Glob from,
            @Nullable Glob to,
            @Nullable Glob stream,
            @Nullable Glob group) {
        static Matcher of(AccessRule rule) {
            return new Matcher(rule, new Glob(rule.from()), glob(rule.to()), glob(rule.stream()), glob(rule.group()));
        }

        private static @Nullable Glob glob(@Nullable String pattern) {
            return pattern == null ? null : new Glob(pattern);
        }

        boolean matches(AccessRequest request) {
            return rule.kinds().contains(request.kind())
                    && from.matches(request.from().id().value())
                    && matchesObject(request);
        }

        /** What the request is about. A rule's fields fit its kinds, so a pattern that is there is for this request. */
        private boolean matchesObject(AccessRequest request) {
            if (request instanceof AccessRequest.Introduce introduce) {
                return matches(to, introduce.to().value());
            } else if (request instanceof AccessRequest.See see) {
                return matches(to, see.to().value());
            } else if (request instanceof AccessRequest.OpenStream open) {
                return matches(stream, open.stream());
            } else if (request instanceof AccessRequest.Join join) {
                return matches(group, join.group());
            } else if (request instanceof AccessRequest.Send send) {
                return matches(group, send.group());
            }
            return true;
        }

        private static boolean matches(@Nullable Glob pattern, String name) {
            return pattern == null || pattern.matches(name);
        }
    }

    private final AccessPolicy policy;
    private final List<Matcher> matchers;

    Rules(AccessPolicy policy) {
        this.policy = policy;
        this.matchers = policy.rules().stream().map(Matcher::of).toList();
    }

    AccessPolicy policy() {
        return policy;
    }

    /** What the rules say; null if none matches. */
    @Nullable
    Access decide(AccessRequest request) {
        for (Matcher matcher : matchers) {
            if (matcher.matches(request)) {
                return matcher.rule().access();
            }
        }
        return null;
    }
}
