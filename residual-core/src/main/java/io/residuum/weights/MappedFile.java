package io.residuum.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of any length, mapped read-only.
 *
 * <p>A buffer ends at 2 GiB, so there is a window at every GiB that also covers the GiB after it:
 * any range of up to a GiB lies within one window. Windows cost addresses, not memory. The file is
 * mapped once, when it is opened: no descriptor stays open, and an interrupt of one reading thread
 * cannot close a channel under the others.
 */
final class MappedFile {
    /** The longest slice. */
    static final int MAX_SLICE = 1 << 30;

    private final long size;
    private final List<MappedByteBuffer> windows;

    private MappedFile(long size, List<MappedByteBuffer> windows) {
        this.size = size;
        this.windows = windows;
    }

    static MappedFile open(Path file) {
        // Opening a pipe would wait for its other end.
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw WeightsException.in(file, "must be a regular file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            List<MappedByteBuffer> windows = new ArrayList<>();
            for (long start = 0; start < size; start += MAX_SLICE) {
                long length = Math.min(size - start, Integer.MAX_VALUE);
                windows.add(channel.map(MapMode.READ_ONLY, start, length));
            }
            return new MappedFile(size, List.copyOf(windows));
        } catch (IOException e) {
            throw WeightsException.in(file, e);
        }
    }

    long size() {
        return size;
    }

    /** Returns {@code length} bytes, at most {@link #MAX_SLICE}, as a little-endian buffer. */
    ByteBuffer slice(long offset, int length) {
        if (length == 0) {
            return ByteBuffer.allocate(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        MappedByteBuffer window = windows.get(Math.toIntExact(offset / MAX_SLICE));
        return window.slice((int) (offset % MAX_SLICE), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Copies {@code length} bytes to {@code at} of {@code out}, without a buffer in between. */
    void copy(long offset, ByteBuffer out, int at, int length) {
        MappedByteBuffer window = windows.get(Math.toIntExact(offset / MAX_SLICE));
        out.put(at, window, (int) (offset % MAX_SLICE), length);
    }
}
