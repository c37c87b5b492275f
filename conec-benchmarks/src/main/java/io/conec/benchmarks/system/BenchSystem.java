package io.conec.benchmarks.system;

import java.util.Optional;
import java.util.Set;

/** One way to bring messages from one process to another. Its methods are called in the processes that are measured. */
public interface BenchSystem {
    /** What a system can be measured at. */
    enum Ability {
        /** Streams of messages in both directions. */
        STREAMS,
        /** Messages there and back, one at a time. */
        ROUND_TRIPS,
        /** One answer to one message, in whatever way the system has for that. */
        REQUESTS,
        /** One message to many receivers. */
        GROUPS,
        /** Many connections to one server. */
        CONNECTIONS,
        /** Many channels between clients that a server introduces. */
        INTRODUCTIONS
    }

    /** For the command line and the results. */
    String id();

    /** For tables and charts. */
    String title();

    /** At what it is measured, besides the workloads that name it. */
    Set<Ability> abilities();

    /** Whether something stands between sender and receiver, and is a process of its own. */
    default boolean hasRelay() {
        return false;
    }

    /** Whether senders talk to the relay itself, which so is the receiver. */
    default boolean relayReceives() {
        return false;
    }

    /** Whether the relay has to be told where the receiver is, and so is started after it. */
    default boolean relayNeedsReceiver() {
        return false;
    }

    /** What its TCP connections are to have for congestion control, in Linux's words; empty for the machine's default. For long links only. */
    default Optional<String> tcpCongestionControl() {
        return Optional.empty();
    }

    /** Why it cannot be measured here; empty if it can. */
    default String obstacle() {
        return "";
    }

    /**
     * Starts what stands in the middle.
     *
     * @param service takes the streams of senders, if the relay {@link #relayReceives receives}
     */
    default Node relay(Site site, Service service) throws Exception {
        throw unable("have a relay");
    }

    /** Starts the process that takes streams and answers requests. */
    default Node receiver(Site site, Service service) throws Exception {
        throw unable("receive");
    }

    /** Connects to the receiver. */
    default Sender sender(Site site) throws Exception {
        throw unable("send");
    }

    /** Prepares for any number of clients in one process that receive. */
    default Members members(Site site) throws Exception {
        throw unable("have members");
    }

    /** Prepares to make connections to the relay, or to the receiver if there is no relay. */
    default Connector connector(Site site) throws Exception {
        throw unable("make connections");
    }

    private UnsupportedOperationException unable(String what) {
        return new UnsupportedOperationException(id() + " does not " + what);
    }
}
