package io.conec;

/**
 * A message of a group.
 *
 * @param sender who sent it: a client's id, or the coordinator's host name. The coordinator attests it: a client's certificate names its id
 * @param fromCoordinator whether the coordinator itself sent it, whose host name may also be the id of a client
 * @param message what was sent; {@link ConecMessage#lostBefore()} says how many messages for this member were dropped directly before it
 */
public record GroupMessage(String sender, boolean fromCoordinator, ConecMessage message) {
    /** This message, with the number of messages that were dropped before it. */
    public GroupMessage withLostBefore(long lost) {
        return lost == message.lostBefore()
                ? this
                : new GroupMessage(sender, fromCoordinator, message.withLostBefore(lost));
    }
}
