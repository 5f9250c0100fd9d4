package io.residuum.hub;

import com.google.common.math.LongMath;
import io.residuum.files.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** The files of a repository at one commit. Nothing is downloaded before it is asked for. */
public final class HubSnapshot {
    private final Hub hub;
    private final RemoteName.Repository name;
    private final Path folder;
    private final Listing listing;

    HubSnapshot(Hub hub, RemoteName.Repository name, Path folder, Listing listing) {
        this.hub = hub;
        this.name = name;
        this.folder = folder;
        this.listing = listing;
    }

    /** {@return the commit} */
    public String commit() {
        return listing.commit();
    }

    /** {@return the paths of all files, as the hub lists them} */
    public Set<String> files() {
        return Collections.unmodifiableSet(listing.files().keySet());
    }

    /**
     * {@return the length of a file; empty if there is no such file, or the hub does not list it}
     */
    public OptionalLong size(String path) {
        Listing.Entry file = listing.files().get(path);
        return file == null ? OptionalLong.empty() : file.size();
    }

    /** {@return the folder of the cache in which fetched files are, under their paths} */
    public Path folder() {
        return folder;
    }

    /**
     * Gets files that are not in the cache.
     *
     * @return the files in the cache, in the same order
     * @throws HubException if the repository has no such file, they do not fit on the disk, or one
     *     cannot be downloaded
     */
    public List<Path> fetch(Collection<String> paths) {
        for (String path : paths) {
            if (!listing.files().containsKey(path)) {
                throw new HubException(
                        "%s: must have the file %s, found none at commit %s"
                                .formatted(name, path, commit()));
            }
        }
        requireSpace(paths);
        return paths.stream()
                .map(path -> hub.fetch(name, listing, path, folder.resolve(path)))
                .toList();
    }

    /** Checks that the disk has space for all files before the first is downloaded. */
    private void requireSpace(Collection<String> paths) {
        long needed = 0;
        for (String path : paths) {
            if (!Files.exists(folder.resolve(path))) {
                needed = LongMath.saturatedAdd(needed, size(path).orElse(0));
            }
        }
        if (needed == 0) {
            return;
        }
        try {
            Files.createDirectories(folder);
            long free = Files.getFileStore(folder).getUsableSpace();
            if (needed > free) {
                throw new HubException(
                        "%s: needs %,d bytes, but the file system of %s has %,d; free some, or set RESIDUUM_CACHE to a folder on another one"
                                .formatted(name, needed, folder, free));
            }
        } catch (IOException e) {
            throw new HubException(folder + ": cannot be written: " + FileErrors.reason(e), e);
        }
    }
}
