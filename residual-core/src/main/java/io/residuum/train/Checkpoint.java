package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The complete state of training in one safetensors file: weights, optimizer state, moving average,
 * and metadata with spec, recipe and progress. Random numbers need no state, because everything
 * random is derived from the seed and the epoch's number.
 *
 * @param spec the network
 * @param recipe the recipe
 * @param state the progress
 */
record Checkpoint(ModelSpec spec, Recipe recipe, State state) {
    private static final String SPEC = "residuum.spec";
    private static final String RECIPE = "residuum.recipe";
    private static final String STATE = "residuum.training";
    private static final String MODEL = "model.";

    /**
     * The progress at the end of an epoch.
     *
     * @param epoch the number of epochs done
     * @param updates the number of updates done
     * @param bestEpoch the epoch with the best network, 0 for none
     * @param best the score of that network, null for none
     */
    record State(int epoch, long updates, int bestEpoch, @Nullable Score best) {
        static final State START = new State(0, 0, 0, null);

        State {
            Check.notNegative("epoch", epoch);
            Check.notNegative("updates", updates);
            Check.that(
                    bestEpoch >= 0 && bestEpoch <= epoch,
                    "bestEpoch must be in [0, %s], got %s",
                    epoch,
                    bestEpoch);
        }
    }

    /** Writes a checkpoint atomically: an existing file is replaced or stays as it was. */
    void write(Path file, Network network, TrainingStep step) {
        // Writes every default, so that a later version with other defaults still resumes the run.
        SafetensorsWriter writer =
                new SafetensorsWriter()
                        .metadata(SPEC, SpecJson.standard().writeAll(spec))
                        .metadata(RECIPE, SpecJson.standard().writeAll(recipe))
                        .metadata(STATE, SpecJson.standard().compact(state));
        arrays(network, step)
                .forEach(
                        (name, array) ->
                                writer.add(
                                        name,
                                        TensorType.F32,
                                        array.getShape().getShape(),
                                        array::toFloatArray));
        writer.write(file);
    }

    /** Reads the metadata; throws WeightsException if the file is no checkpoint. */
    static Checkpoint read(Path file) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return new Checkpoint(
                    metadata(file, tensors, SPEC, ModelSpec.class),
                    metadata(file, tensors, RECIPE, Recipe.class),
                    metadata(file, tensors, STATE, State.class));
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
        if (!tensors.names().equals(arrays.keySet())) {
            throw WeightsException.in(
                    file,
                    ("the checkpoint must hold the %d arrays of network and optimizer, found %d,"
                                    + " some with other names")
                            .formatted(arrays.size(), tensors.names().size()));
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
