package io.residuum.vision.train;

import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** Images that a small network learns in a blink. */
final class TinyImages {
    private TinyImages() {}

    /** Classes by the one bright row of 8: learned in seconds. */
    static DataSplits stripes() {
        return new DataSplits(
                "stripes",
                new Stripes(160, 1),
                Optional.of(new Stripes(80, 2)),
                Optional.empty(),
                OptionalDouble.empty(),
                List.of());
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
