package io.residuum.spec.layers;

import static io.residuum.spec.layers.NormSettings.check;
import static io.residuum.spec.layers.NormSettings.groupsOf;
import static io.residuum.spec.layers.NormSettings.requireGroups;
import static io.residuum.spec.layers.NormSettings.requireWeight;
import static io.residuum.spec.layers.NormSettings.weight;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.norm.BatchNormBlock;
import io.residuum.nn.norm.GlobalResponseNormBlock;
import io.residuum.nn.norm.GroupNormBlock;
import io.residuum.nn.norm.LayerNormBlock;
import io.residuum.nn.norm.RmsNormBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;

/**
 * A setting for a norm. Every kind scales by a {@code weight} with the initial value {@code init},
 * by default 1; instance norm and RMS norm only with {@code affine}. This type is open: a {@link
 * io.residuum.spec.RecordProvider} registers other records for JSON.
 */
public interface NormSpec {

    /** No normalization. */
    NormSpec NONE = new None();

    /** Batch normalization with its defaults. */
    NormSpec BATCH = Defaults.of(Batch.class);

    /** Layer normalization with its defaults. */
    NormSpec LAYER = Defaults.of(OfLayer.class);

    /** {@return the layer; an identity for {@link None}} */
    Layer newBlock(Shape input);

    /**
     * {@return this norm with another initial weight}
     *
     * @param init the initial weight; 0 makes a unit start as the identity (Goyal et al. 2017,
     *     Section 5.1)
     */
    NormSpec withInit(double init);

