package io.conec.spring.listener;

import io.conec.spring.support.ReceivedMessage;

/** One call of a method for a message, from its admission until all that follows from it is over. For one thread at a time. */
final class ListenerCall {
    private final ReceivedMessage message;
    private final CallContext context;
    private final Gate gate;
    private boolean inside = true;
    private boolean finished;

    /** A call that the gate has let in. */
    ListenerCall(ReceivedMessage message, CallContext context, Gate gate) {
        this.message = message;
        this.context = context;
        this.gate = gate;
    }

    ReceivedMessage message() {
        return message;
    }

    CallContext context() {
        return context;
    }

    /** The method's result is there: the next call may begin. Again does nothing. */
    void leave() {
        if (inside) {
            inside = false;
            gate.leave();
        }
    }

    /** Everything is over. Again does nothing. */
    void finish() {
        leave();
        if (!finished) {
            finished = true;
            gate.finish();
        }
    }
}
