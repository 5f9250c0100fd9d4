package io.residuum.inspect;

import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** Sets the running statistics of norms to those of one batch. */
final class RunningStatistics {
    private RunningStatistics() {}

    /** Sets them by passes of a subject whose norms use the statistics of the batch. */
    static void set(Subject subject, Batch batch) {
        Network network = subject.network();
        Map<String, Supplier<float[]>> zeros = new HashMap<>();
        network.buffers().forEach((p, b) -> zeros.put(p, () -> new float[size(b)]));
        network.loadValues(zeros);
        // From running = 0, one pass gives m s, and the next (2 - m) m s, for momentum m.
        Map<String, float[]> once = observed(subject, batch);
        Map<String, float[]> twice = observed(subject, batch);
        Map<String, Supplier<float[]>> fitted = new HashMap<>();
        once.forEach(
                (path, v) ->
                        fitted.put(
                                path, () -> converged(v, Objects.requireNonNull(twice.get(path)))));
        network.loadValues(fitted);
    }

    private static int size(Parameter buffer) {
        return Math.toIntExact(buffer.getShape().size());
    }

    private static Map<String, float[]> observed(Subject subject, Batch batch) {
        Network network = subject.network();
        try (Ops.Pause pause = network.backend().ops().pauseRecording()) {
            subject.observe(batch, (layer, outputs) -> {});
        }
        Map<String, float[]> values = new HashMap<>();
        network.buffers().forEach((path, b) -> values.put(path, Values.floats(b.getArray())));
        return values;
    }

    private static float[] converged(float[] once, float[] twice) {
        float[] values = new float[once.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = once[i] == 0 ? 0 : (float) (once[i] / (2 - (double) twice[i] / once[i]));
        }
        return values;
    }
}
