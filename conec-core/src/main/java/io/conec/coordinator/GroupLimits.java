package io.conec.coordinator;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.time.Duration;

/**
 * Limits on the groups that a coordinator hosts.
 *
 * @param maxGroups groups at the same time; default 10,000
 * @param maxMembers members of one group; default 10,000
 * @param maxQueuedBytes messages that wait for one member; default 16 MiB. Members of a group share them, so that a group holds little more than this for all its members together. A message that is
 *     larger still waits if it is the only one
 * @param maxBlock how long a member that {@link io.conec.SlowReceiver.Block blocks} may hold up a group's senders without taking a message; default 10 s. It may join again and do so again: where
 *     members are not to be trusted with that, make it short
 */
public record GroupLimits(int maxGroups, int maxMembers, int maxQueuedBytes, Duration maxBlock) {
    /** The defaults named above. */
    public static final GroupLimits DEFAULTS = new GroupLimits(10_000, 10_000, 16 << 20, Duration.ofSeconds(10));

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the setting */
    public GroupLimits {
        positive(maxGroups, "maxGroups");
        positive(maxMembers, "maxMembers");
        positive(maxQueuedBytes, "maxQueuedBytes");
        positive(maxBlock.toMillis(), "maxBlock");
    }

    private static void positive(long value, String name) {
        if (value < 1) {
            throw new ConecException(ErrorCode.INVALID_CONFIGURATION, "groups." + name + " has to be positive");
        }
    }
}
