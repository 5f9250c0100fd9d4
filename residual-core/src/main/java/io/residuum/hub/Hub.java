package io.residuum.hub;

import com.google.common.base.Suppliers;
import com.google.common.hash.Hashing;
import io.residuum.files.AtomicFiles;
import io.residuum.files.FileErrors;
import io.residuum.files.FolderLock;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets remote files: from the cache if they are there, or else from their server.
 *
 * <p>Each file is complete, has the size and the checksum that the hub lists, and stays in the
 * cache. Processes that want the same file wait for the first of them.
 */
public final class Hub {
    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);
    private static final String LISTING = ".residuum-files.json";
    private static final int SHOWN_HASH = 16;

    private final Supplier<HubSettings> settings;
    private final TransferListener listener;
    private final Supplier<HttpFetcher> fetcher;

    /**
     * Creates an access to a hub.
     *
     * @param settings the endpoint, the cache, the token
     * @param listener receives the progress of downloads
     */
    public Hub(HubSettings settings, TransferListener listener) {
        this(() -> settings, listener);
    }

    private Hub(Supplier<HubSettings> settings, TransferListener listener) {
        this.settings = settings;
        this.listener = listener;
        // A client has threads, which files of the cache do not need.
        this.fetcher = Suppliers.memoize(() -> new HttpFetcher(settings.get(), System::getenv));
    }

    /**
     * {@return an access with the {@linkplain HubSettings#standard() standard settings}, which are
     * read when a remote file is asked for}
     *
     * @param listener receives the progress of downloads
     */
    public static Hub standard(TransferListener listener) {
        return new Hub(Suppliers.memoize(HubSettings::standard), listener);
    }

    /** {@return an access with the standard settings, which logs what it downloads} */
    public static Hub standard() {
        return standard(new LoggedTransfers(LOG));
    }

    /**
     * Finds the commit and the files of a repository. A branch or a tag is looked up each time,
     * unless offline; if the hub cannot be reached, the last commit in the cache is used.
     *
     * @return its files at one commit
     * @throws HubException if the hub has no such repository or revision, or offline, if the cache
     *     has none
     */
    public HubSnapshot open(RemoteName.Repository name) {
        Path folder = folder(name);
        Path reference =
                folder.resolve("refs")
                        .resolve(URLEncoder.encode(name.revision(), StandardCharsets.UTF_8));
        Optional<Listing> cached =
                known(name, reference).flatMap(commit -> cachedListing(folder, commit));
        if (cached.isPresent() && (settings.get().offline() || Listing.isCommit(name.revision()))) {
            return snapshot(name, folder, cached.get());
        }
        requireOnline(name.toString());
        return snapshot(name, folder, current(name, folder, reference, cached));
    }

    private HubSnapshot snapshot(RemoteName.Repository name, Path folder, Listing listing) {
        return new HubSnapshot(this, name, folder.resolve(listing.commit()), listing);
    }

    private Path folder(RemoteName.Repository name) {
        HubSettings used = settings.get();
        return used.cache()
                .resolve("hub")
                .resolve(used.endpoint().getRawAuthority().replace(':', '_'))
                .resolve(name.repository().replace("/", "--"));
    }

    private static Optional<String> known(RemoteName.Repository name, Path reference) {
        if (Listing.isCommit(name.revision())) {
            return Optional.of(name.revision());
        }
        return read(reference).map(String::strip).filter(Listing::isCommit);
    }

    private static Optional<Listing> cachedListing(Path folder, String commit) {
        Path file = folder.resolve(commit).resolve(LISTING);
        return read(file).map(text -> Listing.read(text, file.toString()));
    }

    private static Optional<String> read(Path file) {
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        } catch (IOException e) {
            throw new HubException(file + ": cannot be read: " + FileErrors.reason(e), e);
        }
    }

    /** Asks the hub. Only if it cannot be reached, an older answer will do. */
    private Listing current(
            RemoteName.Repository name, Path folder, Path reference, Optional<Listing> cached) {
        URI uri =
                URI.create(
                        "%s/api/models/%s/revision/%s?blobs=true"
                                .formatted(
                                        settings.get().endpoint(),
                                        name.repository(),
                                        URLEncoder.encode(
                                                name.revision(), StandardCharsets.UTF_8)));
        String text;
        try {
            text = retries().run(name.toString(), () -> text(uri));
        } catch (HubException e) {
            if (cached.isPresent() && e.getCause() instanceof IOException unreachable) {
                listener.note(
                        "%s: the hub cannot be reached (%s); using commit %s of the cache"
                                .formatted(
                                        name, Retries.reason(unreachable), cached.get().commit()));
                return cached.get();
            }
            throw e;
        }
        Listing listing = Listing.read(text, RemoteFiles.shown(uri));
        if (Listing.isCommit(name.revision()) && !listing.commit().equals(name.revision())) {
            throw new HubException(
                    "%s: the hub must answer with this commit, got %s"
                            .formatted(name, listing.commit()));
        }
        store(folder.resolve(listing.commit()).resolve(LISTING), text);
        if (!Listing.isCommit(name.revision())) {
            store(reference, listing.commit());
        }
        return listing;
    }

    private String text(URI uri) throws IOException {
        try (Answer answer = fetcher.get().get(uri, Map.of())) {
            byte[] bytes = answer.body().readNBytes(Listing.MAX_BYTES + 1);
            if (bytes.length > Listing.MAX_BYTES) {
                throw new HubException(
                        "%s: a list of files must have at most %d MiB, got more"
                                .formatted(RemoteFiles.shown(uri), Listing.MAX_BYTES >> 20));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static void store(Path file, String text) {
        try {
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            AtomicFiles.writeString(file, text);
        } catch (IOException e) {
            throw new HubException(file + ": cannot be written: " + FileErrors.reason(e), e);
        }
    }

    /**
     * Gets a file of a web server. It is looked for in the cache first, since such addresses are
     * expected to keep their content.
     *
     * @param name the address
     * @throws HubException if it cannot be downloaded, has another checksum, or offline, if the
     *     cache does not have it
     */
    public Path fetch(RemoteName.Web name) {
        Optional<Checksum> checksum =
                name.sha256().map(hex -> new Checksum(Checksum.Kind.SHA256, hex));
        String key =
                Hashing.sha256()
                        .hashString(name.uri() + "#" + checksum, StandardCharsets.UTF_8)
                        .toString()
                        .substring(0, SHOWN_HASH);
        Path target =
                settings.get()
                        .cache()
                        .resolve("web")
                        .resolve(name.uri().getRawAuthority().replace(':', '_'))
                        .resolve(key)
                        .resolve(name.fileName());
        return fetch(
                name.toString(),
                false,
                new Download.Wanted(name.uri(), target, OptionalLong.empty(), checksum));
    }

    /** Gets a file of a repository. */
    Path fetch(RemoteName.Repository name, Listing listing, String path, Path target) {
        URI uri =
                URI.create(
                        "%s/%s/resolve/%s/%s"
                                .formatted(
                                        settings.get().endpoint(),
                                        name.repository(),
                                        listing.commit(),
                                        RemoteFiles.encoded(path)));
        Listing.Entry entry = Objects.requireNonNull(listing.files().get(path));
        return fetch(
                new RemoteName.Repository(name.repository(), name.revision(), Optional.of(path))
                        .toString(),
                true,
                new Download.Wanted(uri, target, entry.size(), entry.checksum()));
    }

    private Path fetch(String label, boolean fromHub, Download.Wanted wanted) {
        Path target = wanted.target();
        if (Files.exists(target)) {
            return target;
        }
        requireOnline(label);
        Path folder = Objects.requireNonNull(target.getParent());
        try {
            Files.createDirectories(folder);
            try (FolderLock lock = FolderLock.await(folder, listener::note)) {
                LOG.debug("{} writes to {}", lock, folder);
                // Another process may have finished it while this one waited.
                return Files.exists(target)
                        ? target
                        : retries()
                                .run(label, new Download(fetcher.get(), listener, fromHub, wanted));
            }
        } catch (IOException e) {
            throw new HubException(folder + ": cannot be written: " + FileErrors.reason(e), e);
        }
    }

    private Retries retries() {
        return new Retries(settings.get(), listener);
    }

    private void requireOnline(String what) {
        if (settings.get().offline()) {
            throw new HubException(
                    "%s: must be in the cache %s to be used offline, and is not there; use it once without --offline and RESIDUUM_OFFLINE"
                            .formatted(what, settings.get().cache()));
        }
    }
}
