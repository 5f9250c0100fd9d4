package io.residuum.hub;

import com.google.common.hash.Funnels;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A checksum that a file must have.
 *
 * @param kind what it is computed from
 * @param hex its hexadecimal digits, or the first of them
 */
record Checksum(Kind kind, String hex) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");

    /** The kinds of checksums. */
    enum Kind {
        /** SHA-256 of the content. */
        SHA256,
        /** The name of the content in git: SHA-1 of its length and itself. */
        GIT_BLOB
    }

    /** {@return the checksum in digits that a hub gives; empty if they are none} */
    static Optional<Checksum> of(String digits) {
        if (SHA256.matcher(digits).matches()) {
            return Optional.of(new Checksum(Kind.SHA256, digits));
        }
        return SHA1.matcher(digits).matches()
                ? Optional.of(new Checksum(Kind.GIT_BLOB, digits))
                : Optional.empty();
    }

    /** {@return the digits of a file} */
    String compute(Path file) throws IOException {
        Hasher hasher = kind == Kind.SHA256 ? Hashing.sha256().newHasher() : gitHasher(file);
        MoreFiles.asByteSource(file).copyTo(Funnels.asOutputStream(hasher));
        return hasher.hash().toString();
    }

    // Git's choice. It finds damage here, and TLS keeps others from changing the file.
    @SuppressWarnings("deprecation")
    private static Hasher gitHasher(Path file) throws IOException {
        return Hashing.sha1()
                .newHasher()
                .putString("blob " + Files.size(file) + "\0", StandardCharsets.US_ASCII);
    }

    boolean matches(String computed) {
        return computed.startsWith(hex);
    }

    @Override
    public String toString() {
        return (kind == Kind.SHA256 ? "SHA-256 " : "git SHA-1 ") + hex;
    }
}
