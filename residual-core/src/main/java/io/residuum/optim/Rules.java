package io.residuum.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import java.util.ArrayList;
import java.util.List;

/** The rules of optimizers; {@link OptimizerSpec} has their settings and papers. */
final class Rules {
    private static final String MOMENTUM = "momentum";
    private static final String FIRST = "firstMoment";
    private static final String SECOND = "secondMoment";
    private static final List<String> MOMENTS = List.of(FIRST, SECOND);

    private Rules() {}

    private static NDArray norm(NDArray x) {
        return x.square().sum().sqrt();
    }

    /** {@code w -= r (sign(b1 m + (1 - b1) g) + d w); m = b2 m + (1 - b2) g}. */
    record LionRule(OptimizerSpec.Lion settings) implements Rule {
        @Override
        public List<String> slots() {
            return List.of(MOMENTUM);
        }

        @Override
        public void update(Step step) {
            NDArray old = step.copy(step.slot(MOMENTUM)).muli(settings.beta1());
            NDArray mixed = old.add(step.ops().mul(step.gradient(), 1 - settings.beta1()));
            step.decayWeight();
            step.subtract(mixed.sign(), step.rate());
            step.average(MOMENTUM, settings.beta2(), step.gradient());
        }
    }

    /** {@code u = m' / (sqrt(v') + eps) + d w; w -= r |w| / |u| u}. */
    record LambRule(OptimizerSpec.Lamb settings) implements Rule {
        @Override
        public List<String> slots() {
            return MOMENTS;
        }

        @Override
        public void update(Step step) {
            Ops ops = step.ops();
            NDArray g = step.gradient();
            NDArray mean = step.average(FIRST, settings.beta1(), g);
            NDArray square = step.average(SECOND, settings.beta2(), g.square());
            NDArray root = step.corrected(square, settings.beta2()).sqrt();
            NDArray u = step.corrected(mean, settings.beta1()).div(ops.add(root, settings.eps()));
            if (step.decay() > 0) {
                NDArray w = step.copy(step.weight());
                u = u.add(ops.mul(w, step.decay()));
                NDArray trust = trust(ops, norm(w), norm(u));
                u = u.mul(settings.trustClip() ? ops.minimum(trust, 1) : trust);
            }
            step.subtract(u, step.rate());
        }

        /** Returns the ratio of the norms, or 1 if one of them is 0. */
        private static NDArray trust(Ops ops, NDArray weight, NDArray step) {
            NDArray positive = weight.mul(step).sign();
            NDArray zero = ops.add(positive.neg(), 1);
            return weight.div(step.add(zero)).mul(positive).add(zero);
        }
    }

    /** Adam with the gradient in the place of the oldest part of the first moment. */
    static final class NAdamRule implements Rule {
        private static final double DECAY = 0.96; // Dozat 2016, Section 3
        private final OptimizerSpec.NAdam settings;

        /** The product of the momenta of the first updates, which has no closed form. */
        private double product = 1;

        private long multiplied;

        NAdamRule(OptimizerSpec.NAdam settings) {
            this.settings = settings;
        }

        @Override
        public List<String> slots() {
            return MOMENTS;
        }

        @Override
        public void update(Step step) {
            Ops ops = step.ops();
            if (settings.decoupled()) {
                step.decayWeight();
            }
            NDArray g = settings.decoupled() ? step.gradient() : step.decayedGradient();
            NDArray mean = step.average(FIRST, settings.beta1(), g);
            NDArray square = step.average(SECOND, settings.beta2(), g.square());
            NDArray root = ops.add(step.corrected(square, settings.beta2()).sqrt(), settings.eps());
            double now = momentum(step.number());
            double next = momentum(step.number() + 1);
            multiplyTo(step.number());
            step.subtract(g.div(root), step.rate() * (1 - now) / (1 - product));
            step.subtract(mean.div(root), step.rate() * next / (1 - product * next));
        }

        private double momentum(long update) {
            double power = Math.pow(DECAY, update * settings.momentumDecay());
            return settings.beta1() * (1 - 0.5 * power);
        }

        private void multiplyTo(long update) {
            while (multiplied < update) {
                multiplied++;
                product *= momentum(multiplied);
            }
        }
    }

