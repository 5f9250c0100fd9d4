package io.residuum.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor in a mapped file.
 *
 * @param file the file, which holds every element
 * @param info the name, type and shape
 * @param begin the position of its first element in the file, in bytes
 * @param order the byte order of an element
 * @param strides the distance of neighbours along each dimension, in elements; empty for row-major
 *     order without gaps
 */
record TensorView(MappedFile file, TensorInfo info, long begin, ByteOrder order, long... strides) {
    private static final int GATHERED_BYTES = 1 << 16;

    /** Receives elements in {@code in}; {@code at} is the index of the first. */
    interface Reader {
        void read(ByteBuffer in, int at);
    }

    boolean isContiguous() {
        return strides.length == 0;
    }

    /** {@return bytes of a contiguous tensor} */
    ByteBuffer slice(long offset, int length) {
        return file.slice(begin + offset, length).order(order);
    }

    /** Reads elements {@code first} to {@code first + count}, exclusive, without bounds checks. */
    void read(long first, int count, Reader reader) {
        if (isContiguous()) {
            readRun(first, count, reader);
        } else {
            gather(first, count, reader);
        }
    }

    private void readRun(long first, int count, Reader reader) {
        int width = info.type().bits() / 8;
        int perSlice = MappedFile.MAX_SLICE / width;
        for (long done = 0; done < count; done += perSlice) {
            int n = (int) Math.min(perSlice, count - done);
            reader.read(slice((first + done) * width, n * width), (int) done);
        }
    }

    private void gather(long first, int count, Reader reader) {
        int width = info.type().bits() / 8;
        long[] shape = info.dimensions();
        long[] index = index(first, shape);
        ByteBuffer gathered = ByteBuffer.allocate(Math.min(count, GATHERED_BYTES / 8) * width);
        gathered.order(order);
        for (int done = 0; done < count; ) {
            int n = Math.min(count - done, gathered.capacity() / width);
            for (int i = 0; i < n; i++) {
                file.copy(begin + offset(index) * width, gathered, i * width, width);
                advance(index, shape);
            }
            reader.read(gathered.slice(0, n * width).order(order), done);
            done += n;
        }
    }

    private static long[] index(long element, long[] shape) {
        long[] index = new long[shape.length];
        long left = element;
        for (int d = shape.length - 1; d >= 0 && left > 0; d--) {
            index[d] = left % shape[d];
            left /= shape[d];
        }
        return index;
    }

    private long offset(long[] index) {
        long offset = 0;
        for (int d = 0; d < index.length; d++) {
            offset += index[d] * strides[d];
        }
        return offset;
    }

    private static void advance(long[] index, long[] shape) {
        for (int d = index.length - 1; d >= 0; d--) {
            index[d]++;
            if (index[d] < shape[d]) {
                return;
            }
            index[d] = 0;
        }
    }
}
