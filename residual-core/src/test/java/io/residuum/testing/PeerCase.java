package io.residuum.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.Safetensors;
import io.residuum.weights.TensorInfo;
import io.residuum.weights.TensorType;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.Export;
import io.residuum.weights.dialect.ImportOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.provider.Arguments;

/**
 * A network of another library, written by {@code docs/parity/peer.py}: a folder with a
 * description, weights, an input and the library's outputs.
 *
 * @param folder the folder
 */
public record PeerCase(Path folder) {
    private static final double TOLERANCE = 1e-4;

    /** Classes of transformers whose output is logits of tokens. */
    private static final Pattern TOKENS =
            Pattern.compile(
                    "\"\\w+(CausalLM|LMHeadModel|MaskedLM|PreTraining|ConditionalGeneration|MTModel)\"");

    private static final String ONE_EXPERT = "deepseek-v4/weights.safetensors";

    /**
     * The cases in the resources of a test.
     *
     * @param test the test
     * @param name the name of the folder of folders
     * @return in the order of their names
     * @throws IOException if they cannot be listed
     * @throws URISyntaxException never
     */
    public static List<PeerCase> beside(Class<?> test, String name)
            throws IOException, URISyntaxException {
        Path all = Path.of(Objects.requireNonNull(test.getResource(name)).toURI());
        try (Stream<Path> folders = Files.list(all)) {
            return folders.sorted().map(PeerCase::new).toList();
        }
    }

    /**
     * The cases in the resources of a test that have a file.
     *
     * @param test the test
     * @param name the name of the folder of folders
     * @param file the name of the file
     * @param count the number of such cases, so that none is lost
     * @return each case with each engine
     * @throws IOException if they cannot be listed
     * @throws URISyntaxException never
     */
    public static Stream<Arguments> with(Class<?> test, String name, String file, int count)
            throws IOException, URISyntaxException {
        List<PeerCase> cases =
                beside(test, name).stream()
                        .filter(peer -> Files.exists(peer.folder().resolve(file)))
                        .toList();
        assertEquals(count, cases.size());
        return Engines.with(cases);
    }

    /** Reads the rows of a matrix of whole numbers. */
    public static List<List<Integer>> rows(Safetensors file, String name) {
        long[] values = file.longs(name);
        int width = Math.toIntExact(file.info(name).dimensions()[1]);
        return IntStream.range(0, values.length / width)
                .mapToObj(
                        row ->
                                IntStream.range(row * width, (row + 1) * width)
                                        .mapToObj(i -> (int) values[i])
                                        .toList())
                .toList();
    }

    /**
     * Checks that the network has the library's outputs from the library's weights, operation by
     * operation and as a program, and writes the weights back under the library's names.
     *
     * @param engine the engine
     * @param description the file in the folder that describes the network
     * @param dialect the name of the dialect
     * @param scratch a folder for a file
     */
    public void requireParity(
            EngineChoice engine, String description, String dialect, Path scratch) {
        requireParity(engine, description, dialect, scratch, TOLERANCE);
    }

    /**
     * Checks the same with another tolerance.
     *
     * @param engine the engine
     * @param description the file in the folder that describes the network
     * @param dialect the name of the dialect
     * @param scratch a folder for a file
     * @param tolerance the largest difference, as a share of the largest value
     */
    public void requireParity(
            EngineChoice engine,
            String description,
            String dialect,
            Path scratch,
            double tolerance) {
        ModelSpec spec = ModelSource.of(folder.resolve(description)).spec();
        requireParity(engine, spec, ImportOptions.standard(), dialect, scratch, tolerance);
    }

    /**
     * Checks the same for a network and a table of names outside the folder.
     *
     * @param engine the engine
     * @param spec the network
     * @param names the table
     * @param scratch a folder for a file
     */
    public void requireParity(EngineChoice engine, Path spec, Path names, Path scratch) {
        ImportOptions options = ImportOptions.standard().withDialects(Dialects.read(names));
        ModelSpec network = ModelSource.of(spec).spec();
        requireParity(engine, network, options, network.name(), scratch, TOLERANCE);
    }

