package io.residuum.weights;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What reading a file may allocate: its length and a constant, whatever it claims to hold.
 *
 * <p>Readers charge before they allocate, an estimate that is rather too high. Files of real models
 * stay far below, as they are mapped and not read.
 */
final class MemoryBudget {
    /** What a file may cost beyond its own length, in bytes. */
    static final long CONSTANT = 64L << 20;

    /** A small object and the places that refer to it, in bytes. */
    static final int OBJECT = 64;

    private final Path file;
    private final long limit;
    private long left;

    MemoryBudget(Path file, long fileSize) {
        this.file = file;
        this.limit = fileSize + CONSTANT;
        this.left = limit;
    }

    void charge(long bytes) {
        left -= bytes;
        if (left < 0) {
            throw WeightsException.in(
                    file,
                    "what stands beside the tensors must fit %d bytes of memory, found more"
                                    .formatted(limit)
                            + "; keep weights in a file of their own");
        }
    }

    /** Reads JSON, and charges for its values. */
    Json read(ByteBuffer json) {
        try {
            return JsonReader.read(json, file.toString(), this::charge);
        } catch (JsonException e) {
            throw new WeightsException(file + ": JSON, line " + e.detail(), e);
        }
    }
}
