package io.conec.security;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The subject alternative names of a certificate that matter to conec (RFC 5280, section 4.2.1.6), in the certificate's
 * order. The subject's common name does not count.
 *
 * @param dns the DNS names, as they are written
 * @param addresses the IP addresses, in the JDK's textual form
 */
public record CertificateNames(Set<String> dns, Set<String> addresses) {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    public CertificateNames {
        dns = Collections.unmodifiableSet(new LinkedHashSet<>(dns));
        addresses = Collections.unmodifiableSet(new LinkedHashSet<>(addresses));
    }

    /**
     * Reads the names of a certificate.
     *
     * @throws ConecException with {@link ErrorCode#CERTIFICATE_NOT_TRUSTED} if the extension is malformed
     */
    public static CertificateNames of(X509Certificate certificate) {
        Set<String> dns = new LinkedHashSet<>();
        Set<String> addresses = new LinkedHashSet<>();
        try {
            var names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (name.get(0).equals(DNS_NAME)) {
                    dns.add((String) name.get(1));
                } else if (name.get(0).equals(IP_ADDRESS)) {
                    addresses.add((String) name.get(1));
                }
            }
        } catch (CertificateParsingException e) {
            throw new ConecException(
                    ErrorCode.CERTIFICATE_NOT_TRUSTED,
                    "the subject alternative names of a certificate are malformed",
                    e);
        }
        return new CertificateNames(dns, addresses);
    }

    /** Whether one of the DNS names is exactly that id. A wildcard names no client. */
    public boolean contains(ClientId id) {
        return dns.contains(id.value());
    }

    /**
     * Checks that one of the DNS names is exactly that id.
     *
     * @throws ConecException with {@link ErrorCode#CERTIFICATE_NAME_MISMATCH} if none is
     */
    public void require(ClientId id) {
        if (!contains(id)) {
            throw new ConecException(
                    ErrorCode.CERTIFICATE_NAME_MISMATCH,
                    "the certificate presented for client \"" + id + "\" names " + this
                            + ": it takes a certificate with the subject" + " alternative name DNS:" + id);
        }
    }

    /** The names, fit for a log: at most eight of them, each shortened and with unprintable characters escaped. */
    @Override
    public String toString() {
        List<String> shown = new ArrayList<>(dns);
        shown.addAll(addresses);
        int more = shown.size() - 8;
        List<String> names =
                new ArrayList<>(shown.stream().limit(8).map(ClientId::escape).toList());
        if (more > 0) {
            names.add(more + " more");
        }
        return names.toString();
    }
}
