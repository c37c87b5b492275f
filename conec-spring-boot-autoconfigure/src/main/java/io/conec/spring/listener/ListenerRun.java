package io.conec.spring.listener;

import java.util.concurrent.Executor;

/**
 * What all calls of one listener have in common.
 *
 * @param endpoint the method
 * @param gate lets calls begin
 * @param contexts what surrounds each call
 * @param config what all listeners have in common
 */
record ListenerRun(ListenerEndpoint endpoint, Gate gate, CallContext.Factory contexts, ConecListenerConfig config) {
    String id() {
        return endpoint.id();
    }

    Executor executor() {
        return config.executor();
    }
}
