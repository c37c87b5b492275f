package io.conec.spring.boot.autoconfigure.listener;

import io.conec.ConecException;
import io.conec.GroupOptions;
import io.conec.SlowReceiver;
import io.conec.spring.boot.autoconfigure.ConecProperties;
import io.conec.spring.boot.autoconfigure.InvalidConecPropertyException;
import java.util.Map;

/** How a listener joins a group: {@code conec.groups.<name>}. */
final class GroupOptionsProperties {
    private GroupOptionsProperties() {}

    static GroupOptions of(String name, Map<String, ConecProperties.Group> groups) {
        ConecProperties.Group group = groups.get(name);
        GroupOptions defaults = GroupOptions.receiveOnly();
        if (group == null) {
            return defaults;
        }
        try {
            return defaults.withOwnMessages(group.ownMessages()).withSlowReceiver(slowReceiver(group));
        } catch (ConecException e) {
            throw new InvalidConecPropertyException(
                    "conec.groups." + name, "is invalid: " + e.getMessage(), "Correct the group's properties.");
        }
    }

    private static SlowReceiver slowReceiver(ConecProperties.Group group) {
        return switch (group.slowReceiver()) {
            case BLOCK -> SlowReceiver.block(group.maxMessages(), group.block());
            case DROP_OLDEST -> SlowReceiver.dropOldest(group.maxMessages());
            case DISCONNECT -> SlowReceiver.disconnect(group.maxMessages());
        };
    }
}
