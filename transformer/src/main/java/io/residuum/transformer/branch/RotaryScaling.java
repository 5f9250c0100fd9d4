package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;

/** A change of rotary frequencies for texts longer than those seen in training. */
public sealed interface RotaryScaling
        permits RotaryScaling.None, RotaryScaling.Linear, RotaryScaling.Ntk, RotaryScaling.Llama3 {

    /** No change. */
    RotaryScaling NONE = new None();

    /**
     * {@return the {@code width / 2} angles per position, the largest first}
     *
     * @param base the base of the geometric series
     * @param width the width of a head; each pair of elements has one frequency
     */
    double[] frequencies(double base, int width);

    private static double[] series(double base, int width) {
        double[] frequencies = new double[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(base, -2.0 * i / width);
        }
        return frequencies;
    }

    /** Unchanged frequencies (Su et al. 2021, arXiv:2104.09864, Section 3.2.2). */
    @TypeName("none")
    @Doc("Unchanged frequencies.")
    record None() implements RotaryScaling {
        @Override
        public double[] frequencies(double base, int width) {
            return series(base, width);
        }
    }

    /**
     * Position interpolation: divides every frequency by a factor (Chen et al. 2023,
     * arXiv:2306.15595).
     *
     * @param factor ratio of the new length to the original length
     */
    @TypeName("linear")
    @Doc("Position interpolation: divides every frequency by a factor.")
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
     * "NTK-aware" scaling: a larger base, which divides the lowest frequency by the factor and
     * keeps the highest (Peng et al. 2023, arXiv:2309.00071, Section 3.1).
     *
     * @param factor ratio of the new length to the original length
     */
    @TypeName("ntk")
    @Doc("NTK-aware scaling: divides the lowest frequency by a factor and keeps the highest.")
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
     * Scaling of Llama 3.1: divides low frequencies by a factor, keeps high ones and blends between
     * (Grattafiori et al. 2024, arXiv:2407.21783; the published code).
     *
     * @param factor divisor of low frequencies. Default: 8
     * @param low number of turns over the original length below which a frequency is low. Default:
     *     1
     * @param high number of turns over the original length above which a frequency is high.
     *     Default: 4
     * @param length original length. Default: 8192
     */
    @TypeName("llama3")
    @Doc("Scaling of Llama 3.1: divides low frequencies, keeps high ones and blends between.")
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
