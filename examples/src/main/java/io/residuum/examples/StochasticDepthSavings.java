package io.residuum.examples;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.residual.StochasticDepth;
import io.residuum.residual.StochasticDepth.Schedule;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingStep;
import io.residuum.vision.resnet.ResNet;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Measures the time that stochastic depth saves by not computing dropped branches. Prints the time
 * of a training step of a CIFAR ResNet for each drop path mode, with the linear schedule of Huang
 * et al. 2016.
 */
public final class StochasticDepthSavings {
    private static final int PIXELS = 3 * 32 * 32;
    private static final int CLASSES = 10;
    private static final int WARM_UP = 3;

    private StochasticDepthSavings() {}

    /**
     * Prints one row per drop path mode.
     *
     * @param args engine, depth, batch, steps; by default {@code auto 110 128 20}
     */
    public static void main(String[] args) {
        EngineChoice engine = EngineChoice.of(args.length > 0 ? args[0] : "auto");
        int depth = args.length > 1 ? Integer.parseInt(args[1]) : 110;
        int batch = args.length > 2 ? Integer.parseInt(args[2]) : 128;
        int steps = args.length > 3 ? Integer.parseInt(args[3]) : 20;
        try (Backend backend = Backend.open(engine, DeviceChoice.AUTO)) {
            System.out.println(backend + ", depth " + depth + ", batch " + batch);
            System.out.println("| mode | rate of the last unit | ms a step | saved |");
            System.out.println("|---|---|---:|---:|");
            double full = millis(backend, depth, StochasticDepth.NONE, batch, steps);
            row("none", 0, full, full);
            for (Mode mode : Mode.values()) {
                StochasticDepth dropped =
                        new StochasticDepth(0.5, Schedule.LINEAR, mode, Rescale.TRAINING);
                row(
                        mode.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        dropped.rate(),
                        millis(backend, depth, dropped, batch, steps),
                        full);
            }
        }
    }

    private static void row(String mode, double rate, double millis, double full) {
        System.out.printf(
                Locale.ROOT,
                "| `%s` | %s | %.1f | %.1f%% |%n",
                mode,
                rate,
                millis,
                100 * (1 - millis / full));
    }

    /**
     * {@return the mean time of a step in milliseconds} Each step drops other branches, so that no
     * single step is typical.
     */
    static double millis(
            Backend backend, int depth, StochasticDepth stochasticDepth, int batch, int steps) {
        ResNet resnet = ResNet.cifar(depth).withStochasticDepth(stochasticDepth);
        InputSpec input = new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of());
        SplittableRandom random = new SplittableRandom(0);
        float[] images = new float[batch * PIXELS];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        int[] labels = random.ints(batch, 0, CLASSES).toArray();
        try (Network network =
                        Network.create(new ModelSpec("resnet" + depth, input, resnet), backend, 0);
                TrainingStep step = new TrainingStep(network, Recipe.defaults())) {
            long start = 0;
            for (int i = 0; i < WARM_UP + steps; i++) {
                if (i == WARM_UP) {
                    start = System.nanoTime();
                }
                step.backward(images, labels, null, 1);
                step.update(1e-3);
                step.poll(0);
            }
            return (System.nanoTime() - start) / 1e6 / steps;
        }
    }
}
