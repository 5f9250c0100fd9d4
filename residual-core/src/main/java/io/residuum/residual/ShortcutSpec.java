package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.residual.stream.AverageBlock;
import io.residuum.residual.stream.EachStreamBlock;
import io.residuum.residual.stream.MixBlock;
import io.residuum.residual.stream.StreamWeights;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import java.util.List;
import java.util.function.UnaryOperator;

/** A setting for the path beside a branch. Its width and stride follow from the branch's output. */
public sealed interface ShortcutSpec
        permits ShortcutSpec.Identity,
                ShortcutSpec.ZeroPad,
                ShortcutSpec.Projection,
                ShortcutSpec.PooledProjection,
                ShortcutSpec.StandardizedProjection,
                ShortcutSpec.Normalized,
                LayeredShortcut,
                ShortcutSpec.Dropped,
                ShortcutSpec.First,
                ShortcutSpec.Learned,
                ShortcutSpec.LowRank,
                ShortcutSpec.Average,
                ShortcutSpec.Streams,
                ShortcutSpec.EachStream,
                ShortcutSpec.None {

    /** The input itself. */
    ShortcutSpec IDENTITY = new Identity();

    /**
     * {@return the layer}
     *
     * @param input the shape of the tensor that the shortcut reads
     * @param output the shape of the branch's output
     */
    Layer newBlock(Shape input, Shape output);

    /** {@return the layers that this spec lists; none by default} */
    default List<LayerSpec> layers() {
        return List.of();
    }

    /** {@return this shortcut with a change of each of its {@link #layers}} */
    default ShortcutSpec withLayers(UnaryOperator<LayerSpec> change) {
        return this;
    }

    /** The input itself (He et al. 2016, "Identity Mappings"). */
    @TypeName("identity")
    record Identity() implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new IdentityBlock(input);
        }
    }

    /**
     * Option A (He et al. 2015, Section 4.1): subsamples the input and adds channels of zeros.
     *
     * @param allAfter true to add all new channels after the old ones; false to add half before and
     *     half after, as in common CIFAR implementations. Default: false
     */
    @TypeName("zeroPad")
    record ZeroPad(@Default("false") boolean allAfter) implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new ZeroPadBlock(
                    input, Shapes.channels(output), ShortcutLayers.stride(input, output), allAfter);
        }
    }

    /**
     * Options B and C (He et al. 2015, Section 3.3): a 1x1 convolution with the branch's stride, or
     * a linear map, followed by a norm. Parameters are below {@code conv} and {@code norm}.
     *
     * @param norm the norm after the projection. Default: batch
     * @param bias true to add a bias to the projection. Default: false
     * @param kernel the kernel of strided projections of images, odd (3 in SENet-154, Hu et al.
     *     2018, Section 6.1). Default: 1
     */
    @TypeName("projection")
    record Projection(
            @Default("\"batch\"") NormSpec norm,
            @Default("false") boolean bias,
            @Default("1") int kernel)
            implements ShortcutSpec {
        public Projection {
            Check.that(
                    kernel > 0 && kernel % 2 == 1,
                    "kernel must be odd, such as 1 or 3, got %s",
                    kernel);
        }

        /**
         * Creates a projection of single positions.
         *
         * @param norm the norm after the projection
         * @param bias true to add a bias to the projection
         */
        public Projection(NormSpec norm, boolean bias) {
            this(norm, bias, 1);
        }

        @Override
        public Layer newBlock(Shape input, Shape output) {
            Check.that(
                    kernel == 1 || input.dimension() == 4 && Shapes.isSpatial(input),
                    "kernel must be 1 but for images, got %s for %s",
                    kernel,
                    input);
            boolean wide = kernel > 1 && ShortcutLayers.stride(input, output).size() > 1;
            LayerSpec conv =
                    wide
                            ? ShortcutLayers.pixelwise("conv", input, output, bias)
                                    .withKernel(Size2d.of(kernel))
                                    .withPadding(Size2d.of((kernel - 1) / 2))
                            : ShortcutLayers.pointwise("conv", input, output, bias, InitSpec.HE);
            return new Sequential("", conv, new Normalization("norm", norm)).newBlock(input);
        }
    }

    /**
     * The shortcut of ResNet-D (He et al. 2019, "Bag of Tricks", Section 4.2): average pooling with
     * the branch's stride, a 1x1 convolution and a norm.
     *
     * @param norm the norm after the projection. Default: batch
     */
    @TypeName("pooledProjection")
    record PooledProjection(@Default("\"batch\"") NormSpec norm) implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            LayerSpec conv = ShortcutLayers.pointwise("conv", output, output, false, InitSpec.HE);
            return ShortcutLayers.pooled(input, output, conv, new Normalization("norm", norm));
        }
    }

    /**
     * A strided 1x1 convolution with weight standardization and without a norm, for images: scaled
     * and with a bias in networks without norms (Brock et al. 2021, arXiv:2101.08692, Section 3.1),
     * otherwise as in BiT (Kolesnikov et al. 2020, arXiv:1912.11370). Parameters are below {@code
     * conv}.
     *
     * @param gamma as in {@link WeightStandardizedConv2d}; 0 for no scale and no bias
     * @param eps added to the variance of the weight. Default: 1e-6
     * @param pooled true for average pooling before a convolution without a stride, as in NFNet.
     *     Default: false
     */
    @TypeName("standardizedProjection")
    record StandardizedProjection(
            double gamma, @Default("1e-6") double eps, @Default("false") boolean pooled)
            implements ShortcutSpec {
        public StandardizedProjection {
            Check.notNegative("gamma", gamma);
            Check.positive("eps", eps);
        }

        /**
         * Creates a projection without pooling.
         *
         * @param gamma as in {@link WeightStandardizedConv2d}
         * @param eps added to the variance of the weight
         */
        public StandardizedProjection(double gamma, double eps) {
            this(gamma, eps, false);
        }

        @Override
        public Layer newBlock(Shape input, Shape output) {
            Check.that(
                    input.dimension() == 4 && Shapes.isSpatial(input),
                    "standardizedProjection needs images (N, C, H, W), got %s; use projection",
                    input);
            Shape read = pooled ? output : input;
            Conv2d conv = ShortcutLayers.pixelwise("", read, output, gamma > 0);
            LayerSpec standardized = new WeightStandardizedConv2d("conv", conv, eps, gamma);
            return ShortcutLayers.pooled(input, read, standardized);
        }
    }

    /**
     * The input after a norm: the identity branch of RepVGG (Ding et al. 2021, arXiv:2101.03697,
     * Section 3.2). Parameters are below {@code norm}.
     *
     * @param norm the norm. Default: batch
     */
    @TypeName("normalized")
    record Normalized(@Default("\"batch\"") NormSpec norm) implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new Sequential("", new Normalization("norm", norm)).newBlock(input);
        }
    }

    /**
     * The input with dropout (He et al. 2016, Table 1, "dropout shortcut").
     *
     * @param rate the probability of dropping an element, in [0, 1). Default: 0.5
     */
    @TypeName("dropped")
    record Dropped(@Default("0.5") double rate) implements ShortcutSpec {
        public Dropped {
            Check.rate("rate", rate);
        }

        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new DropoutBlock(input, rate);
        }
    }

    /**
     * The first positions of a sequence, in the number that the branch returns. It serves branches
     * in which only some tokens query, such as the class attention of CaiT (Touvron et al. 2021,
     * arXiv:2103.17239).
     */
    @TypeName("first")
    record First() implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new PrefixBlock(input, output.get(1));
        }
    }

    /**
     * The input times a learned factor: the residual weights of LAuReL (Menghani et al. 2024,
     * arXiv:2411.07501, Section 2.1), beside a learned scale of the branch.
     *
     * @param init the initial factor. Default: 1
     * @param perChannel true for one factor per channel, false for one factor. Default: false
     */
    @TypeName("learned")
    record Learned(@Default("1.0") double init, @Default("false") boolean perChannel)
            implements ShortcutSpec {
        public Learned {
            Check.finite("init", init);
        }

        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new ScaleBlock(input, init, perChannel, false);
        }
    }

    /**
     * The input plus a low-rank map of it: {@code x + norm(B A x)} (LAuReL, Menghani et al. 2024,
     * arXiv:2411.07501, Section 2.2; the norm as in Gemma 3n). B starts at 0, so that the shortcut
     * starts as the identity. Parameters are below {@code left} (A), {@code right} (B) and {@code
     * norm}.
     *
     * @param rank the rank of the map
     * @param norm the norm after the map. Default: none
     */
    @TypeName("lowRank")
    record LowRank(int rank, @Default("\"none\"") NormSpec norm) implements ShortcutSpec {
        public LowRank {
            Check.positive("rank", rank);
        }

        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new LowRankShortcutBlock(input, rank, norm);
        }
    }

    /**
     * A learned weighted sum of the input and saved states: the previous activations of LAuReL
     * (Menghani et al. 2024, arXiv:2411.07501, Section 2.3). Parameters: those of the layer {@code
     * average}.
     *
     * @param of the names of the states, one or more
     * @param init the weights at the start, of the input and then of the states. Default: 1 for the
     *     input and 0 for the states
     * @param hidden the hidden width of the map from the input to the weights; 0 for equal weights
     *     at all positions. Default: 0
     */
    @TypeName("average")
    record Average(Names of, @Default("[]") List<Double> init, @Default("0") int hidden)
            implements ShortcutSpec {
        public Average {
            init = new io.residuum.residual.stream.Average("", of, init, hidden).init();
        }

        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new AverageBlock(input, of.all(), init, hidden);
        }
    }

    /**
     * Mixes n streams with each other. Row j of the weights makes stream j (hyper-connections, Zhu
     * et al. 2024, arXiv:2409.19606, Equation 2). The number of streams is the input's width
     * divided by the branch's.
     *
     * @param weights n x n weights
     */
    @TypeName("streams")
    record Streams(StreamWeights weights) implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            long all = Shapes.channels(input);
            long one = Shapes.channels(output);
            Check.that(
                    all % one == 0,
                    "shortcut must carry streams of the branch's %s channels, got %s channels",
                    one,
                    all);
            return MixBlock.carry(input, Math.toIntExact(all / one), weights);
        }
    }

    /**
     * A shortcut of one stream, applied to each of n streams with the same weights. Units that
     * change the width or the positions need it.
     *
     * @param streams the number of streams n
     * @param shortcut the shortcut of one stream
     */
    @TypeName("eachStream")
    record EachStream(int streams, ShortcutSpec shortcut) implements ShortcutSpec {
        public EachStream {
            Check.positive("streams", streams);
        }

        @Override
        public List<LayerSpec> layers() {
            return shortcut.layers();
        }

        @Override
        public ShortcutSpec withLayers(UnaryOperator<LayerSpec> change) {
            return new EachStream(streams, shortcut.withLayers(change));
        }

        @Override
        public Layer newBlock(Shape input, Shape output) {
            Shape one = EachStreamBlock.oneStream(input, streams);
            return new EachStreamBlock(input, streams, shortcut.newBlock(one, output));
        }
    }

    /** No shortcut: a plain network. */
    @TypeName("none")
    record None() implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new IdentityBlock(input);
        }
    }

    /**
     * Builds a 1x1 convolution, or a linear map for sequences and vectors, to the output's channels
     * and positions, with a constant initial bias.
     */
    static Layer gate(Shape input, Shape output, double bias) {
        Init initial = Init.constant((float) bias);
        return input.dimension() == 4 && Shapes.isSpatial(input)
                ? ShortcutLayers.pixelwise("", input, output, true).newBlock(input, initial)
                : ShortcutLayers.linear("", output, true, InitSpec.HE).newBlock(input, initial);
    }

    /** Builds a 1x1 convolution, or a linear map, to the output's channels, without a bias. */
    static Layer map(Shape input, Shape output, InitSpec init) {
        return ShortcutLayers.pointwise("", input, output, false, init).newBlock(input);
    }
}
