package io.residuum.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of a NumPy file: float32, float64 or int64, little-endian, in C order, of format version
 * 1 or 2.
 *
 * @param shape its dimensions
 * @param values its elements, as doubles, which hold float32 exactly
 */
public record Npy(int[] shape, double[] values) {
    private static final Pattern HEADER =
            Pattern.compile(
                    "\\{'descr': '<(f4|f8|i8)', 'fortran_order': False,"
                            + " 'shape': \\(([0-9, ]*)\\), \\}\\s*");

    /**
     * Reads a file.
     *
     * @param file a {@code .npy} file
     * @return its array
     */
    public static Npy read(Path file) {
        try {
            return parse(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Npy parse(ByteBuffer in) {
        in.position(6); // the magic string
        int version = in.getShort();
        byte[] header = new byte[version == 1 ? in.getShort() & 0xffff : in.getInt()];
        in.get(header);
        Matcher fields = HEADER.matcher(new String(header, StandardCharsets.ISO_8859_1));
        if (!fields.matches()) {
            throw new IllegalArgumentException(
                    "unsupported npy: " + new String(header, StandardCharsets.ISO_8859_1));
        }
        int[] shape =
                Arrays.stream(fields.group(2).split("[, ]+"))
                        .filter(dimension -> !dimension.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();
        double[] values = new double[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (fields.group(1)) {
                        case "f4" -> in.getFloat();
                        case "f8" -> in.getDouble();
                        default -> in.getLong();
                    };
        }
        return new Npy(shape, values);
    }

    /**
     * Returns the elements as floats.
     *
     * @return a new array
     */
    public float[] floats() {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
