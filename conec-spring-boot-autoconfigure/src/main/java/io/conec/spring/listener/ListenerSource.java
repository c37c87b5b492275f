package io.conec.spring.listener;

/** What a listener's annotation names. */
enum ListenerSource {
    /** Neither streams nor a group: channels. */
    CHANNELS,
    STREAMS,
    GROUP
}
