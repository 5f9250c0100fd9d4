package io.residuum.transformer.branch;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.stream.Stream;

/** A change of rotary frequencies for texts longer than those seen in training. */
public sealed interface RotaryScaling
        permits RotaryScaling.None,
                RotaryScaling.Linear,
                RotaryScaling.Ntk,
                RotaryScaling.Llama3,
                RotaryScaling.Yarn,
                RotaryScaling.LongRope {

    /** No change. */
    RotaryScaling NONE = new None();

    /**
     * {@return the {@code width / 2} angles per position, the largest first}
     *
     * @param base the base of the geometric series
     * @param width the width of a head; each pair of elements has one frequency
     */
    double[] frequencies(double base, int width);

    /**
     * {@return the angles per position for a text of a length, which few scalings depend on}
     *
     * @param base the base of the geometric series
     * @param width the number of rotated elements
     * @param length the number of positions so far
     */
    default double[] frequencies(double base, int width, int length) {
        return frequencies(base, width);
    }

    /**
     * {@return the length of texts beyond which the angles of all positions are others, so that
     * cached keys must be computed again; the largest integer by default}
     */
    default int switchLength() {
        return Integer.MAX_VALUE;
    }

    /** {@return the factor of rotated queries and keys; 1 by default} */
    default double factorOfScores() {
        return 1;
    }

    private static double[] series(double base, int width) {
        double[] frequencies = new double[width / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(base, -2.0 * i / width);
        }
        return frequencies;
    }

    /** Unchanged frequencies (Su et al. 2021, arXiv:2104.09864, Section 3.2.2). */
    @TypeName("none")
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
    record Linear(double factor) implements RotaryScaling {
        public Linear {
            Check.positive("factor", factor);
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
    record Ntk(double factor) implements RotaryScaling {
        public Ntk {
            Check.positive("factor", factor);
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
    record Llama3(
            @Default("8.0") double factor,
            @Default("1.0") double low,
            @Default("4.0") double high,
            @Default("8192") int length)
            implements RotaryScaling {
        public Llama3 {
            Check.positive("factor", factor);
            Check.positive("low", low);
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

    /**
     * YaRN: divides low frequencies by a factor, keeps high ones and blends between by their index;
     * also multiplies queries and keys (Peng et al. 2023, arXiv:2309.00071, Section 3).
     *
     * @param factor divisor of low frequencies
     * @param length original length
     * @param fast number of turns over the original length above which a frequency is high.
     *     Default: 32
     * @param slow number of turns below which a frequency is low. Default: 1
     * @param attention factor of queries and keys; 0 for {@code 0.1 ln(factor) + 1}. Default: 0
     * @param truncate true if the ends of the blend are whole indices. Default: true
     */
    @TypeName("yarn")
    record Yarn(
            double factor,
            int length,
            @Default("32.0") double fast,
            @Default("1.0") double slow,
            @Default("0.0") double attention,
            @Default("true") boolean truncate)
            implements RotaryScaling {
        public Yarn {
            Check.positive("factor", factor);
            Check.positive("length", length);
            Check.positive("slow", slow);
            Check.that(fast > slow, "fast must be greater than slow %s, got %s", slow, fast);
            Check.notNegative("attention", attention);
        }

        @Override
        public double[] frequencies(double base, int width) {
            double low = Math.max(0, rounded(index(fast, base, width), false));
            double high = Math.min(width - 1, rounded(index(slow, base, width), true));
            double span = low == high ? 0.001 : high - low;
            double[] frequencies = series(base, width);
            for (int i = 0; i < frequencies.length; i++) {
                double divided = Math.min(1, Math.max(0, (i - low) / span));
                frequencies[i] *= 1 - divided + divided / factor;
            }
            return frequencies;
        }

        private double rounded(double index, boolean up) {
            return !truncate ? index : up ? Math.ceil(index) : Math.floor(index);
        }

        /** {@return the index of the frequency that makes a number of turns} */
        private double index(double turns, double base, int width) {
            return width * Math.log(length / (turns * 2 * Math.PI)) / (2 * Math.log(base));
        }

        @Override
        public double factorOfScores() {
            if (attention > 0) {
                return attention;
            }
            return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
        }
    }

    /**
     * LongRoPE: divides each frequency by its own factor, one list for texts up to the original
     * length and one for longer texts (Ding et al. 2024, arXiv:2402.13753).
     *
     * @param shortFactors divisors up to the original length, one for each pair of elements
     * @param longFactors divisors beyond the original length, one for each pair of elements
     * @param length original length
     * @param attention factor of queries and keys. Default: 1
     */
    @TypeName("longRope")
    record LongRope(
            List<Double> shortFactors,
            List<Double> longFactors,
            int length,
            @Default("1.0") double attention)
            implements RotaryScaling {
        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
            Check.that(
                    shortFactors.size() == longFactors.size(),
                    "longFactors must be as many as shortFactors, got %s and %s",
                    longFactors.size(),
                    shortFactors.size());
            Check.that(
                    Stream.concat(shortFactors.stream(), longFactors.stream()).allMatch(f -> f > 0),
                    "factors must be positive, got %s and %s",
                    shortFactors,
                    longFactors);
            Check.positive("length", length);
            Check.positive("attention", attention);
        }

        @Override
        public double[] frequencies(double base, int width) {
            return frequencies(base, width, length);
        }

        @Override
        public double[] frequencies(double base, int width, int positions) {
            List<Double> factors = positions > length ? longFactors : shortFactors;
            double[] frequencies = series(base, width);
            Check.that(
                    factors.size() == frequencies.length,
                    "shortFactors must be one for each of %s pairs of elements, got %s",
                    frequencies.length,
                    factors.size());
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factors.get(i);
            }
            return frequencies;
        }

        @Override
        public int switchLength() {
            return length;
        }

        @Override
        public double factorOfScores() {
            return attention;
        }
    }
}
