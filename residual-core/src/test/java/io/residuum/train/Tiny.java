package io.residuum.train;

import io.residuum.data.DataSource;
import io.residuum.data.DataSplits;
import io.residuum.data.Image;
import io.residuum.data.ImageSet;
import io.residuum.data.ImageShape;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Networks and data that train in a blink. */
public final class Tiny {
    /** Has everything that draws at random or carries state. */
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "tiny", "input": {"type": "image", "shape": [1, 8, 8]},
             "network": {"type": "sequential", "layers": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
               {"type": "residual", "name": "unit", "dropPath": {"rate": 0.5, "mode": "batch"}, "branch": [
                 {"type": "conv2d", "filters": 4, "kernel": 3, "padding": 1, "bias": false},
                 {"type": "norm"}, {"type": "activation"}]},
               {"type": "flatten"}, {"type": "dropout", "rate": 0.2},
               {"type": "linear", "name": "head", "units": 10}]}}
            """;

    /** Nothing random, no batch statistics: the loss is a plain function of the weights. */
    private static final String SMOOTH =
            """
            {"format": "residuum/1", "name": "smooth", "input": {"type": "features", "shape": [3]},
             "network": {"type": "sequential", "layers": [
               {"type": "linear", "name": "in", "units": 4},
               {"type": "activation", "function": "tanh"},
               {"type": "linear", "name": "out", "units": 3}]}}
            """;

    private static final Map<EngineChoice, Backend> BACKENDS = new EnumMap<>(EngineChoice.class);

    private Tiny() {}

    public static synchronized Backend backend(EngineChoice engine) {
        return BACKENDS.computeIfAbsent(engine, e -> Backend.open(e, DeviceChoice.CPU));
    }

    public static ModelSpec network() {
        return SpecJson.standard().parse(NETWORK, "tiny", ModelSpec.class);
    }

    public static ModelSpec smooth() {
        return SpecJson.standard().parse(SMOOTH, "smooth", ModelSpec.class);
    }

    /** Which of the 8 rows is bright: learned in seconds. */
    public static DataSplits stripes() {
        return new DataSplits("stripes", new Stripes(160, 1), new Stripes(80, 2), List.of());
    }

    private record Stripes(int size, long seed) implements ImageSet {
        @Override
        public ImageShape shape() {
            return new ImageShape(1, 8, 8);
        }

        @Override
        public List<String> classNames() {
            return List.of("a", "b", "c", "d", "e", "f", "g", "h");
        }

        @Override
        public int label(int index) {
            return index % 8;
        }

        @Override
        public void read(int index, Image into) {
            SplittableRandom random = new SplittableRandom(seed * size + index);
            float[] values = into.reset(shape());
            for (int i = 0; i < 64; i++) {
                values[i] = (float) (random.nextDouble() / 2 + (i / 8 == label(index) ? 0.5 : 0));
            }
        }
    }

    static DataSplits digits() {
        return DataSource.parse("digits:train=200,test=70").forTraining(new ImageShape(1, 8, 8));
    }
}
