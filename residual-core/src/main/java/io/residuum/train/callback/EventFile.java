package io.residuum.train.callback;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residuum.files.FileErrors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * A file of events as TensorBoard reads them: records of TensorFlow, each of which is a message
 * {@code tensorflow.Event} of Protocol Buffers. Readers accept a file that still grows, and ignore
 * an incomplete record at its end.
 */
record EventFile(Path path, FileChannel channel) implements AutoCloseable {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;
    private static final int CRC_OFFSET = 0xa282ead8;

    /** Creates a file with a new name in a folder. */
    static EventFile create(Path folder) {
        long seconds = System.currentTimeMillis() / 1000;
        long process = ProcessHandle.current().pid();
        for (int number = 0; ; number++) {
            Path path =
                    folder.resolve(
                            "events.out.tfevents.%010d.residuum.%d.%d"
                                    .formatted(seconds, process, number));
            try {
                EventFile file =
                        new EventFile(
                                path,
                                FileChannel.open(
                                        path,
                                        StandardOpenOption.CREATE_NEW,
                                        StandardOpenOption.WRITE));
                file.event(new Message().text(3, "brain.Event:2"));
                return file;
            } catch (FileAlreadyExistsException e) {
                // Another run of this second: try the next number.
            } catch (IOException e) {
                throw new UncheckedIOException(
                        path + ": cannot be written: " + FileErrors.reason(e), e);
            }
        }
    }

    /** Marks the step at which a process continues, so that readers drop later steps of others. */
    void restartAt(long step) {
        event(new Message().number(2, step).message(7, new Message().number(1, 1)));
    }

    /** Adds one value for each name. */
    void scalars(long step, Map<String, Double> values) {
        Message summary = new Message();
        values.forEach(
                (tag, value) ->
                        summary.message(1, new Message().text(1, tag).real(2, value.floatValue())));
        event(new Message().number(2, step).message(5, summary));
    }

    private void event(Message event) {
        byte[] data = event.time(1, System.currentTimeMillis() / 1000.0).bytes();
        ByteBuffer length = buffer(Long.BYTES).putLong(0, data.length);
        ByteBuffer record =
                buffer(data.length + Long.BYTES + 2 * Integer.BYTES)
                        .put(length.duplicate())
                        .putInt(masked(length.array()))
                        .put(data)
                        .putInt(masked(data))
                        .flip();
        try {
            while (record.hasRemaining()) {
                channel.write(record);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    path + ": cannot be written: " + FileErrors.reason(e), e);
        }
    }

    /** {@return a checksum that stays useful for data which contain checksums} */
    private static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return Integer.rotateRight((int) crc.getValue(), 15) + CRC_OFFSET;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A message of Protocol Buffers: fields by number. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(int field, long value) {
            key(field, VARINT);
            varint(value);
            return this;
        }

        Message time(int field, double value) {
            key(field, FIXED64);
            out.writeBytes(buffer(Double.BYTES).putDouble(value).array());
            return this;
        }

        Message real(int field, float value) {
            key(field, FIXED32);
            out.writeBytes(buffer(Float.BYTES).putFloat(value).array());
            return this;
        }

        Message text(int field, String value) {
            return bytes(field, value.getBytes(UTF_8));
        }

        Message message(int field, Message value) {
            return bytes(field, value.bytes());
        }

        private Message bytes(int field, byte[] value) {
            key(field, BYTES);
            varint(value.length);
            out.writeBytes(value);
            return this;
        }

        private void key(int field, int wire) {
            varint(field << 3 | wire);
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) (rest & 0x7F | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be closed: " + FileErrors.reason(e), e);
        }
    }
}
