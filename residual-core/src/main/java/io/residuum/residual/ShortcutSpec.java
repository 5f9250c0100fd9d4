package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import io.residuum.spec.layers.spatial.AveragePool1d;
import io.residuum.spec.layers.spatial.AveragePool3d;
import io.residuum.spec.layers.spatial.Conv1d;
import io.residuum.spec.layers.spatial.Conv3d;
import io.residuum.spec.layers.spatial.Size3d;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A setting for the path beside a branch. Its width and stride follow from the branch's output. */
public sealed interface ShortcutSpec
        permits ShortcutSpec.Identity,
                ShortcutSpec.ZeroPad,
                ShortcutSpec.Projection,
                ShortcutSpec.PooledProjection,
                ShortcutSpec.StandardizedProjection,
                ShortcutSpec.Dropped,
                ShortcutSpec.First,
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

    private static Shape stride(Shape input, Shape output) {
        Shapes.requireChannelsFirst("this shortcut", input);
        int first = Shapes.positionAxis(input);
        return new Shape(
                IntStream.range(first, first + Math.max(0, input.dimension() - 2))
                        .mapToLong(axis -> Shapes.stride(input.get(axis), output.get(axis)))
                        .toArray());
    }

    /** The input itself (He et al. 2016, "Identity Mappings"). */
    @TypeName("identity")
    @Doc("The input itself.")
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
    @Doc("Option A: the subsampled input with added channels of zeros.")
    record ZeroPad(@Default("false") boolean allAfter) implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new ZeroPadBlock(
                    input, Shapes.channels(output), stride(input, output), allAfter);
        }
    }

    /**
     * Options B and C (He et al. 2015, Section 3.3): a 1x1 convolution with the branch's stride, or
     * a linear map, followed by a norm. Parameters are below {@code conv} and {@code norm}.
     *
     * @param norm the norm after the projection. Default: batch
     * @param bias true to add a bias to the projection. Default: false
     */
    @TypeName("projection")
    @Doc("Options B and C: a strided 1x1 convolution or a linear map, followed by a norm.")
    record Projection(@Default("\"batch\"") NormSpec norm, @Default("false") boolean bias)
            implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            List<LayerSpec> layers = new ArrayList<>();
            layers.add(pointwise("conv", input, output, bias));
            layers.add(new Normalization("norm", norm));
            return new Sequential("", layers).newBlock(input);
        }
    }

    /**
     * The shortcut of ResNet-D (He et al. 2019, "Bag of Tricks", Section 4.2): average pooling with
     * the branch's stride, a 1x1 convolution and a norm.
     *
     * @param norm the norm after the projection. Default: batch
     */
    @TypeName("pooledProjection")
    @Doc("Option D: average pooling, a 1x1 convolution and a norm, as in ResNet-D.")
    record PooledProjection(@Default("\"batch\"") NormSpec norm) implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            Shape stride = stride(input, output);
            List<LayerSpec> layers = new ArrayList<>();
            if (stride.size() > 1) {
                layers.add(pool(stride));
            }
            layers.add(pointwise("conv", output, output, false));
            layers.add(new Normalization("norm", norm));
            return new Sequential("", layers).newBlock(input);
        }
    }

    /**
     * A strided 1x1 convolution with scaled weight standardization, for images of networks without
     * norms (Brock et al. 2021, arXiv:2101.08692, Section 3.1). Parameters are below {@code conv}.
     *
     * @param gamma as in {@link WeightStandardizedConv2d}, positive
     */
    @TypeName("standardizedProjection")
    @Doc("A strided 1x1 convolution with scaled weight standardization, without a norm.")
    record StandardizedProjection(double gamma) implements ShortcutSpec {
        public StandardizedProjection {
            Check.that(
                    gamma > 0 && Double.isFinite(gamma), "gamma must be positive, got %s", gamma);
        }

        @Override
        public Layer newBlock(Shape input, Shape output) {
            Conv2d conv = pixelwise("", input, output, true);
            return new Sequential("", new WeightStandardizedConv2d("conv", conv, 1e-6, gamma))
                    .newBlock(input);
        }
    }

    /**
     * The input with dropout (He et al. 2016, Table 1, "dropout shortcut").
     *
     * @param rate the probability of dropping an element, in [0, 1). Default: 0.5
     */
    @TypeName("dropped")
    @Doc("The input with dropout.")
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
    @Doc("The first positions of a sequence, in the number that the branch returns.")
    record First() implements ShortcutSpec {
        @Override
        public Layer newBlock(Shape input, Shape output) {
            return new PrefixBlock(input, output.get(1));
        }
    }

    /** No shortcut: a plain network. */
    @TypeName("none")
    @Doc("No shortcut: a plain network.")
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
                ? pixelwise("", input, output, true).newBlock(input, initial)
                : linear("", output, true).newBlock(input, initial);
    }

    /** Builds a 1x1 convolution, or a linear map, to the output's channels, without a bias. */
    static Layer map(Shape input, Shape output) {
        return pointwise("", input, output, false).newBlock(input);
    }

    private static LayerSpec pointwise(String name, Shape input, Shape output, boolean bias) {
        if (Shapes.isChannelsLast(input)) {
            return linear(name, output, bias);
        }
        Shape stride = stride(input, output);
        int filters = Math.toIntExact(Shapes.channels(output));
        if (input.dimension() == 5) {
            return new Conv3d(
                    name,
                    filters,
                    Size3d.of(1),
                    volume(stride),
                    Size3d.of(0),
                    Size3d.of(1),
                    1,
                    bias,
                    InitSpec.HE);
        }
        if (input.dimension() == 3 && stride.size() > 1) {
            int step = (int) stride.get(0);
            return new Conv1d(name, filters, 1, step, 0, 1, 1, bias, InitSpec.HE);
        }
        return input.dimension() == 4
                ? pixelwise(name, input, output, bias)
                : linear(name, output, bias);
    }

    /** Returns an average pool whose last window may reach over the edge. */
    private static LayerSpec pool(Shape stride) {
        if (stride.dimension() == 1) {
            int window = (int) stride.get(0);
            return new AveragePool1d("pool", window, window, 0, true, false);
        }
        if (stride.dimension() == 2) {
            Size2d window = new Size2d((int) stride.get(0), (int) stride.get(1));
            return new AveragePool2d("pool", window, window, Size2d.of(0), true, false);
        }
        return new AveragePool3d("pool", volume(stride), volume(stride), Size3d.of(0), true, false);
    }

    private static Size3d volume(Shape sizes) {
        return new Size3d((int) sizes.get(0), (int) sizes.get(1), (int) sizes.get(2));
    }

    private static Linear linear(String name, Shape output, boolean bias) {
        return new Linear(name, Math.toIntExact(Shapes.channels(output)), bias, InitSpec.HE);
    }

    private static Conv2d pixelwise(String name, Shape input, Shape output, boolean bias) {
        Shape stride = stride(input, output);
        return Conv2d.of(Math.toIntExact(Shapes.channels(output)), 1)
                .with()
                .name(name)
                .stride(new Size2d((int) stride.get(0), (int) stride.get(1)))
                .bias(bias)
                .build();
    }
}
