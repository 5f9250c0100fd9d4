package io.residuum.hub;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a remote file or model: {@code hf:org/model}, {@code hf:org/model@revision}, {@code
 * hf:org/model/file}, or an address that begins with {@code https://}.
 */
public sealed interface RemoteName {

    /**
     * A repository of a hub, or one of its files.
     *
     * @param repository {@code org/model}, or {@code model} for those without an organization
     * @param revision a branch, a tag or a commit
     * @param file a path in the repository; empty for the files of its model
     */
    record Repository(String repository, String revision, Optional<String> file)
            implements RemoteName {
        private static final Pattern TEXT =
                Pattern.compile("hf:([^/@]+(?:/[^/@]+)?)(?:/([^@]+))?(?:@(.+))?");
        private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}");
        private static final Pattern REVISION =
                Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,254}");

        /** Checks that names have no characters that lead out of a folder. */
        public Repository {
            for (String part : repository.split("/", -1)) {
                check(
                        ID.matcher(part).matches() && !part.contains(".."),
                        "a repository must be named org/model in letters, digits, '.', '_' and '-'",
                        repository);
            }
            check(
                    REVISION.matcher(revision).matches() && !revision.contains(".."),
                    "a revision must be a branch, a tag or a commit",
                    revision);
            file.ifPresent(RemoteFiles::requirePath);
        }

        private static Repository parse(String text) {
            Matcher parts = TEXT.matcher(text);
            check(
                    parts.matches(),
                    "a name of a hub must be hf:org/model, hf:org/model@revision or"
                            + " hf:org/model/file",
                    text);
            return new Repository(
                    parts.group(1),
                    parts.group(3) == null ? "main" : parts.group(3),
                    Optional.ofNullable(parts.group(2)));
        }

        /** {@return the name without the organization} */
        public String model() {
            return repository.substring(repository.lastIndexOf('/') + 1);
        }

        @Override
        public String toString() {
            return "hf:"
                    + repository
                    + file.map(f -> "/" + f).orElse("")
                    + (revision.equals("main") ? "" : "@" + revision);
        }
    }

    /**
     * A file of a web server.
     *
     * @param uri the address, without a fragment
     * @param sha256 the SHA-256 in hexadecimal, or its beginning, that the file must have
     */
    record Web(URI uri, Optional<String> sha256) implements RemoteName {
        private static final String HUB_HOST = "huggingface.co";
        private static final Pattern FRAGMENT = Pattern.compile("sha256=([0-9a-f]{8,64})");

        /** Matches the hash in names of PyTorch. A letter tells a hash from a date. */
        private static final Pattern HASH_IN_NAME =
                Pattern.compile(".*-(?=[0-9]*[a-f])([0-9a-f]{8})\\.[a-z]+");

        private static Web parse(String text) {
            URI uri;
            try {
                uri = new URI(text);
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException(
                        "an address must be a valid URL, got %s: %s"
                                .formatted(text, e.getMessage()),
                        e);
            }
            String host = uri.getHost();
            check(
                    host != null && uri.getPath() != null && uri.getUserInfo() == null,
                    "an address must have a host and a path, and no password",
                    host == null ? text : host);
            check(
                    RemoteFiles.isProtected(uri),
                    "an address must begin with https://, since others can change what plain http"
                            + " transfers",
                    text);
            check(
                    !host.equals(HUB_HOST) || uri.getPath().contains("/resolve/"),
                    "an address must be of a file, not of a page of a hub; name the repository as"
                            + " hf:org/model",
                    text);
            RemoteFiles.requirePath(RemoteFiles.lastName(uri));
            return new Web(RemoteFiles.withoutFragment(uri), sha256(uri));
        }

        private static Optional<String> sha256(URI uri) {
            if (uri.getFragment() != null) {
                Matcher given = FRAGMENT.matcher(uri.getFragment());
                check(
                        given.matches(),
                        "the part after # must be sha256= and 8 to 64 hexadecimal digits",
                        uri.getFragment());
                return Optional.of(given.group(1));
            }
            Matcher named = HASH_IN_NAME.matcher(RemoteFiles.lastName(uri));
            return named.matches() ? Optional.of(named.group(1)) : Optional.empty();
        }

        /** {@return the name of the file} */
        public String fileName() {
            return RemoteFiles.lastName(uri);
        }

        @Override
        public String toString() {
            return RemoteFiles.shown(uri);
        }
    }

    /**
     * {@return the remote name that a text is; empty if it is none, such as a path}
     *
     * @param text what the user wrote
     * @throws IllegalArgumentException if it begins like a remote name and is invalid
     */
    static Optional<RemoteName> parse(String text) {
        if (text.startsWith("hf:")) {
            return Optional.of(Repository.parse(text));
        }
        return text.startsWith("https://") || text.startsWith("http://")
                ? Optional.of(Web.parse(text))
                : Optional.empty();
    }

    private static void check(boolean ok, String invariant, String found) {
        if (!ok) {
            throw new IllegalArgumentException(invariant + ", got " + found);
        }
    }
}
