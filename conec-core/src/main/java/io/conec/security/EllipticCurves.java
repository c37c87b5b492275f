package io.conec.security;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.List;
import java.util.stream.Stream;

/**
 * The curves that a self-signed certificate may use: those that every TLS 1.3 library has (RFC 8446, section 4.2.7), up
 * to P-384.
 */
final class EllipticCurves {
    private static final List<ECParameterSpec> ACCEPTED =
            Stream.of("secp256r1", "secp384r1").map(EllipticCurves::named).toList();

    private EllipticCurves() {}

    /** Compares every parameter: a curve of the same size with another generator is worth nothing. */
    static boolean isAccepted(ECParameterSpec curve) {
        return ACCEPTED.stream()
                .anyMatch(accepted -> accepted.getCurve().equals(curve.getCurve())
                        && accepted.getGenerator().equals(curve.getGenerator())
                        && accepted.getOrder().equals(curve.getOrder())
                        && accepted.getCofactor() == curve.getCofactor());
    }

    private static ECParameterSpec named(String name) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(name));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime with TLS 1.3 has " + name, e);
        }
    }
}
