package io.residuum.train.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Tiny;
import io.residuum.train.Trainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read by a decoder that shares no code with the writer. */
class TensorBoardTest {
    private static final int POLYNOMIAL = 0x82f63b78; // of Castagnoli, reflected

    @TempDir private Path temp;

    /** The numbers of one event: its step, its values by tag, and the status of its session. */
    private record Event(long step, Map<String, Float> values, long session, String version) {}

    @Test
    void aRunAndItsResumedPartAreTwoFiles() throws IOException {
        Path folder = temp.resolve("run");
        Recipe recipe =
                Recipe.builder()
                        .epochs(2)
                        .batch(16)
                        .learningRate(0.05)
                        .callbacks(List.of(new TensorBoard(4)))
                        .build();
        List<Trainer> trainer = new ArrayList<>();
        ProgressListener stop =
                new ProgressListener() {
                    @Override
                    public void step(Progress progress) {
                        if (progress.epoch() == 2) {
                            trainer.get(0).requestStop();
                        }
                    }
                };
        try (Network network =
                Network.create(
                        Tiny.network().withClasses(8), Tiny.backend(EngineChoice.PYTORCH), 1)) {
            trainer.add(new Trainer(network, recipe, Tiny.stripes(), folder, stop));
            trainer.get(0).start();
            new Trainer(network, recipe, Tiny.stripes(), folder, ProgressListener.NONE).resume();
        }
        List<Path> files;
        try (var all = Files.list(folder)) {
            files = all.filter(f -> f.getFileName().toString().contains("tfevents")).toList();
        }
        assertEquals(2, files.size());
        List<Event> first = read(files.get(0));
        List<Event> second = read(files.get(1));
        if (first.stream().anyMatch(e -> e.session > 0)) {
            List<Event> swapped = first;
            first = second;
            second = swapped;
        }
        assertEquals("brain.Event:2", first.get(0).version);
        assertEquals("brain.Event:2", second.get(0).version);
        assertEquals(1, second.get(1).session, "readers drop the steps that are repeated");
        assertEquals(11, second.get(1).step);
        Metrics.Epoch last = null;
        for (Metrics line : new RunFolder(folder).readMetrics()) {
            last = line instanceof Metrics.Epoch epoch ? epoch : last;
        }
        Event end = second.get(second.size() - 1);
        assertEquals(20, end.step);
        assertEquals((float) last.trainLoss(), end.values.get("trainLoss"));
        assertEquals(last.validationAccuracy().floatValue(), end.values.get("validationAccuracy"));
        assertEquals(
                List.of(4L, 8L, 10L),
                first.stream().filter(e -> e.step > 0).map(Event::step).toList().subList(0, 3));
        assertTrue(first.get(1).values.get("learningRate") > 0.04, first.toString());
    }

    private static List<Event> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (in.hasRemaining()) {
            int start = in.position();
            int length = Math.toIntExact(in.getLong());
            requireSum(in, start, Long.BYTES);
            int data = in.position();
            in.position(data + length);
            requireSum(in, data, length);
            events.add(event(in.slice(data, length).order(ByteOrder.LITTLE_ENDIAN)));
        }
        return events;
    }

    private static void requireSum(ByteBuffer in, int from, int length) {
        int crc = -1;
        for (int i = from; i < from + length; i++) {
            crc ^= in.get(i) & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 1 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
            }
        }
        crc = ~crc;
        assertEquals((crc >>> 15 | crc << 17) + 0xa282ead8, in.getInt());
    }

    private static Event event(ByteBuffer in) {
        long step = 0;
        long session = 0;
        String version = "";
        Map<String, Float> values = new TreeMap<>();
        while (in.hasRemaining()) {
            switch ((int) varint(in)) {
                case 1 << 3 | 1 -> assertTrue(in.getDouble() > 1.6e9, "seconds since 1970");
                case 2 << 3 -> step = varint(in);
                case 3 << 3 | 2 -> version = text(in);
                case 5 << 3 | 2 -> summary(part(in), values);
                case 7 << 3 | 2 -> {
                    ByteBuffer log = part(in);
                    assertEquals(1 << 3, varint(log));
                    session = varint(log);
                }
                default -> throw new AssertionError("a field that Event does not have");
            }
        }
        return new Event(step, values, session, version);
    }

    private static void summary(ByteBuffer in, Map<String, Float> values) {
        while (in.hasRemaining()) {
            assertEquals(1 << 3 | 2, varint(in));
            ByteBuffer value = part(in);
            assertEquals(1 << 3 | 2, varint(value));
            String tag = text(value);
            assertEquals(2 << 3 | 5, varint(value));
            values.put(tag, value.getFloat());
        }
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[(int) varint(in)];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static ByteBuffer part(ByteBuffer in) {
        int length = (int) varint(in);
        ByteBuffer part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return part;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
