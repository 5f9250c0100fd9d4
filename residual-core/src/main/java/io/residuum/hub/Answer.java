package io.residuum.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The answer of a server to a request, after redirects.
 *
 * @param uri the address that answered
 * @param status the status, 200, 206 or 416
 * @param first the headers of the first answer, which may be a redirect
 * @param headers the headers
 * @param body the content
 */
record Answer(URI uri, int status, HttpHeaders first, HttpHeaders headers, InputStream body)
        implements AutoCloseable {
    static final int COMPLETE = 200;
    static final int PARTIAL = 206;
    static final int RANGE_REFUSED = 416;

    private static final Pattern RANGE =
            Pattern.compile("bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})");

    /** {@return the length of the whole file; empty if the server does not say} */
    OptionalLong size() {
        OptionalLong linked = number(first, "X-Linked-Size");
        if (linked.isPresent()) {
            return linked;
        }
        return status == PARTIAL ? OptionalLong.of(range(2)) : number(headers, "Content-Length");
    }

    /** {@return the index of the first byte that this answer sends} */
    long start() {
        return status == PARTIAL ? range(1) : 0;
    }

    private long range(int group) {
        Matcher range = RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
        if (!range.matches()) {
            throw new HubException(
                    "%s: a part of a file must have a Content-Range of bytes and their total, got \"%s\""
                            .formatted(
                                    RemoteFiles.shown(uri),
                                    headers.firstValue("Content-Range").orElse("")));
        }
        return Long.parseLong(range.group(group));
    }

    private OptionalLong number(HttpHeaders from, String name) {
        Optional<String> text = from.firstValue(name);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!text.get().matches("[0-9]{1,18}")) {
            throw new HubException(
                    "%s: %s must be a number of bytes below 10^18, got %s"
                            .formatted(RemoteFiles.shown(uri), name, text.get()));
        }
        return OptionalLong.of(Long.parseLong(text.get()));
    }

    /** {@return the checksum of a hub, which the first answer has} */
    Optional<Checksum> checksum() {
        return first.firstValue("X-Linked-Etag")
                .or(() -> first.firstValue("ETag"))
                .map(tag -> tag.replaceFirst("^W/", "").replace("\"", ""))
                .flatMap(Checksum::of);
    }

    /** {@return the version of the file, by which a range can ask for the same one} */
    Optional<String> version() {
        return headers.firstValue("ETag").filter(tag -> !tag.startsWith("W/"));
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
