package io.conec.sample.client;

import io.conec.spring.service.ConecExchange;
import java.time.Instant;

/** What the coordinator answers, as an interface: each method is a request. Without a peer it goes to the coordinator. */
interface Coordinator {
    /** What it says about itself. */
    @ConecExchange("about")
    About about();

    /**
     * An answer. It is made from JSON; what else the coordinator may say is left out.
     *
     * @param name its host name
     * @param startedAt since when it runs
     * @param clients how many clients are connected
     */
    record About(String name, Instant startedAt, int clients) {}
}
