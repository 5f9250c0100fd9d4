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
 * All that training needs to go on as if it had never stopped, in one safetensors file: weights,
 * optimizer state, average, and in the metadata where it was and what was being trained how. Random
 * numbers need no state: everything random is drawn from the seed and the number of the epoch.
 *
 * @param spec the network
 * @param recipe how it is trained
 * @param state where training was
 */
record Checkpoint(ModelSpec spec, Recipe recipe, State state) {
    private static final String SPEC = "residuum.spec";
    private static final String RECIPE = "residuum.recipe";
    private static final String STATE = "residuum.training";
    private static final String MODEL = "model.";

    /**
     * Where training was, at the end of an epoch.
     *
     * @param epoch epochs done
     * @param updates updates done
     * @param bestEpoch the epoch with the best network, 0 for none
     * @param best its score, null for none
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

    /**
     * Writes a checkpoint in one step: a file that was there before is replaced or stays as it was.
     */
    void write(Path file, Network network, TrainingStep step) {
        // Every default is written, so that a later version with other defaults still goes on with
        // these.
        SafetensorsWriter writer =
                new SafetensorsWriter()
                        .metadata(SPEC, SpecJson.standard().writeAll(spec))
                        .metadata(RECIPE, SpecJson.standard().writeAll(recipe))
                        .metadata(STATE, SpecJson.standard().compact(state));
        live(network, step)
                .forEach(
                        (name, array) ->
                                writer.add(
                                        name,
                                        TensorType.F32,
                                        array.getShape().getShape(),
                                        array::toFloatArray));
        writer.write(file);
    }

    /**
     * Reads what a checkpoint is about, without its arrays.
     *
     * @throws WeightsException if the file is no checkpoint
     */
    static Checkpoint read(Path file) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return new Checkpoint(
                    part(file, tensors, SPEC, ModelSpec.class),
                    part(file, tensors, RECIPE, Recipe.class),
                    part(file, tensors, STATE, State.class));
        }
    }

    private static <T> T part(Path file, Safetensors tensors, String key, Class<T> type) {
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
     * Puts the arrays of a checkpoint back.
     *
     * @throws WeightsException if it does not hold exactly these arrays; nothing is changed then
     */
    void restore(Path file, Network network, TrainingStep step) {
        Map<String, NDArray> live = live(network, step);
        try (Safetensors tensors = Safetensors.open(file);
                NDManager scratch = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            requireSame(file, tensors, live);
            live.forEach(
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

    private static void requireSame(Path file, Safetensors tensors, Map<String, NDArray> live) {
        if (!tensors.names().equals(live.keySet())) {
            throw WeightsException.in(
                    file,
                    "a checkpoint of this training must hold %d arrays, found %d, or others"
                            .formatted(live.size(), tensors.names().size()));
        }
        live.forEach(
                (name, array) -> {
                    List<Long> found = tensors.info(name).shape();
                    long[] dims = found.stream().mapToLong(Long::longValue).toArray();
                    if (!new Shape(dims).equals(array.getShape())) {
                        throw WeightsException.in(
                                file,
                                "%s must be of shape %s, found %s"
                                        .formatted(name, array.getShape(), found));
                    }
                });
    }

    private static Map<String, NDArray> live(Network network, TrainingStep step) {
        Map<String, NDArray> live = new LinkedHashMap<>();
        network.state().forEach((path, p) -> live.put(MODEL + path, p.getArray()));
        live.putAll(step.state());
        return live;
    }
}