    private void requireParity(
            EngineChoice engine,
            ModelSpec spec,
            ImportOptions options,
            String dialect,
            Path scratch,
            double tolerance) {
        Path weights = folder.resolve("weights.safetensors");
        try (Network network = Network.create(spec, Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            Dialect found = network.loadWeights(weights, options).dialect();
            assertEquals(dialect, found.name());
            NDList input = input(manager);
            requireOutputs(network, input, tolerance, "");
            requireSame(weights, exported(network, found, scratch));
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
            requireOutputs(network, input, tolerance, " of the program");
        }
    }

    /** The output, a feature, or after a colon one of several outputs. */
    private void requireOutputs(Network network, NDList input, double tolerance, String what) {
        try (Safetensors outputs = Safetensors.open(folder.resolve("outputs.safetensors"))) {
            for (String name : outputs.names()) {
                NDArray found;
                if (name.equals("output")) {
                    found = network.predict(input);
                } else if (name.startsWith(":")) {
                    found = network.predictAll(input).get(name.substring(1));
                } else {
                    found = network.features(input, List.of(name)).get(name);
                }
                assertTrue(error(outputs, name, found) < tolerance, name + what);
            }
        }
    }

    private static Path exported(Network network, Dialect dialect, Path scratch) {
        Path file = scratch.resolve("exported.safetensors");
        Export.of(
                        dialect,
                        network.block(),
                        path -> Values.floats(network.state().get(path).getArray()))
                .write(file);
        return file;
    }

    /**
     * Requires that a written file has all names that were read, and no others except second names
     * of tied tensors.
     */
    private void requireSame(Path before, Path after) {
        try (Safetensors read = Safetensors.open(before);
                Safetensors written = Safetensors.open(after)) {
            Set<String> others = new TreeSet<>(written.names());
            others.removeAll(read.names());
            boolean tokens = predictsTokens();
            others.removeIf(
                    name ->
                            (tokens || name.contains("embed_tokens"))
                                    && isCopy(name, written, read));
            // DINOv2 has it unless use_mask_token is false, which no published model sets.
            others.removeIf(name -> name.endsWith("embeddings.mask_token"));
            assertEquals(Set.of(), others, "tensors that the library does not have");
            for (String name : read.names()) {
                boolean router = name.contains(".mlp.gate.") && before.endsWith(ONE_EXPERT);
                if (name.endsWith(".num_batches_tracked") || router) {
                    // Counters, and routers without a choice.
                    continue;
                }
                assertEquals(read.info(name).shape(), written.info(name).shape(), name);
                if (read.info(name).type() == TensorType.I64) {
                    assertArrayEquals(read.longs(name), written.longs(name), name);
                } else if (name.endsWith("attn.relative_coords_table")) {
                    assertArrayEquals(read.floats(name), written.floats(name), 1e-6f, name);
                } else if (name.matches("features.*attn[.]qkv[.]bias") && isCosine(read, name)) {
                    float[] expected = read.floats(name);
                    int width = expected.length / 3;
                    // torchvision's Swin V2 overwrites the bias of keys by zeros.
                    Arrays.fill(expected, width, 2 * width, 0);
                    assertArrayEquals(expected, written.floats(name), 0, name);
                } else if (!name.endsWith(".mask_token")) {
                    // Tokens of pretraining are zeros.
                    assertArrayEquals(read.floats(name), written.floats(name), 0, name);
                }
            }
        }
    }

    /** Returns true for a network whose head may be tied to its embedding. */
    private boolean predictsTokens() {
        Path config = folder.resolve("config.json");
        try {
            return !Files.exists(config) || TOKENS.matcher(Files.readString(config)).find();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isCopy(String name, Safetensors written, Safetensors read) {
        float[] values = written.floats(name);
        return read.names().stream()
                .filter(other -> read.info(other).shape().equals(written.info(name).shape()))
                .anyMatch(other -> Arrays.equals(values, read.floats(other)));
    }

    private static boolean isCosine(Safetensors read, String bias) {
        return read.names().contains(bias.replace("qkv.bias", "logit_scale"));
    }

    /** The input and the side inputs. */
    private NDList input(NDManager manager) {
        NDList inputs = new NDList();
        try (Safetensors file = Safetensors.open(folder.resolve("input.safetensors"))) {
            List<String> names = new ArrayList<>(List.of("input"));
            file.names().stream().filter(name -> !name.equals("input")).forEach(names::add);
            for (String name : names) {
                TensorInfo info = file.info(name);
                Shape shape = new Shape(info.dimensions());
                NDArray array =
                        info.type() == TensorType.I64
                                ? manager.create(file.longs(name), shape)
                                : manager.create(file.floats(name), shape);
                array.setName(name);
                inputs.add(array);
            }
        }
        return inputs;
    }

    /** The largest difference, by the largest value. */
    private static double error(Safetensors outputs, String name, NDArray found) {
        assertEquals(new Shape(outputs.info(name).dimensions()), found.getShape(), name);
        float[] expected = outputs.floats(name);
        float[] actual = Values.floats(found);
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - actual[i]);
            worst = difference <= worst ? worst : difference; // keeps a NaN
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }

    @Override
    public String toString() {
        return folder.getFileName().toString();
    }
}
