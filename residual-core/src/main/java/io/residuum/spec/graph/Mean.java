package io.residuum.spec.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.Reseedable;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The mean of inputs of one shape. Training drops some of them for each batch, as FractalNet does
 * (Larsson et al. 2016, arXiv:1605.07648, Sections 3 and 3.1).
 *
 * @param name its name. Default: empty
 * @param dropPath the probability of dropping an input, in [0, 1); one always stays. Default: 0
 * @param global the probability that all means of the network keep one and the same column alone,
 *     in [0, 1]. Default: 0
 * @param columns the number of columns; the inputs are its last ones. 0 for the number of inputs.
 *     Default: 0
 */
@TypeName("mean")
public record Mean(
        @Default("\"\"") String name,
        @Default("0.0") double dropPath,
        @Default("0.0") double global,
        @Default("0") int columns)
        implements SeveralInputs {
    public Mean {
        Check.rate("dropPath", dropPath);
        Check.that(global >= 0 && global <= 1, "global must be in [0, 1], got %s", global);
        Check.notNegative("columns", columns);
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        SeveralInputs.requireSeveral(inputs);
        Check.that(
                columns == 0 || columns >= inputs.size(),
                "columns must be at least the number of inputs, got %s and %s inputs",
                columns,
                inputs.size());
        int all = columns == 0 ? inputs.size() : columns;
        return new MeanBlock(inputs, new MeanBlock.Drop(dropPath, global, all));
    }

    /**
     * The mean of inputs of one shape. In training some are dropped at random, and the mean is that
     * of the others: drop-path of FractalNet (Larsson et al. 2016, arXiv:1605.07648, Section 3.1).
     * Draws are made in Java for each batch, so that a seed drops the same inputs on every engine.
     */
    private static final class MeanBlock extends MultiLayer implements Reseedable {
        private final Drop drop;
        private final int inputs;
        private long seed;
        private long sharedSeed;

        /** The number of draws since the last seed, for each input, as programs draw each apart. */
        private final long[] steps;

        private final long[] sharedSteps;

        /**
         * The inputs to drop.
         *
         * @param local the probability of dropping an input; one always stays
         * @param global the probability that all means of a network keep the same column alone
         * @param columns the number of columns to choose from, of which the inputs are the last
         */
        record Drop(double local, double global, int columns) {}

        MeanBlock(List<Shape> inputs, Drop drop) {
            super(inputs);
            inputs.forEach(input -> Shapes.requireFloats("mean", input));
            this.drop = drop;
            this.inputs = inputs.size();
            this.steps = new long[inputs.size()];
            this.sharedSteps = new long[inputs.size()];
            outputShapes(inputs);
        }

        @Override
        protected NDList computeAll(ForwardPass pass, NDList in) {
            NDArray sum = term(pass, in, 0);
            for (int i = 1; i < inputs; i++) {
                sum = pass.ops().add(sum, term(pass, in, i));
            }
            return new NDList(pass.ops().div(sum, inputs));
        }

        private NDArray term(ForwardPass pass, NDList in, int input) {
            boolean drops = pass.dropsOut() && (drop.local > 0 || drop.global > 0);
            return drops
                    ? pass.ops().affine(in.get(input), 0, factors(pass, in.get(input), input), null)
                    : in.get(input);
        }

        private NDArray factors(ForwardPass pass, NDArray x, int input) {
            // A second computation of a step must drop what the first one did.
            boolean again = !pass.updatesStatistics();
            return pass.ops()
                    .drawn(
                            x.getManager(),
                            samples -> {
                                float[] all = new float[Math.toIntExact(samples)];
                                Arrays.fill(all, draw(input, again));
                                return all;
                            },
                            x.getShape().get(0),
                            x.getDataType());
        }

        /** Draws the factor of an input, whose mean over all inputs is 1. */
        private float draw(int input, boolean again) {
            long step = steps[input]++;
            long sharedStep = again ? sharedSteps[input] - 1 : sharedSteps[input]++;
            SplittableRandom shared = new SplittableRandom(sharedSeed + sharedStep);
            if (shared.nextDouble() < drop.global) {
                int kept = shared.nextInt(drop.columns) - (drop.columns - inputs);
                // A column that does not end here reads no output of this mean.
                return kept < 0 ? 1 : kept == input ? inputs : 0;
            }
            SplittableRandom own = new SplittableRandom(seed + step);
            boolean[] stays = new boolean[inputs];
            int count = 0;
            for (int i = 0; i < inputs; i++) {
                stays[i] = own.nextDouble() >= drop.local;
                count += stays[i] ? 1 : 0;
            }
            if (count == 0) {
                return own.nextInt(inputs) == input ? inputs : 0;
            }
            return stays[input] ? (float) inputs / count : 0;
        }

        @Override
        public void reseed(long value) {
            seed = value;
            Arrays.fill(steps, 0);
        }

        @Override
        public void reseedShared(long value) {
            sharedSeed = value;
            Arrays.fill(sharedSteps, 0);
        }

        @Override
        public List<Shape> outputShapes(List<Shape> in) {
            for (Shape shape : in) {
                if (!shape.equals(in.get(0))) {
                    throw new IllegalArgumentException(
                            "the inputs of a mean must have equal shapes, got " + Shapes.text(in));
                }
            }
            return List.of(in.get(0));
        }

        @Override
        public long activations(Shape in) {
            return Shapes.product(inputs, Shapes.size(outputShapes(inputShapes()).get(0)));
        }
    }
}
