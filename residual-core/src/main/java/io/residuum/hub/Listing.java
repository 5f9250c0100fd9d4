package io.residuum.hub;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The files of a repository at one commit, as the hub lists them.
 *
 * @param commit the commit
 * @param files the files by path; paths that would leave a folder are left out
 */
record Listing(String commit, Map<String, Entry> files) {
    /** The largest list that is read. */
    static final int MAX_BYTES = 16 << 20;

    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    /**
     * A file.
     *
     * @param size its length; empty if the hub does not list it
     * @param checksum its checksum; empty if the hub does not list it
     */
    record Entry(OptionalLong size, Optional<Checksum> checksum) {}

    /** {@return true if a revision is a commit, whose files never change} */
    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    /** Reads what a hub or the cache has. */
    static Listing read(String text, String source) {
        Json json;
        try {
            json = JsonReader.parse(text, source, MAX_BYTES);
        } catch (JsonException e) {
            throw new HubException(e.getMessage(), e);
        }
        String commit = json.get("sha").string("");
        if (!isCommit(commit)) {
            throw new HubException(
                    "%s: \"sha\" must be a commit of 40 hexadecimal digits, got %s"
                            .formatted(source, json.get("sha").compact()));
        }
        Map<String, Entry> files = new LinkedHashMap<>();
        for (Json file : json.get("siblings").items()) {
            String path = file.get("rfilename").string("");
            if (RemoteFiles.isPath(path)) {
                files.put(path, entry(file, source));
            }
        }
        return new Listing(commit, files);
    }

    private static Entry entry(Json file, String source) {
        Json size = file.get("size");
        if (size instanceof Json.Num number && !number.text().matches("[0-9]{1,18}")) {
            throw new HubException(
                    "%s: line %d: \"size\" must be a number of bytes below 10^18, got %s"
                            .formatted(source, number.line(), number.text()));
        }
        // The blob of a large file is a pointer to it.
        Json lfs = file.get("lfs");
        String digits =
                lfs instanceof Json.Obj
                        ? lfs.get("sha256").string("")
                        : file.get("blobId").string("");
        return new Entry(
                size instanceof Json.Num number
                        ? OptionalLong.of(Long.parseLong(number.text()))
                        : OptionalLong.empty(),
                Checksum.of(digits));
    }
}
