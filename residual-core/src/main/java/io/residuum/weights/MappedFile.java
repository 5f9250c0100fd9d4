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
 * <p>A Java buffer ends at 2 GiB. A window therefore begins at every GiB and also covers the next
 * one, so that one window holds any range of up to 1 GiB. Windows cost addresses, not memory. The
 * file is mapped when it is opened. No descriptor stays open, and interrupting one reading thread
 * cannot close a channel for the others.
 */
public final class MappedFile {
    /** The longest slice, in bytes. */
    public static final int MAX_SLICE = 1 << 30;

    private final long size;
    private final List<MappedByteBuffer> windows;

    private MappedFile(long size, List<MappedByteBuffer> windows) {
        this.size = size;
        this.windows = windows;
    }

    /**
     * {@return a file, mapped into memory}
     *
     * @param file a regular file, which must not become shorter while it is in use
     * @throws WeightsException if it cannot be mapped
     */
    public static MappedFile open(Path file) {
        // Opening a pipe would wait for a writer.
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

    /** {@return the length of the file when it was opened, in bytes} */
    public long size() {
        return size;
    }

    /**
     * {@return a read-only, little-endian buffer of a part of the file}
     *
     * @param offset the first byte, inside the file
     * @param length the number of bytes, at most {@link #MAX_SLICE}
     */
    public ByteBuffer slice(long offset, int length) {
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
