package io.conec.coordinator;

import java.util.Optional;

/**
 * Decides what no {@link AccessRule} decides. Runs on the coordinator's executor, so that it may block; whoever asked waits for it, for at most half of
 * {@link io.conec.TransportConfig#requestTimeout()}, after which it is refused. Several requests are asked about at the same time.
 *
 * <p>It is asked when something begins, and about everything again at {@link ConecCoordinator#replaceAccessPolicy} and {@link ConecCoordinator#recheckAccess}: what it says is not
 * remembered, but what it has allowed goes on until then. {@link AccessKind#SEE} is asked for each pair of clients of which one watches presence, so that one should be quick.
 */
@FunctionalInterface
public interface ConecAuthorizer {
    /**
     * Says whether the request is allowed.
     *
     * @return empty for no opinion: then {@link AccessPolicy#defaultAccess()} counts
     * @throws RuntimeException is logged, and the request refused
     */
    Optional<Access> authorize(AccessRequest request);
}