    /** {@code v = a v + (1 - a) g^2; w -= r g / (sqrt(v) + eps)}, with a momentum. */
    record RmsPropRule(OptimizerSpec.RmsProp settings) implements Rule {
        private static final String SQUARE = "meanSquare";
        private static final String MEAN = "mean";

        @Override
        public List<String> slots() {
            List<String> slots = new ArrayList<>(List.of(SQUARE));
            if (settings.centered()) {
                slots.add(MEAN);
            }
            if (settings.momentum() > 0) {
                slots.add(MOMENTUM);
            }
            return slots;
        }

        @Override
        public double initial(String slot) {
            return settings.tensorflow() && slot.equals(SQUARE) ? 1 : 0;
        }

        @Override
        public void update(Step step) {
            Ops ops = step.ops();
            NDArray g = step.decayedGradient();
            NDArray square = step.average(SQUARE, settings.alpha(), g.square());
            if (settings.centered()) {
                square = square.sub(step.average(MEAN, settings.alpha(), g).square());
                square = ops.maximum(square, 0); // rounding may leave less for equal gradients
            }
            NDArray root =
                    settings.tensorflow()
                            ? ops.add(square, settings.eps()).sqrt()
                            : ops.add(square.sqrt(), settings.eps());
            NDArray direction = g.div(root);
            if (settings.momentum() == 0) {
                step.subtract(direction, step.rate());
            } else if (settings.tensorflow()) {
                NDArray scaled = ops.mul(direction, step.rate());
                step.subtract(step.accumulate(MOMENTUM, settings.momentum(), scaled), 1);
            } else {
                step.subtract(
                        step.accumulate(MOMENTUM, settings.momentum(), direction), step.rate());
            }
        }
    }

    /** {@code m = b m + (1 - b) g; w -= r (s orthogonal(m) + d w)}. */
    record MuonRule(OptimizerSpec.Muon settings) implements Rule {
        private static final double EPS = 1e-7;
        private static final double MATCH = 0.2;

        @Override
        public List<String> slots() {
            return List.of(MOMENTUM);
        }

        @Override
        public void update(Step step) {
            Ops ops = step.ops();
            double beta = settings.momentum();
            NDArray g = step.gradient();
            NDArray m = step.average(MOMENTUM, beta, g);
            NDArray direction =
                    settings.nesterov() ? ops.mul(g, 1 - beta).add(ops.mul(m, beta)) : m;
            Shape shape = step.weight().getShape();
            double rows = shape.get(0);
            double columns = shape.size() / rows;
            double scale =
                    settings.matchAdamW()
                            ? MATCH * Math.sqrt(Math.max(rows, columns))
                            : Math.sqrt(Math.max(1, rows / columns));
            NDArray matrix = direction.reshape(shape.get(0), -1);
            step.decayWeight();
            step.subtract(orthogonal(ops, matrix).reshape(shape), step.rate() * scale);
        }

        /**
         * Returns a matrix with the singular vectors of x and singular values near 1, by a quintic
         * iteration whose coefficients make small values grow fastest (Jordan et al. 2024).
         */
        private NDArray orthogonal(Ops ops, NDArray x) {
            boolean tall = x.getShape().get(0) > x.getShape().get(1);
            NDArray rows = tall ? x.transpose(1, 0) : x;
            rows = rows.div(ops.maximum(norm(rows), EPS));
            for (int i = 0; i < settings.iterations(); i++) {
                NDArray gram = rows.matMul(rows.transpose(1, 0));
                NDArray factor = ops.mul(gram, -4.775).add(ops.mul(gram.matMul(gram), 2.0315));
                rows = ops.mul(rows, 3.4445).add(factor.matMul(rows));
            }
            return tall ? rows.transpose(1, 0) : rows;
        }
    }

    /** AdamW for the parameters that another optimizer leaves out. */
    record AdamWRule(double beta1, double beta2) implements Rule {
        static final double EPS = 1e-8;

        @Override
        public List<String> slots() {
            return MOMENTS;
        }

        @Override
        public void update(Step step) {
            NDArray g = step.gradient();
            NDArray mean = step.corrected(step.average(FIRST, beta1, g), beta1);
            NDArray square = step.corrected(step.average(SECOND, beta2, g.square()), beta2);
            step.decayWeight();
            step.subtract(mean.div(step.ops().add(square.sqrt(), EPS)), step.rate());
        }
    }
}
