package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * RandAugment as timm defines it, in timm's notation, on 8-bit values. Shears, translations and
 * rotations interpolate by a random choice of bilinear and bicubic.
 *
 * @param config {@code rand} and sections of a key and a number: {@code m} (magnitude), {@code n}
 *     (operations), {@code p} (probability of each), {@code mstd} (standard deviation of the
 *     magnitude, above 100 for a uniform draw), {@code mmax} (its bound), {@code inc} (1 for
 *     strength that grows with the magnitude), and {@code tweights} (timm's weights of operations)
 * @param fill the value in [0, 255] of pixels from outside: one, or three for RGB. timm's training
 *     takes the mean of the data
 */
@TypeName("timmRandAugment")
public record TimmRandAugment(
        @Default("\"rand-m9-mstd0.5-inc1\"") String config, @Default("[128]") List<Integer> fill)
        implements Augmentation {
    private static final String WEIGHTED = "tweights";
    private static final Map<String, Double> DEFAULTS =
            Map.of(
                    "m", 10.0, "n", 2.0, "p", 0.5, "mstd", 0.0, "mmax", 10.0, "inc", 0.0, WEIGHTED,
                    0.0);

    private static final List<Operation> OPERATIONS =
            List.copyOf(EnumSet.complementOf(EnumSet.of(Operation.IDENTITY)));

    /** The weights of {@code tweights}, in the order of the operations. */
    private static final double[] WEIGHTS = {
        2, 2, 1, 1, 3, 0.05, 0.25, 0.05, 0.25, 0.05, 0.05, 0.05, 0.25, 0.05, 0.05
    };

    public TimmRandAugment {
        settings(config);
        fill = Levels.checkFill(fill);
    }

    private static double number(Map<String, Double> settings, String key) {
        return Objects.requireNonNull(settings.get(key));
    }

    /** Reads the numbers of the sections, by key. */
    private static Map<String, Double> settings(String config) {
        List<String> sections = Splitter.on('-').splitToList(config);
        checkArgument(
                sections.get(0).equals("rand"),
                "config must begin with rand, as in rand-m9-mstd0.5-inc1, got %s",
                config);
        Map<String, Double> settings = new HashMap<>(DEFAULTS);
        for (String section : sections.subList(1, sections.size())) {
            String key = section.replaceFirst("\\d.*", "");
            String number = section.equals(WEIGHTED) ? "1" : section.substring(key.length());
            checkArgument(
                    DEFAULTS.containsKey(key) && number.matches("\\d{1,9}(\\.\\d{1,9})?"),
                    "config must have sections m, n, p, mstd, mmax, inc, each with a number, or"
                            + " tweights, got %s in %s",
                    section,
                    config);
            settings.put(key, Double.parseDouble(number));
        }
        double count = number(settings, "n");
        checkArgument(
                count >= 1 && (number(settings, WEIGHTED) == 0 || count <= WEIGHTS.length),
                "n must be at least 1, and with tweights at most %s, got %s",
                WEIGHTS.length,
                config);
        checkArgument(number(settings, "p") <= 1, "p must be at most 1, got %s", config);
        return settings;
    }

    @Override
    public void apply(Image image, ImageShape wanted, RandomGenerator random) {
        Map<String, Double> settings = settings(config);
        Pixels pixels = Pixels.of(image);
        boolean weighted = number(settings, WEIGHTED) != 0;
        double[] weights = WEIGHTS.clone();
        int[] drawn = new int[(int) number(settings, "n")];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = weighted ? Pairs.draw(weights, random) : random.nextInt(WEIGHTS.length);
            weights[drawn[i]] = 0; // with weights, each at most once
        }
        for (int index : drawn) {
            double probability = number(settings, "p");
            if (probability == 1 || random.nextDouble() <= probability) {
                apply(OPERATIONS.get(index), pixels, settings, random);
            }
        }
        pixels.copyTo(image);
    }

    private void apply(
            Operation operation,
            Pixels pixels,
            Map<String, Double> settings,
            RandomGenerator random) {
        double level = level(settings, random) / 10;
        boolean increasing = number(settings, "inc") != 0;
        ImageShape shape = pixels.shape();
        double argument =
                switch (operation) {
                    case ROTATE -> signed(level * 30, random);
                    case SHEAR_X, SHEAR_Y -> signed(level * 0.3, random);
                    case TRANSLATE_X -> signed(level * 0.45, random) * shape.width();
                    case TRANSLATE_Y -> signed(level * 0.45, random) * shape.height();
                    case COLOR, CONTRAST, BRIGHTNESS, SHARPNESS ->
                            increasing
                                    ? Math.max(0.1, 1.0 + signed(level * 0.9, random))
                                    : level * 1.8 + 0.1;
                    case POSTERIZE -> increasing ? 4 - (int) (level * 4) : (int) (level * 4);
                    case SOLARIZE -> {
                        int threshold = Math.min(256, (int) (level * 256));
                        yield increasing ? 256 - threshold : threshold;
                    }
                    case SOLARIZE_ADD -> Math.min(128, (int) (level * 110));
                    default -> 0;
                };
        Interpolation interpolation =
                operation.movesPixels() && random.nextInt(2) == 1
                        ? Interpolation.BICUBIC
                        : Interpolation.BILINEAR;
        operation.apply(pixels, argument, interpolation, Levels.fill(fill, shape));
    }

    private static double level(Map<String, Double> settings, RandomGenerator random) {
        double magnitude = number(settings, "m");
        double deviation = number(settings, "mstd");
        if (deviation > 100) {
            magnitude *= random.nextDouble();
        } else if (deviation > 0) {
            magnitude += deviation * random.nextGaussian();
        }
        return Math.max(0, Math.min(magnitude, number(settings, "mmax")));
    }

    private static double signed(double value, RandomGenerator random) {
        return random.nextDouble() > 0.5 ? -value : value;
    }
}
