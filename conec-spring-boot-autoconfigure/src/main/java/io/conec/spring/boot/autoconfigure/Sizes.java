package io.conec.spring.boot.autoconfigure;

import org.springframework.util.unit.DataSize;

/** Sizes from properties. */
final class Sizes {
    private Sizes() {}

    /** The number of bytes, which has to fit into an {@code int}. */
    static int bytes(String property, DataSize size) {
        if (size.toBytes() > Integer.MAX_VALUE || size.isNegative()) {
            throw new InvalidConecPropertyException(
                    property, "has to be between 0B and 1GB, it is " + size, "Correct the property's value.");
        }
        return (int) size.toBytes();
    }
}
