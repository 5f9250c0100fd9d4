package io.residuum.vision.efficientnet;

import io.residuum.nn.Shapes;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.spatial.ChannelSlice;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of inverted residuals for images: MobileNet, MnasNet, EfficientNet (Tan and Le 2019,
 * arXiv:1905.11946) and their relatives, {@code (N, C, H, W) -> (N, classes)}. The parts are named
 * {@code stem}, {@code stage1}, {@code stage2} and so on (blocks from {@code 0}), and {@code head}.
 * Each block is a residual unit; blocks that change the shape have no shortcut.
 *
 * @param stem the channels of the first convolution
 * @param stages the rows of blocks in each stage
 * @param block the settings of all blocks. Default: {@code {}}
 * @param head the layers after the last stage. Default: {@code {}}
 * @param dropout the dropout rate before the classifier. Default: 0
 * @param stochasticDepth the drop-path rate as a function of depth; TensorFlow, timm and
 *     torchvision spread it with the schedule {@code linear-below}. Default: none
 * @param stemKernel the window of the first convolution, odd. Default: 3
 * @param stemStride the stride of the first convolution; 1 suits images of 32x32 pixels. Default: 2
 * @param classes the number of classes; 0 for the pooled features
 */
@WithBuilder
@TypeName("efficientnet")
public record EfficientNet(
        @Default("\"\"") String name,
        int stem,
        List<List<BlockRow>> stages,
        @Default("{}") BlockSettings block,
        @Default("{}") Head head,
        @Default("0.0") double dropout,
        @Default("0.0") StochasticDepth stochasticDepth,
        @Default("3") int stemKernel,
        @Default("2") int stemStride,
        int classes)
        implements Family, EfficientNetBuilder.With {

    /** The number that hidden widths are a multiple of. */
    private static final int DIVISOR = 8;

    /**
     * The layers after the last stage.
     *
     * @param channels the channels of a 1x1 convolution; 0 for none. Default: 0
     * @param pooled true for a linear map after the pooling instead of a convolution with a norm
     *     before it, as in MobileNetV3. Default: false
     * @param bias true to add a bias to the linear map. Default: true
     * @param norm true for a norm after the linear map, as in MobileNetV4. Default: false
     */
    public record Head(
            @Default("0") int channels,
            @Default("false") boolean pooled,
            @Default("true") boolean bias,
            @Default("false") boolean norm) {
        /**
         * Creates a head without a norm after the linear map.
         *
         * @param channels the channels of a 1x1 convolution; 0 for none
         * @param pooled true for a linear map after the pooling instead of the convolution
         * @param bias true to add a bias to the linear map
         */
        public Head(int channels, boolean pooled, boolean bias) {
            this(channels, pooled, bias, false);
        }

        public Head {
            Check.that(pooled || !norm, "norm must be false unless pooled, got true");
            Check.notNegative("channels", channels);
            Check.that(channels > 0 || !pooled, "pooled must be false without channels, got true");
            Check.that(bias || pooled, "bias must be true unless pooled, got false");
        }
    }

    public EfficientNet {
        Check.positive("stem", stem);
        Check.odd("stemKernel", stemKernel);
        Check.positive("stemStride", stemStride);
        stages = stages.stream().map(List::copyOf).toList();
        Check.that(!stages.isEmpty(), "stages must not be empty");
        Check.that(
                stages.stream().noneMatch(List::isEmpty),
                "stages must have rows, got an empty one");
        for (List<BlockRow> rows : stages) {
            for (BlockRow row : rows) {
                Check.that(
                        row.kernel() % 2 == 1 || row.kernel() == 0 || block.same() || !row.skip(),
                        "kernel must be odd in blocks with a shortcut, got %s; use %s, or"
                                + " block.same",
                        row.kernel(),
                        row.kernel() + 1);
            }
        }
        Check.rate("dropout", dropout);
        stochasticDepth.requirePerUnit("an EfficientNet");
        Check.notNegative("classes", classes);
    }

    @Override
    public EfficientNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        List<LayerSpec> first = new ArrayList<>();
        first.add(block.conv("conv", stem, stemKernel, stemStride));
        first.add(new Normalization("norm", block.norm()));
        first.add(new Activation("activation", block.activation()));
        parts.add(new Sequential("stem", first));
        int units = stages.stream().flatMap(List::stream).mapToInt(BlockRow::repeats).sum();
        int done = 0;
        int channels = stem;
        for (int s = 1; s <= stages.size(); s++) {
            List<LayerSpec> stage = new ArrayList<>();
            for (BlockRow row : stages.get(s - 1)) {
                for (int r = 0; r < row.repeats(); r++) {
                    int stride = r == 0 ? row.stride() : 1;
                    DropPathSpec dropPath = stochasticDepth.at(done++, units);
                    String unit = Integer.toString(stage.size());
                    stage.add(unit(unit, row, channels, stride, dropPath));
                    channels = row.channels();
                }
            }
            parts.add(new Sequential("stage" + s, stage));
        }
        parts.add(headLayers());
        return new Sequential(name, parts);
    }

    private Residual unit(String unit, BlockRow row, int in, int stride, DropPathSpec dropPath) {
        boolean joins = row.skip() && stride == 1 && in == row.channels();
        return Residual.builder(unit, new Sequential("", branch(row, in, stride)))
                .shortcut(joins ? ShortcutSpec.IDENTITY : new ShortcutSpec.None())
                .dropPath(joins ? dropPath : DropPathSpec.NONE)
                .build();
    }

    private List<LayerSpec> branch(BlockRow row, int in, int stride) {
        Layers layers = new Layers(block.activation(row));
        int hidden =
                row.expands() ? Shapes.divisible(in * row.expansion(), DIVISOR, Widths.LIMIT) : in;
        switch (row.kind()) {
            case INVERTED -> {
                Conv2d expand = block.conv("expand", hidden, 1, 1);
                layers.add(mixed(expand, row.expandKernels(), in), true);
                depthwise(layers, row, hidden, stride);
                Conv2d project = block.conv("project", row.channels(), 1, 1);
                layers.add(mixed(project, row.projectKernels(), hidden), false);
            }
            case SEPARABLE, SEPARABLE_ACTIVATED -> {
                depthwise(layers, row, hidden, stride);
                boolean activated = row.kind() == BlockRow.Kind.SEPARABLE_ACTIVATED;
                layers.add(block.conv("pointwise", row.channels(), 1, 1), activated);
            }
            case FUSED -> {
                int groups = row.groupWidth() == 0 ? 1 : groups(row, hidden);
                Conv2d fused = block.conv("fused", hidden, row.kernel(), own(stride));
                layers.add(fused.withGroups(groups), true);
                average(layers.all, stride);
                squeeze(layers, row, hidden);
                layers.add(block.conv("project", row.channels(), 1, 1), false);
            }
            case UNIVERSAL -> {
                return universal(row, in, hidden, stride);
            }
            case CONVOLUTION -> {
                layers.add(block.conv("conv", row.channels(), row.kernel(), own(stride)), true);
                average(layers.all, stride);
            }
        }
        return layers.all;
    }

    /** Returns the parts of a universal block; the last depthwise convolution has the stride. */
    private List<LayerSpec> universal(BlockRow row, int in, int hidden, int stride) {
        ActivationSpec activation = block.activation(row);
        List<LayerSpec> parts = new ArrayList<>();
        if (row.startKernel() > 0) {
            int first = row.kernel() == 0 ? stride : 1;
            Conv2d start = block.conv("conv", in, row.startKernel(), 1).withGroups(in);
            parts.add(strided("start", start, ActivationSpec.NONE, first));
        }
        parts.add(part("expand", block.conv("conv", hidden, 1, 1), activation));
        if (row.kernel() > 0) {
            Conv2d middle = block.conv("conv", hidden, row.kernel(), 1).withGroups(hidden);
            parts.add(strided("depthwise", middle, activation, stride));
        }
        if (row.squeezeExcitation() > 0) {
            parts.add(block.squeeze(row, hidden));
        }
        parts.add(part("project", block.conv("conv", row.channels(), 1, 1), ActivationSpec.NONE));
        return parts;
    }

    private LayerSpec strided(String part, Conv2d conv, ActivationSpec activation, int stride) {
        List<LayerSpec> layers =
                new ArrayList<>(part(part, conv.withStride(own(stride)), activation).layers());
        average(layers, stride);
        return new Sequential(part, layers);
    }

    /** {@return the stride of a convolution, which a pooling after it may have} */
    private int own(int stride) {
        return block.pools() ? 1 : stride;
    }

    private void average(List<LayerSpec> layers, int stride) {
        if (block.pools() && stride > 1) {
            layers.add(block.antialias(stride));
        }
    }

    private Sequential part(String part, Conv2d conv, ActivationSpec activation) {
        return new Sequential(
                part,
                conv,
                new Normalization("norm", block.norm()),
                new Activation("activation", activation));
    }

    private static int groups(BlockRow row, int hidden) {
        Check.that(
                hidden % row.groupWidth() == 0,
                "groupWidth must divide the hidden width %s, got %s",
                hidden,
                row.groupWidth());
        return hidden / row.groupWidth();
    }

    private void depthwise(Layers layers, BlockRow row, int hidden, int stride) {
        Conv2d conv = block.conv("depthwise", hidden, row.kernel(), own(stride));
        int groups = row.groupWidth() == 0 ? hidden : groups(row, hidden);
        layers.add(mixed(conv.withGroups(groups), row.kernels(), hidden), true);
        average(layers.all, stride);
        squeeze(layers, row, hidden);
    }

    /**
     * Returns a convolution, or one per kernel, each for an equal share of the input's channels
     * (Tan and Le 2019, arXiv:1907.09595, Section 3.1). The first share takes the remainder.
     */
    private LayerSpec mixed(Conv2d conv, List<Integer> kernels, int in) {
        if (kernels.isEmpty()) {
            return conv;
        }
        int count = kernels.size();
        int out = conv.filters();
        List<LayerSpec> shares = new ArrayList<>();
        int begin = 0;
        for (int k = 0; k < count; k++) {
            int end = begin + in / count + (k == 0 ? in % count : 0);
            int filters = out / count + (k == 0 ? out % count : 0);
            int stride = conv.stride().height();
            shares.add(
                    new Sequential(
                            Integer.toString(k),
                            new ChannelSlice("share", begin, end),
                            block.conv("conv", filters, kernels.get(k), stride)
                                    .withGroups(conv.groups() == 1 ? 1 : filters)));
            begin = end;
        }
        return Parallel.concat(conv.name(), shares.toArray(LayerSpec[]::new));
    }

    private void squeeze(Layers layers, BlockRow row, int hidden) {
        if (row.squeezeExcitation() > 0) {
            layers.all.add(block.squeeze(row, hidden));
        }
    }

    /** Convolutions, each followed by a norm and perhaps an activation, numbered from 1. */
    private final class Layers {
        private final List<LayerSpec> all = new ArrayList<>();
        private final ActivationSpec activation;
        private int count;

        Layers(ActivationSpec activation) {
            this.activation = activation;
        }

        void add(LayerSpec conv, boolean activated) {
            count++;
            all.add(conv);
            all.add(new Normalization("norm" + count, block.norm()));
            if (activated) {
                all.add(new Activation("activation" + count, activation));
            }
        }
    }

    private LayerSpec headLayers() {
        List<LayerSpec> layers = new ArrayList<>();
        if (head.channels() > 0 && !head.pooled()) {
            layers.add(block.conv("conv", head.channels(), 1, 1));
            layers.add(new Normalization("norm", block.norm()));
            layers.add(new Activation("activation", block.activation()));
        }
        layers.add(new GlobalAveragePool("pool"));
        if (head.channels() > 0 && head.pooled()) {
            Linear hidden = new Linear("hidden", head.channels());
            layers.add(new Linear("hidden", head.channels(), head.bias(), hidden.init()));
            if (head.norm()) {
                layers.add(new Normalization("hiddenNorm", block.norm()));
            }
            layers.add(new Activation("activation", block.activation()));
        }
        if (dropout > 0) {
            layers.add(new Dropout("dropout", dropout));
        }
        if (classes > 0) {
            layers.add(new Linear("fc", classes));
        }
        return new Sequential("head", layers);
    }
}
