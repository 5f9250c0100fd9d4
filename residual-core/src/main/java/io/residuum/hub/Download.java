package io.residuum.hub;

import io.residuum.files.AtomicFiles;
import io.residuum.files.FileErrors;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A download of one file. What has arrived stays in a file beside the target, from which another
 * attempt or process resumes. The target appears when it is complete and verified.
 */
final class Download implements Retries.Attempt<Path> {
    private static final int BUFFER = 1 << 16;

    /** The file to download. */
    record Wanted(URI uri, Path target, OptionalLong size, Optional<Checksum> checksum) {}

    private final HttpFetcher fetcher;
    private final TransferListener listener;
    private final boolean fromHub;
    private final URI uri;
    private final Path target;
    private final Path partial;
    private OptionalLong size;
    private Optional<Checksum> checksum;
    private Optional<String> version = Optional.empty();

    Download(HttpFetcher fetcher, TransferListener listener, boolean fromHub, Wanted wanted) {
        this.fetcher = fetcher;
        this.listener = listener;
        this.fromHub = fromHub;
        this.uri = wanted.uri();
        this.target = wanted.target();
        this.partial = target.resolveSibling("." + target.getFileName() + ".part");
        this.size = wanted.size();
        this.checksum = wanted.checksum();
    }

    @Override
    public long present() {
        try {
            return Files.exists(partial) ? Files.size(partial) : 0;
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public Path run() throws IOException {
        // Without a checksum or a version, the rest could belong to another file.
        long kept = checksum.isPresent() || version.isPresent() ? present() : 0;
        boolean resumed = kept > 0;
        try {
            if (size.isEmpty() || kept < size.getAsLong() || kept == 0) {
                transfer(kept);
            }
            finish(resumed);
            return target;
        } finally {
            listener.ended();
        }
    }

    private void transfer(long kept) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        if (kept > 0) {
            headers.put("Range", "bytes=" + kept + "-");
            version.ifPresent(tag -> headers.put("If-Range", tag));
        }
        try (Answer answer = fetcher.get(uri, headers)) {
            if (answer.status() == Answer.RANGE_REFUSED) {
                discard();
                throw new TemporaryFailure("the server has no more bytes than have arrived");
            }
            learn(answer);
            long start = answer.start();
            if (start != 0 && start != kept) {
                throw failure(
                        "the part must begin at byte %d, got one that begins at %d"
                                .formatted(kept, start));
            }
            requireSpace(size.orElse(start) - start);
            write(answer, start);
        }
    }

    private void learn(Answer answer) {
        String encoding = answer.headers().firstValue("Content-Encoding").orElse("identity");
        if (!encoding.equals("identity")) {
            throw failure("must be sent as it is, got the encoding " + encoding);
        }
        version = answer.version();
        OptionalLong found = answer.size();
        if (size.isPresent() && found.isPresent() && size.getAsLong() != found.getAsLong()) {
            throw failure(
                    "must have %,d bytes, got %,d".formatted(size.getAsLong(), found.getAsLong()));
        }
        if (found.isPresent()) {
            size = found;
        }
        if (fromHub && checksum.isEmpty()) {
            checksum = answer.checksum();
        }
    }

    /**
     * Checks that the disk has space before the first byte is written. A server may say any size.
     */
    private void requireSpace(long needed) throws IOException {
        long free = usable();
        if (needed > free) {
            throw failure(
                    "needs %,d bytes, but the file system of %s has %,d; free some, or set RESIDUUM_CACHE to a folder on another one"
                            .formatted(needed, target.getParent(), free));
        }
    }

    private long usable() throws IOException {
        return Files.getFileStore(Objects.requireNonNull(target.getParent())).getUsableSpace();
    }

    private void write(Answer answer, long start) throws IOException {
        long present = start;
        // A server that does not say a size cannot fill the disk either.
        long most = size.orElse(usable() / 2);
        listener.started(RemoteFiles.shown(uri), present, size.orElse(-1));
        byte[] buffer = new byte[BUFFER];
        try (OutputStream out = open(start == 0)) {
            int n = answer.body().read(buffer);
            while (n >= 0 && present + n <= most) {
                out.write(buffer, 0, n);
                present += n;
                listener.progressed(present);
                n = answer.body().read(buffer);
            }
            present += Math.max(n, 0);
        }
        if (present > most) {
            discard();
            throw failure("must have at most %,d bytes, got more".formatted(most));
        }
        if (size.isPresent() && present < size.getAsLong()) {
            throw new TemporaryFailure(
                    "the connection ended after %,d of %,d bytes"
                            .formatted(present, size.getAsLong()));
        }
    }

    /** Failures of the disk are not repeated like those of the network. */
    private OutputStream open(boolean restarts) {
        try {
            OutputStream file =
                    restarts
                            ? Files.newOutputStream(partial)
                            : Files.newOutputStream(partial, StandardOpenOption.APPEND);
            return new FilterOutputStream(file) {
                @Override
                public void write(byte[] bytes, int offset, int length) {
                    try {
                        out.write(bytes, offset, length);
                    } catch (IOException e) {
                        throw unwritable(e);
                    }
                }
            };
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void finish(boolean resumed) throws TemporaryFailure {
        String computed;
        try {
            computed = checksum.isEmpty() ? "" : checksum.get().compute(partial);
            if (checksum.isEmpty() || checksum.get().matches(computed)) {
                AtomicFiles.move(partial, target);
                return;
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
        discard();
        if (resumed) {
            throw new TemporaryFailure("what had arrived before was damaged");
        }
        throw failure(
                "must have the checksum %s, got %s; the file is damaged or another one"
                        .formatted(checksum.get(), computed));
    }

    private void discard() {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private HubException failure(String problem) {
        return new HubException(RemoteFiles.shown(uri) + ": " + problem);
    }

    private HubException unwritable(IOException e) {
        return new HubException(partial + ": cannot be written: " + FileErrors.reason(e), e);
    }
}
