package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;

/** A change of rotary frequencies for texts longer than those seen in training. */
public sealed interface RotaryScaling
        permits RotaryScaling.None, RotaryScaling.Linear, RotaryScaling.Ntk, RotaryScaling.Llama3 {

    /** As they are. */
    RotaryScaling NONE = new None();

    /**
     * The frequencies.
     *
     * @param base the base of the geometric series
     * @param width the width of a head, of which each pair turns at one frequency
     * @return {@code width / 2} angles a position, the fastest first
     */
    double[] frequencies(double base, int width);

    private static double[] series(double base, int width) {
        double[] frequencies = new double[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(base, -2.0 * i / width);
        }
        return frequencies;
    }

    /** As they are (Su et al. 2021, arXiv:2104.09864, Section 3.2.2). */
    @TypeName("none")
    @Doc("Frequencies as they are.")
    record None() implements RotaryScaling {
        @Override
        public double[] frequencies(double base, int width) {
            return series(base, width);
        }
    }

    /**
     * Position interpolation: every frequency divided by one factor (Chen et al. 2023,
     * arXiv:2306.15595).
     *
     * @param factor how many times longer texts become
     */
    @TypeName("linear")
    @Doc("Position interpolation: every frequency divided by one factor.")
    record Linear(double factor) implements RotaryScaling {
        public Linear {
            Check.that(factor > 0, "factor must be positive, got %s", factor);
        }

        @Override
        public double[] frequencies(double base, int width) {
            double[] frequencies = series(base, width);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factor;
            }
            return frequencies;
        }
    }

    /**
     * A larger base, which slows the slowest pair by the factor and leaves the fastest ("NTK-aware"
     * scaling, Peng et al. 2023, arXiv:2309.00071, Section 3.1).
     *
     * @param factor how many times longer texts become
     */
    @TypeName("ntk")
    @Doc("A larger base: the slowest pair slows by the factor, the fastest stays.")
    record Ntk(double factor) implements RotaryScaling {
        public Ntk {
            Check.that(factor > 0, "factor must be positive, got %s", factor);
        }

        @Override
        public double[] frequencies(double base, int width) {
            double exponent = width > 2 ? width / (width - 2.0) : 1;
            return series(base * Math.pow(factor, exponent), width);
        }
    }

    /**
     * Llama 3.1's: slow pairs are divided by the factor, fast pairs stay, those between are blended
     * (Grattafiori et al. 2024, arXiv:2407.21783; the published code).
     *
     * @param factor how much slow pairs slow down. Default: 8
     * @param low pairs that turn less often than this over the original length are slow. Default: 1
     * @param high pairs that turn more often than this are fast. Default: 4
     * @param length the original length. Default: 8192
     */
    @TypeName("llama3")
    @Doc("Llama 3.1's: slow pairs slow down, fast pairs stay, those between are blended.")
    record Llama3(
            @Default("8.0") double factor,
            @Default("1.0") double low,
            @Default("4.0") double high,
            @Default("8192") int length)
            implements RotaryScaling {
        public Llama3 {
            Check.that(factor > 0, "factor must be positive, got %s", factor);
            Check.that(low > 0, "low must be positive, got %s", low);
            Check.that(high > low, "high must be greater than low %s, got %s", low, high);
            Check.positive("length", length);
        }

        @Override
        public double[] frequencies(double base, int width) {
            double[] frequencies = series(base, width);
            for (int i = 0; i < frequencies.length; i++) {
                double turns = length * frequencies[i] / (2 * Math.PI);
                double fast = Math.min(1, Math.max(0, (turns - low) / (high - low)));
                frequencies[i] *= fast + (1 - fast) / factor;
            }
            return frequencies;
        }
    }
}
