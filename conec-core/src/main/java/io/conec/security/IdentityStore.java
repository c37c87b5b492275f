package io.conec.security;

import static io.conec.security.Pem.invalid;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.function.Supplier;

/** The directory of {@link Identity#loadOrCreate}. */
final class IdentityStore {
    private static final System.Logger LOGGER = System.getLogger(IdentityStore.class.getName());

    /** A file lock keeps other processes out; within a process it takes this. */
    private static final Object LOCK = new Object();

    private final Path directory;
    private final Path certificateFile;
    private final Path keyFile;

    IdentityStore(Path directory) {
        this.directory = directory;
        this.certificateFile = directory.resolve("conec.crt");
        this.keyFile = directory.resolve("conec.key");
    }

    Identity loadOrCreate(Supplier<Identity> make) {
        synchronized (LOCK) {
            try {
                Files.createDirectories(directory);
                try (FileChannel channel = FileChannel.open(
                        directory.resolve("conec.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    // Held until the file is closed.
                    FileLock lock = channel.lock();
                    Identity identity = lockedLoadOrCreate(make);
                    lock.release();
                    return identity;
                }
            } catch (IOException e) {
                throw invalid("the directory " + directory + " cannot keep an identity: " + Pem.reason(e), e);
            }
        }
    }

    private Identity lockedLoadOrCreate(Supplier<Identity> make) throws IOException {
        boolean certificateExists = Files.exists(certificateFile);
        boolean keyExists = Files.exists(keyFile);
        if (certificateExists != keyExists) {
            throw invalid(
                    (certificateExists ? certificateFile : keyFile) + " is there without "
                            + (certificateExists ? keyFile : certificateFile)
                            + ": put the missing file there, or delete this one to have both made anew",
                    null);
        }
        if (keyExists) {
            tightenKey();
            Identity kept = Identity.load(certificateFile, keyFile);
            if (kept.certificate().getNotAfter().toInstant().isAfter(Instant.now())) {
                return kept;
            }
        }
        Identity made = make.get();
        made.store(certificateFile, keyFile);
        return made;
    }

    private void tightenKey() {
        try {
            if (OwnerOnly.tighten(keyFile)) {
                LOGGER.log(System.Logger.Level.WARNING, "Other users could read {0}; they no longer can", keyFile);
            }
        } catch (IOException e) {
            throw invalid(
                    "other users can read the key file " + keyFile + " and that cannot be changed: " + Pem.reason(e),
                    e);
        }
    }
}
