package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.nn.Parameter;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;

/**
 * Trains on drawn images of four classes, and checks what any way to recompute activations must
 * keep.
 *
 * @param batch the images of a pass
 * @param size the height and width of an image
 */
record DrawnTraining(int batch, int size) {

    record Outcome(double[] losses, double[] state) {
        void assertSame(Outcome other, double tolerance) {
            assertArrayEquals(losses, other.losses, tolerance);
            assertArrayEquals(state, other.state, tolerance, "weights and statistics");
        }
    }

    double backward(TrainingStep training, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] images = new float[batch * 3 * size * size];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble(-1, 1);
        }
        training.backward(images, random.ints(batch, 0, 4).toArray(), null, 1);
        return Objects.requireNonNull(training.poll(0)).loss();
    }

    /** Takes updates, one of them of two passes, and closes the network. */
    Outcome trained(Network made, Recipe recipe, List<String> frozen) {
        try (Network network = made) {
            frozen.forEach(network::freeze);
            try (TrainingStep training = new TrainingStep(network, recipe, Assertions::fail)) {
                double[] losses = new double[5];
                for (int i = 0; i < losses.length; i++) {
                    losses[i] = backward(training, i);
                    if (i != 1) {
                        training.update(0.05);
                    }
                }
                return new Outcome(losses, values(network.state().values()));
            }
        }
    }

    private static double[] values(Collection<Parameter> parameters) {
        return parameters.stream()
                .map(p -> p.getArray().toFloatArray())
                .flatMapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i]))
                .toArray();
    }

    /** Along the gradient the loss falls as the gradient says: only if draws are the same. */
    void assertLossFallsAsItsGradientSays(
            Network network, TrainingStep training, double rate, double least, double tolerance) {
        List<double[]> weights = new ArrayList<>(List.of(values(network.parameters().values())));
        List<Double> losses = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            network.backend().seed(7);
            losses.add(backward(training, 3));
            training.update(rate);
            weights.add(values(network.parameters().values()));
        }
        for (int i = 0; i < 2; i++) {
            double expected = 0;
            for (int j = 0; j < weights.get(0).length; j++) {
                double step = weights.get(i)[j] - weights.get(i + 1)[j];
                double next = weights.get(i + 1)[j] - weights.get(i + 2)[j];
                expected += step * (step + next) / 2 / rate;
            }
            double fall = losses.get(i) - losses.get(i + 1);
            assertTrue(fall > least, "falls by " + fall);
            assertEquals(expected, fall, tolerance * fall);
        }
    }

    /** The same seed gives the same draws, and each pass others. */
    void assertSeedRepeats(Backend backend, TrainingStep training) {
        double[] losses = new double[6];
        for (int i = 0; i < 6; i++) {
            if (i % 3 == 0) {
                backend.seed(1);
            }
            losses[i] = backward(training, 3);
        }
        assertArrayEquals(Arrays.copyOf(losses, 3), Arrays.copyOfRange(losses, 3, 6), 1e-6);
        assertEquals(3, Arrays.stream(losses, 0, 3).distinct().count(), "other draws");
    }

    void assertKeepsNoArrays(Backend backend, TrainingStep training) {
        int early = 0;
        for (int i = 0; i < 8; i++) {
            backward(training, i);
            training.update(0.05);
            if (i == 2) {
                early = backend.manager().getManagedArrays().size();
            }
        }
        assertEquals(early, backend.manager().getManagedArrays().size());
    }
}
