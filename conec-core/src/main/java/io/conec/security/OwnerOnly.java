package io.conec.security;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Files that only their owner may read: mode 0600 where there are POSIX permissions, else an access control list with
 * the owner alone.
 */
final class OwnerOnly {
    private static final Set<PosixFilePermission> READ_WRITE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private OwnerOnly() {}

    /**
     * What to create such a file with, so that there is no moment at which others can open it.
     *
     * @throws FileSystemException if the directory's file system knows neither kind of permissions
     */
    static FileAttribute<?> attribute(Path directory) throws IOException {
        if (posix(directory)) {
            return PosixFilePermissions.asFileAttribute(READ_WRITE);
        }
        if (Files.getFileAttributeView(directory, AclFileAttributeView.class) == null) {
            throw new FileSystemException(
                    directory.toString(), null, "its file system cannot keep a private key from other users");
        }
        UserPrincipal user = directory
                .getFileSystem()
                .getUserPrincipalLookupService()
                .lookupPrincipalByName(System.getProperty("user.name"));
        List<AclEntry> acl = List.of(ownerAlone(user));
        return new FileAttribute<List<AclEntry>>() {
            @Override
            public String name() {
                return "acl:acl";
            }

            @Override
            public List<AclEntry> value() {
                return acl;
            }
        };
    }

    /** Takes every right to a file from others than its owner; true if someone else had one. */
    static boolean tighten(Path file) throws IOException {
        if (posix(file)) {
            Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
            permissions.addAll(Files.getPosixFilePermissions(file));
            boolean tightened = permissions.removeAll(OTHERS);
            if (tightened) {
                Files.setPosixFilePermissions(file, permissions);
            }
            return tightened;
        }
        AclFileAttributeView view = Files.getFileAttributeView(file, AclFileAttributeView.class);
        if (view == null) {
            throw new FileSystemException(
                    file.toString(), null, "its file system cannot keep a private key from other users");
        }
        UserPrincipal owner = view.getOwner();
        boolean tightened = view.getAcl().stream()
                .anyMatch(entry ->
                        entry.type() == AclEntryType.ALLOW && !entry.principal().equals(owner));
        if (tightened) {
            view.setAcl(List.of(ownerAlone(owner)));
        }
        return tightened;
    }

    private static AclEntry ownerAlone(UserPrincipal owner) {
        return AclEntry.newBuilder()
                .setType(AclEntryType.ALLOW)
                .setPrincipal(owner)
                .setPermissions(EnumSet.allOf(AclEntryPermission.class))
                .build();
    }

    /** Whether the file or directory has POSIX permissions. */
    static boolean posix(Path path) {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS) != null;
    }
}
