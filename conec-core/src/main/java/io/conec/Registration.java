package io.conec;

/** Something registered, which closing takes back. Closing again does nothing. */
@FunctionalInterface
public interface Registration extends AutoCloseable {
    @Override
    void close();
}
