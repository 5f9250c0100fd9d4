package io.residuum.vision.augment;

import static com.google.common.base.CaseFormat.UPPER_CAMEL;
import static com.google.common.base.CaseFormat.UPPER_UNDERSCORE;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import io.residuum.files.JarText;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.augment.Operation.Strength;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * AutoAugment with a published policy, as torchvision defines it: one of 25 pairs of operations,
 * each with its own probability and strength, on 8-bit values. Cubuk et al., "AutoAugment: learning
 * augmentation policies from data", 2019.
 *
 * @param policy the policy
 * @param interpolation the interpolation of shears, translations and rotations
 * @param fill the value in [0, 255] of pixels from outside: one, or three for RGB
 */
@TypeName("autoAugment")
public record AutoAugment(
        @Default("\"imagenet\"") Policy policy,
        @Default("\"nearest\"") Interpolation interpolation,
        @Default("[0]") List<Integer> fill)
        implements Augmentation {
    private static final Levels LEVELS = Levels.ofRandAugment(10);

    /** A published policy, by the data that it was learned on. */
    public enum Policy {
        /** Learned on ImageNet. */
        IMAGENET,
        /** Learned on CIFAR-10. */
        CIFAR10,
        /** Learned on street view house numbers. */
        SVHN;

        private final List<List<Step>> pairs = read(Ascii.toLowerCase(name()) + " ");
    }

    private record Step(Operation operation, double probability, int level) {
        static Step of(List<String> words) {
            String name = UPPER_CAMEL.to(UPPER_UNDERSCORE, words.get(0));
            return new Step(
                    Operation.valueOf(name),
                    Double.parseDouble(words.get(1)),
                    Integer.parseInt(words.get(2)));
        }
    }

    public AutoAugment {
        fill = Levels.checkFill(fill);
    }

    private static List<List<Step>> read(String prefix) {
        return JarText.read(AutoAugment.class, "auto-augment.txt")
                .lines()
                .filter(line -> line.startsWith(prefix))
                .map(Splitter.on(' ')::splitToList)
                .map(words -> List.of(Step.of(words.subList(1, 4)), Step.of(words.subList(4, 7))))
                .toList();
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        Pixels pixels = Pixels.of(image);
        List<Step> steps = policy.pairs.get(random.nextInt(policy.pairs.size()));
        double[] chances = {random.nextDouble(), random.nextDouble()};
        int[] signs = {random.nextInt(2), random.nextInt(2)};
        for (int i = 0; i < 2; i++) {
            Step step = steps.get(i);
            if (chances[i] <= step.probability) {
                boolean negative = step.operation.strength == Strength.SIGNED && signs[i] == 0;
                step.operation.apply(
                        pixels,
                        LEVELS.argument(step.operation, step.level, negative, image.shape()),
                        interpolation,
                        Levels.fill(fill, image.shape()));
            }
        }
        pixels.copyTo(image);
    }
}
