package io.conec.spring.listener;

import io.conec.ConecStream;

/** One stream in the hands of one listener. */
interface StreamHandling extends Gate.Entrant {
    ConecStream stream();

    /** Begins. On a thread that may block. */
    void start();

    /** The listener is being stopped: whatever is under way may finish, nothing else begins. */
    void stop();

    /** The time for that is over. */
    void abort();
}
