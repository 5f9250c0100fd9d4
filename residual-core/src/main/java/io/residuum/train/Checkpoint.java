package io.residuum.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.callback.CallbackState;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The complete state of training in one safetensors file: weights, optimizer state, moving average,
 * and metadata with spec, recipe, data and progress. Random numbers need no state, because
 * everything random is derived from the seed and the epoch's number. The last tensor is a checksum.
 *
 * @param spec the network
 * @param recipe the recipe
 * @param data the {@link Task#fingerprint} of the data, null for none
 * @param threads the threads of the engine, 0 if they do not matter or an earlier version wrote the
 *     checkpoint
 * @param state the progress
 */
record Checkpoint(ModelSpec spec, Recipe recipe, @Nullable String data, int threads, State state) {
    private static final String SPEC = "residuum.spec";
    private static final String RECIPE = "residuum.recipe";
    private static final String STATE = "residuum.training";
    private static final String DATA = "residuum.data";
    private static final String THREADS = "residuum.threads";
    private static final String CHECKSUM = "residuum.checksum";
    private static final String MODEL = "model.";
    private static final int CHUNK = 1 << 24;

    /**
     * The progress at the end of an epoch.
     *
     * @param epoch the number of epochs done
     * @param updates the number of updates done
     * @param bestEpoch the epoch with the best network, 0 for none
     * @param best the score of that network, null for none
     * @param callbacks the state of the callbacks. Default: none
     */
    record State(
            int epoch,
            long updates,
            int bestEpoch,
            @Nullable Score best,
            @Default("{}") CallbackState callbacks) {
        static final State START = new State(0, 0, 0, null, CallbackState.START);

        State {
            Check.notNegative("epoch", epoch);
            Check.notNegative("updates", updates);
            Check.that(
                    bestEpoch >= 0 && bestEpoch <= epoch,
                    "bestEpoch must be in [0, %s], got %s",
                    epoch,
                    bestEpoch);
        }

        /** {@return true if the run has nothing left to train} */
        boolean isFinished(Recipe recipe) {
            return epoch == recipe.epochs() || callbacks.stopped() != null;
        }
    }

    /** Writes a checkpoint atomically, and keeps the existing one as {@code previous}. */
    void write(Path file, Path previous, Network network, TrainingStep step) {
        // Writes every default, so that a later version with other defaults still resumes the run.
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(SPEC, SpecJson.standard().writeAll(spec));
        metadata.put(RECIPE, SpecJson.standard().writeAll(recipe));
        if (data != null) {
            metadata.put(DATA, data);
        }
        if (threads > 0) {
            metadata.put(THREADS, Integer.toString(threads));
        }
        metadata.put(STATE, SpecJson.standard().compact(state));
        SafetensorsWriter writer = new SafetensorsWriter();
        metadata.forEach(writer::metadata);
        CRC32C sum = begin(metadata);
        arrays(network, step)
                .forEach(
                        (name, array) ->
                                writer.add(
                                        name,
                                        TensorType.F32,
                                        array.getShape().getShape(),
                                        () -> summed(sum, name, array.toFloatArray())));
        // Suppliers are called in order, so that the sum is complete when the last one is.
        writer.addLongs(CHECKSUM, TensorType.I64, new long[] {1}, () -> new long[] {sum.getValue()})
                .writeKeeping(file, previous);
    }

    private static CRC32C begin(Map<String, String> metadata) {
        CRC32C sum = new CRC32C();
        metadata.forEach((key, value) -> sum.update((key + "=" + value + "\n").getBytes(UTF_8)));
        return sum;
    }

    private static float[] summed(CRC32C sum, String name, float[] values) {
        sum.update(name.getBytes(UTF_8));
        int chunk = Math.min(values.length, CHUNK);
        ByteBuffer bytes = ByteBuffer.allocate(chunk * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < values.length; at += chunk) {
            int count = Math.min(chunk, values.length - at);
            bytes.asFloatBuffer().put(values, at, count);
            sum.update(bytes.array(), 0, count * Float.BYTES);
        }
        return values;
    }

    /**
     * Reads the metadata and compares the checksum.
     *
     * @throws WeightsException if the file is no checkpoint or is damaged
     */
    static Checkpoint read(Path file) {
        try (Safetensors tensors = Safetensors.open(file)) {
            Checkpoint checkpoint =
                    new Checkpoint(
                            metadata(file, tensors, SPEC, ModelSpec.class),
                            metadata(file, tensors, RECIPE, Recipe.class),
                            tensors.metadata().get(DATA),
                            threads(tensors),
                            metadata(file, tensors, STATE, State.class));
            requireChecksum(file, tensors);
            return checkpoint;
        }
    }

    /** {@return the {@link #threads} of a checkpoint, which is not read any further} */
    static int threads(Path file) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return threads(tensors);
        }
    }

    private static int threads(Safetensors tensors) {
        String text = tensors.metadata().getOrDefault(THREADS, "");
        return text.matches("[1-9]\\d{0,3}") ? Integer.parseInt(text) : 0;
    }

    private static void requireChecksum(Path file, Safetensors tensors) {
        if (!tensors.names().contains(CHECKSUM)) {
            return; // of an earlier version
        }
        CRC32C sum = begin(tensors.metadata());
        for (String name : tensors.names()) {
            if (!name.equals(CHECKSUM)) {
                sum.update(name.getBytes(UTF_8));
                long size = tensors.info(name).bytes();
                for (long at = 0; at < size; at += CHUNK) {
                    sum.update(tensors.bytes(name, at, (int) Math.min(CHUNK, size - at)));
                }
            }
        }
        long[] stored = tensors.longs(CHECKSUM);
        if (stored.length != 1 || stored[0] != sum.getValue()) {
            throw WeightsException.in(
                    file,
                    "the file is damaged: its checksum must be %s, found %d"
                            .formatted(Arrays.toString(stored), sum.getValue()));
        }
    }

    private static <T> T metadata(Path file, Safetensors tensors, String key, Class<T> type) {
        String json = tensors.metadata().get(key);
        if (json == null) {
            throw WeightsException.in(
                    file,
                    "a checkpoint must have the metadata \"%s\", found %s"
                            .formatted(key, tensors.metadata().keySet()));
        }
        return SpecJson.standard().parse(json, file + " (" + key + ")", type);
    }

    /**
     * Restores the arrays. If they are not exactly those of the checkpoint, throws WeightsException
     * and changes nothing.
     */
    void restore(Path file, Network network, TrainingStep step) {
        Map<String, NDArray> arrays = arrays(network, step);
        try (Safetensors tensors = Safetensors.open(file);
                NDManager scratch = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            requireSame(file, tensors, arrays);
            arrays.forEach(
                    (name, array) ->
                            Values.create(
                                            scratch,
                                            tensors.floats(name),
                                            array.getShape(),
                                            DataType.FLOAT32)
                                    .copyTo(array));
        }
        step.resumeAt(state.updates);
    }

    private static void requireSame(Path file, Safetensors tensors, Map<String, NDArray> arrays) {
        Set<String> names = new LinkedHashSet<>(tensors.names());
        names.remove(CHECKSUM);
        if (!names.equals(arrays.keySet())) {
            throw WeightsException.in(
                    file,
                    ("the checkpoint must hold the %d arrays of network and optimizer, found %d,"
                                    + " some with other names")
                            .formatted(arrays.size(), names.size()));
        }
        arrays.forEach(
                (name, array) -> {
                    List<Long> found = tensors.info(name).shape();
                    long[] dims = found.stream().mapToLong(Long::longValue).toArray();
                    if (!new Shape(dims).equals(array.getShape())) {
                        throw WeightsException.in(
                                file,
                                "%s must have the shape %s, found %s"
                                        .formatted(name, array.getShape(), found));
                    }
                });
    }

    private static Map<String, NDArray> arrays(Network network, TrainingStep step) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        network.state().forEach((path, p) -> arrays.put(MODEL + path, p.getArray()));
        arrays.putAll(step.state());
        return arrays;
    }
}
