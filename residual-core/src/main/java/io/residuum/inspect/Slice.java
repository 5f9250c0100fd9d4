package io.residuum.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.data.Seeds;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Moves the weights of a network along random directions, and restores them when it closes. Each
 * part of a direction has the norm of the filter that it is added to. Parameters of one axis,
 * biases and those of norms, stay.
 */
final class Slice implements AutoCloseable {
    /** Keeps filters of zeros finite, as the code of the paper does. */
    private static final double TINY = 1e-10;

    private final Network network;
    private final Ops ops;
    private final NDManager manager;
    private final List<Moved> all = new ArrayList<>();

    /** A parameter's array, its values before, and a direction for each axis of the slice. */
    private record Moved(NDArray weight, NDArray before, List<NDArray> directions) {}

    /** Draws directions. */
    Slice(Network network, int directions, long seed) {
        this.network = network;
        this.ops = network.backend().ops();
        this.manager = network.backend().newManager();
        Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        try (Ops.Pause pause = ops.pauseRecording()) {
            for (Parameter parameter : network.parameters().values()) {
                NDArray weight = parameter.getArray();
                // Tied layers share parameters.
                if (weight.getShape().dimension() > 1 && seen.add(parameter)) {
                    all.add(moved(weight, directions, seed));
                }
            }
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
        if (all.isEmpty()) {
            manager.close();
            throw new InspectionException(
                    "a surface needs weights of two or more axes, but "
                            + network.spec().name()
                            + " has none: use a network with linear or convolution layers");
        }
    }

    private Moved moved(NDArray weight, int directions, long seed) {
        Shape shape = weight.getShape();
        float[] values = Values.floats(weight);
        NDArray before = weight.duplicate();
        before.attach(manager);
        List<NDArray> drawn = new ArrayList<>();
        for (int d = 0; d < directions; d++) {
            float[] direction =
                    direction(values, (int) shape.get(0), Seeds.random(seed, d, all.size()));
            drawn.add(Values.create(manager, direction, shape, weight.getDataType()));
        }
        return new Moved(weight, before, drawn);
    }

    /** Returns normal numbers, scaled to the norm of each of the filters. */
    static float[] direction(float[] weights, int filters, SplittableRandom random) {
        float[] direction = new float[weights.length];
        int size = weights.length / filters;
        for (int f = 0; f < filters; f++) {
            double weight = 0;
            double drawn = 0;
            for (int i = f * size; i < (f + 1) * size; i++) {
                direction[i] = (float) random.nextGaussian();
                weight += (double) weights[i] * weights[i];
                drawn += (double) direction[i] * direction[i];
            }
            double scale = Math.sqrt(weight) / (Math.sqrt(drawn) + TINY);
            for (int i = f * size; i < (f + 1) * size; i++) {
                direction[i] = (float) (direction[i] * scale);
            }
        }
        return direction;
    }

    /** Sets the weights to their values before plus steps along the directions. */
    void move(double... steps) {
        try (NDManager scratch = network.backend().newManager();
                Ops.Pause pause = ops.pauseRecording()) {
            for (Moved moved : all) {
                NDArray place = moved.before;
                for (int d = 0; d < moved.directions.size(); d++) {
                    NDArray step = ops.mul(moved.directions.get(d), steps[d]);
                    step.attach(scratch);
                    place = step.add(place);
                }
                place.copyTo(moved.weight);
            }
        }
    }

    /** Restores the weights bit by bit. */
    @Override
    public void close() {
        try (Ops.Pause pause = ops.pauseRecording()) {
            all.forEach(moved -> moved.before.copyTo(moved.weight));
        }
        network.parametersChanged();
        manager.close();
    }
}