    /** No normalization. */
    @TypeName("none")
    record None() implements NormSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new IdentityBlock(input);
        }

        @Override
        public NormSpec withInit(double init) {
            return this;
        }
    }

    /**
     * Batch normalization (Ioffe and Szegedy 2015).
     *
     * @param eps added to the variance. Default: 1e-5
     * @param momentum the weight of the batch in the running statistics (PyTorch's definition).
     *     Default: 0.1
     * @param init the initial weight. Default: 1
     */
    @TypeName("batch")
    record Batch(
            @Default("1e-5") double eps,
            @Default("0.1") double momentum,
            @Default("1.0") double init)
            implements NormSpec {
        public Batch {
            check(eps, init);
            Check.that(
                    momentum >= 0 && momentum <= 1, "momentum must be in [0, 1], got %s", momentum);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new BatchNormBlock(input, eps, momentum, weight(init));
        }

        @Override
        public NormSpec withInit(double newInit) {
            return new Batch(eps, momentum, newInit);
        }
    }

    /**
     * Layer normalization (Ba et al. 2016): over the last axis of sequences and vectors; on images
     * over the complete sample, with one scale and bias per channel.
     *
     * @param eps added to the variance. Default: 1e-5
     * @param init the initial weight. Default: 1
     * @param affine true for a weight per channel. Default: true
     * @param bias true for a bias per channel. Default: true
     * @param offset constant added to the stored weight, 1 in Nemotron. Default: 0
     */
    @TypeName("layer")
    record OfLayer(
            @Default("1e-5") double eps,
            @Default("1.0") double init,
            @Default("true") boolean affine,
            @Default("true") boolean bias,
            @Default("0.0") double offset)
            implements NormSpec {
        public OfLayer {
            check(eps, init);
            requireWeight(affine, "init", init, 1);
            requireWeight(affine, "offset", offset, 0);
            Check.that(affine || !bias, "bias needs a weight, got none; set \"affine\": true");
            Check.finite("offset", offset);
        }

        /**
         * Creates a norm with a weight and a bias.
         *
         * @param eps added to the variance
         * @param init the initial weight
         */
        public OfLayer(double eps, double init) {
            this(eps, init, true, true, 0);
        }

        @Override
        public Layer newBlock(Shape input) {
            if (Shapes.isSpatial(input)) {
                Check.that(affine && offset == 0, "norm layer on images needs a weight, no offset");
                return new GroupNormBlock(input, 1, eps, weight(init), bias);
            }
            return new LayerNormBlock(
                    input, eps, affine ? weight(init - offset) : null, bias, offset);
        }

        @Override
        public NormSpec withInit(double newInit) {
            return new OfLayer(eps, newInit, affine, bias, offset);
        }
    }

    /**
     * Layer normalization over the channels of each position, on images too (Liu et al. 2022,
     * ConvNeXt).
     *
     * @param eps added to the variance. Default: 1e-6
     * @param init the initial weight. Default: 1
     * @param bias true for a bias per channel. Default: true
     */
    @TypeName("channel")
    record Channel(
            @Default("1e-6") double eps, @Default("1.0") double init, @Default("true") boolean bias)
            implements NormSpec {
        public Channel {
            check(eps, init);
        }

        /**
         * Creates a norm with a bias.
         *
         * @param eps added to the variance
         * @param init the initial weight
         */
        public Channel(double eps, double init) {
            this(eps, init, true);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new LayerNormBlock(input, eps, weight(init), bias, 0);
        }

        @Override
        public NormSpec withInit(double newInit) {
            return new Channel(eps, newInit, bias);
        }
    }

    /**
     * Root-mean-square normalization over the channels (Zhang and Sennrich 2019).
     *
     * @param eps added to the mean square. Default: 1e-6
     * @param init the initial weight. Default: 1
     * @param affine true for a weight per channel. Default: true
     * @param offset constant added to the stored weight, 1 in Gemma. Default: 0
     * @param variance true to divide by the unbiased standard deviation instead, without centering,
     *     as in timm's simple norm. It needs two or more channels. Default: false
     */
    @TypeName("rms")
    record Rms(
            @Default("1e-6") double eps,
            @Default("1.0") double init,
            @Default("true") boolean affine,
            @Default("0.0") double offset,
            @Default("false") boolean variance)
            implements NormSpec {
        public Rms {
            check(eps, init);
            requireWeight(affine, "init", init, 1);
            Check.finite("offset", offset);
            requireWeight(affine, "offset", offset, 0);
        }

        /**
         * Creates a norm with a weight.
         *
         * @param eps added to the mean square
         * @param init the initial weight
         */
        public Rms(double eps, double init) {
            this(eps, init, true, 0, false);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new RmsNormBlock(
                    input, eps, affine ? weight(init - offset) : null, offset, variance);
        }

        @Override
        public NormSpec withInit(double newInit) {
            return new Rms(eps, newInit, affine, offset, variance);
        }
    }

    /**
     * Group normalization (Wu and He 2018).
     *
     * @param groups the number of channel groups. Default: 32
     * @param eps added to the variance. Default: 1e-5
     * @param init the initial weight. Default: 1
     * @param width the number of channels in a group instead of groups; 0 for groups. Default: 0
     */
    @TypeName("group")
    record Group(
            @Default("32") int groups,
            @Default("1e-5") double eps,
            @Default("1.0") double init,
            @Default("0") int width)
            implements NormSpec {
        public Group {
            requireGroups(groups, width);
            check(eps, init);
        }

        /**
         * Creates a norm with a number of groups.
         *
         * @param groups the number of channel groups
         * @param eps added to the variance
         * @param init the initial weight
         */
        public Group(int groups, double eps, double init) {
            this(groups, eps, init, 0);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new GroupNormBlock(input, groupsOf(input, this), eps, weight(init));
        }

        @Override
        public NormSpec withInit(double newInit) {
            return new Group(groups, eps, newInit, width);
        }
    }

    /**
     * Instance normalization (Ulyanov et al. 2016, arXiv:1607.08022): each channel of each sample
     * over its positions.
     *
     * @param eps added to the variance. Default: 1e-5
     * @param affine true for a weight and a bias per channel. Default: false
     * @param init the initial weight. Default: 1
     */
    @TypeName("instance")
    record Instance(
            @Default("1e-5") double eps,
            @Default("false") boolean affine,
            @Default("1.0") double init)
            implements NormSpec {
        public Instance {
            check(eps, init);
            requireWeight(affine, "init", init, 1);
        }

        @Override
        public Layer newBlock(Shape input) {
            int channels = Math.toIntExact(Shapes.channels(input));
            return new GroupNormBlock(input, channels, eps, affine ? weight(init) : null);
        }

        @Override
        public NormSpec withInit(double newInit) {
            return new Instance(eps, affine, newInit);
        }
    }

    /**
     * Global response normalization (Woo et al. 2023, arXiv:2301.00808, Section 3, ConvNeXt V2):
     * {@code x + weight x n + bias}, where n is the L2 norm of a channel over all positions divided
     * by the mean of these norms. It starts as the identity.
     *
     * @param eps added to the mean. Default: 1e-6
     * @param init the initial weight. Default: 0
     */
    @TypeName("globalResponse")
    record GlobalResponse(@Default("1e-6") double eps, @Default("0.0") double init)
            implements NormSpec {
        public GlobalResponse {
            check(eps, init);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new GlobalResponseNormBlock(input, eps, weight(init));
        }

        @Override
        public NormSpec withInit(double newInit) {
            return new GlobalResponse(eps, newInit);
        }
    }

    /**
     * Division by the standard deviation that the signal is expected to have, instead of a norm
     * (Brock et al. 2021, arXiv:2101.08692, Section 3). It has no parameters.
     *
     * @param std the expected standard deviation, positive
     */
    @TypeName("expected")
    record Expected(double std) implements NormSpec {
        public Expected {
            Check.positive("std", std);
        }

        @Override
        public Layer newBlock(Shape input) {
            return new ActivationBlock(
                    input, "Divide(" + std + ")", x -> Ops.of(x.getManager()).mul(x, 1 / std));
        }

        @Override
        public NormSpec withInit(double init) {
            throw new SpecException("norm expected has no weight: use a scale instead");
        }
    }

    /**
     * A norm whose output is scaled and shifted by a side input c: {@code (1 + g(c)) norm(x) +
     * b(c)} (adaLN of DiT, Peebles and Xie 2023, arXiv:2212.09748, Section 3.2; with instance norm
     * AdaIN, Huang and Belongie 2017, arXiv:1703.06868). Parameters are below {@code norm} and
     * {@code modulation.linear}.
     *
     * @param norm the norm, with its own weight and bias. Default: layer
     * @param condition the side input
     * @param init the initial weights of g and b, whose biases start at 0. Default: 0
     */
    @TypeName("adaptive")
    record Adaptive(
            @Default("\"layer\"") NormSpec norm,
            Condition condition,
            @Default("{\"type\": \"constant\", \"value\": 0}") InitSpec init)
            implements NormSpec {
        @Override
        public Layer newBlock(Shape input) {
            return condition.modulated(norm.newBlock(input), init);
        }

        @Override
        public NormSpec withInit(double weight) {
            return new Adaptive(norm.withInit(weight), condition, init);
        }
    }
}
