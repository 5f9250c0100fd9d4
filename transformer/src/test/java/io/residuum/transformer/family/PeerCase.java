package io.residuum.transformer.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.model.Network;
import io.residuum.testing.Tensors;
import io.residuum.weights.Safetensors;
import io.residuum.weights.TensorType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * A peer's random weights, input and output, as a folder below the one that the environment
 * variable {@code RESIDUUM_PARITY} names.
 */
final class PeerCase {

    /**
     * Where one of our parameters comes from.
     *
     * @param ours its path; {@code #} stands for the number of a block
     * @param transposed whether the peer's matrices are {@code (in, out)}
     * @param theirs one name, or several that lie on top of each other
     */
    record Row(String ours, boolean transposed, List<String> theirs) {
        static Row of(String ours, String... theirs) {
            return new Row(ours, false, List.of(theirs));
        }

        static Row transposed(String ours, String theirs) {
            return new Row(ours, true, List.of(theirs));
        }

        private Row at(int block) {
            String i = Integer.toString(block);
            return new Row(
                    ours.replace("#", i),
                    transposed,
                    theirs.stream().map(name -> name.replace("#", i)).toList());
        }
    }

    private final Path folder;

    private PeerCase(Path folder) {
        this.folder = folder;
    }

    static PeerCase require(String name) {
        String root = System.getenv("RESIDUUM_PARITY");
        Assumptions.assumeTrue(root != null, "RESIDUUM_PARITY names no folder of peers' outputs");
        Path folder = Path.of(root, name);
        Assumptions.assumeTrue(Files.isDirectory(folder), folder + " is not there");
        return new PeerCase(folder);
    }

    /** Fills every parameter of the network; a name too many or too few on a side is an error. */
    void fill(Network network, int depth, List<Row> table) {
        List<Row> rows = new ArrayList<>();
        for (Row row : table) {
            for (int i = 0; i < (row.ours().contains("#") ? depth : 1); i++) {
                rows.add(row.at(i));
            }
        }
        Map<String, Parameter> parameters = network.parameters();
        try (Safetensors weights = Safetensors.open(folder.resolve("weights.safetensors"))) {
            long names = rows.stream().mapToLong(r -> r.theirs().size()).sum();
            if (rows.size() != parameters.size() || names != weights.names().size()) {
                throw new AssertionError(
                        rows.size() + " rows, " + parameters.keySet() + ", " + weights.names());
            }
            rows.forEach(row -> fill(parameters.get(row.ours()), row, weights));
        }
    }

    private static void fill(Parameter parameter, Row row, Safetensors weights) {
        NDArray array = parameter.getArray();
        float[] values = new float[Math.toIntExact(array.size())];
        int at = 0;
        for (String name : row.theirs()) {
            float[] part = weights.floats(name);
            long[] dims = weights.info(name).dimensions();
            if (row.transposed()) {
                part = transpose(part, (int) dims[0], (int) dims[1]);
            }
            System.arraycopy(part, 0, values, at, part.length);
            at += part.length;
        }
        if (at != values.length) {
            throw new AssertionError(row + ": " + at + " values for " + parameter.getShape());
        }
        array.set(values);
    }

    private static float[] transpose(float[] values, int rows, int columns) {
        float[] out = new float[values.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                out[c * rows + r] = values[r * columns + c];
            }
        }
        return out;
    }

    /** The input, and the mask riding along where there is one. */
    NDList input(NDManager manager) {
        NDList inputs = new NDList();
        try (Safetensors file = Safetensors.open(folder.resolve("input.safetensors"))) {
            for (String name : List.of("input", "mask")) {
                if (!file.names().contains(name)) {
                    continue;
                }
                Shape shape = new Shape(file.info(name).dimensions());
                NDArray array =
                        file.info(name).type() == TensorType.I64
                                ? manager.create(file.longs(name), shape)
                                : manager.create(file.floats(name), shape);
                array.setName(name);
                inputs.add(array);
            }
        }
        return inputs;
    }

    /** The largest difference from the peer's output, by its largest value. */
    double error(NDArray output) {
        try (Safetensors file = Safetensors.open(folder.resolve("output.safetensors"))) {
            float[] expected = file.floats("output");
            double[] actual = Tensors.values(output);
            if (expected.length != actual.length) {
                throw new AssertionError(expected.length + " values, found " + actual.length);
            }
            double worst = 0;
            double largest = 0;
            for (int i = 0; i < expected.length; i++) {
                double difference = Math.abs(expected[i] - actual[i]);
                worst = difference <= worst ? worst : difference; // keeps a NaN
                largest = Math.max(largest, Math.abs(expected[i]));
            }
            return worst / largest;
        }
    }
}
