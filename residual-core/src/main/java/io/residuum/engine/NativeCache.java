package io.residuum.engine;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the folder for native libraries that DJL and JNA unpack from their jars.
 *
 * <p>If the home folder cannot be written, both use the folder for temporary files, under names
 * that another user of the machine can guess and fill first. This class names a folder of this user
 * instead, and refuses one that others can write.
 */
public final class NativeCache {
    private static final String DJL = "DJL_CACHE_DIR";
    private static final Set<PosixFilePermission> PRIVATE =
            PosixFilePermissions.fromString("rwx------");

    private NativeCache() {}

    /**
     * Prepares the folder. Call it before anything loads a native library. A folder that the user
     * chose with the environment or system property {@code DJL_CACHE_DIR} stays.
     *
     * @throws BackendException if the folder belongs to another user or others can write to it
     */
    public static synchronized void prepare() {
        if (isSet(System.getenv(DJL)) || isSet(System.getProperty(DJL))) {
            return;
        }
        Path home = Path.of(System.getProperty("user.home"));
        if (Files.isDirectory(home) && Files.isWritable(home)) {
            return;
        }
        Path folder = privateFolder(Path.of(System.getProperty("java.io.tmpdir")));
        System.setProperty(DJL, folder.toString());
        if (!isSet(System.getProperty("jna.tmpdir"))) {
            System.setProperty("jna.tmpdir", folder.toString());
        }
    }

    private static boolean isSet(@Nullable String value) {
        return value != null && !value.isEmpty();
    }

    /** Returns a folder below {@code temporary} that only this user can read and write. */
    static Path privateFolder(Path temporary) {
        String user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_");
        Path folder = temporary.resolve("residuum-" + user);
        try {
            if (!Files.getFileStore(temporary).supportsFileAttributeView("posix")) {
                // Windows gives every user a folder of their own for temporary files.
                return Files.createDirectories(folder);
            }
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
            } catch (FileAlreadyExistsException e) {
                requirePrivate(folder, temporary);
            }
            return folder;
        } catch (IOException e) {
            throw new BackendException(
                    "native libraries need a folder, but neither the home folder %s nor %s can be written (%s); %s"
                            .formatted(System.getProperty("user.home"), folder, e, fix()),
                    e);
        }
    }

    private static void requirePrivate(Path folder, Path temporary) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(
                        folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        var found = view.readAttributes();
        boolean mine = found.owner().equals(thisUser(temporary));
        if (!found.isDirectory() || !mine || !found.permissions().equals(PRIVATE)) {
            throw new BackendException(
                    "%s must be a folder that only this user can use, because native libraries are loaded from it, found %s of %s with the permissions %s; remove it, or %s"
                            .formatted(
                                    folder,
                                    found.isDirectory() ? "a folder" : "a file or a link",
                                    mine ? "this user" : found.owner(),
                                    PosixFilePermissions.toString(found.permissions()),
                                    fix()));
        }
    }

    /** Returns the owner of new files. The name of a user may be unknown in a container. */
    private static UserPrincipal thisUser(Path temporary) throws IOException {
        Path probe = Files.createTempFile(temporary, "residuum", null);
        try {
            return Files.getOwner(probe);
        } finally {
            Files.delete(probe);
        }
    }

    private static String fix() {
        return "set the environment variable " + DJL + " to a folder of your own";
    }
}
