package io.residuum.weights;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * The memory that reading a file may allocate: its length plus a constant, whatever sizes it
 * claims.
 *
 * <p>Readers charge a generous estimate before they allocate. Files of real models stay far below
 * the limit, because tensors are mapped, not read.
 */
final class MemoryBudget {
    /** The allowance beyond the length of the file, in bytes. */
    static final long CONSTANT = 64L << 20;

    /** The estimate for a small object and its references, in bytes. */
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
                    "data other than tensors must fit %d bytes of memory, found more; save the"
                                    .formatted(limit)
                            + " weights in a separate file");
        }
    }

    /** Reads JSON and charges for its values. */
    Json read(ByteBuffer json) {
        try {
            return JsonReader.read(json, file.toString(), this::charge);
        } catch (JsonException e) {
            throw new WeightsException(file + ": JSON, line " + e.detail(), e);
        }
    }
}
