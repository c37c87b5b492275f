package io.conec.internal.transport;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.netty.handler.codec.quic.Quic;

/** Whether QUIC works on this machine. */
public final class NativeQuic {
    private NativeQuic() {}

    /**
     * Checks that the native library is there and loads.
     *
     * @throws ConecException with {@link ErrorCode#UNSUPPORTED_PLATFORM}, naming the platform
     */
    public static void require() {
        if (!Quic.isAvailable()) {
            throw new ConecException(
                    ErrorCode.UNSUPPORTED_PLATFORM,
                    "no QUIC library for " + System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                            + ": io.netty:netty-codec-native-quic has to be on the class path, in the same version as the rest of"
                            + " Netty and with the classifier of this platform (linux-x86_64, linux-aarch_64, osx-x86_64,"
                            + " osx-aarch_64 or windows-x86_64)",
                    Quic.unavailabilityCause());
        }
    }
}
