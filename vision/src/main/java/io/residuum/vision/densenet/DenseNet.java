package io.residuum.vision.densenet;

import io.residuum.residual.MergeSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.vision.resnet.ActivationOrder;
import io.residuum.vision.resnet.ResNetUnit;
import io.residuum.vision.resnet.ResNetUnit.Antialias;
import io.residuum.vision.resnet.Stem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A densely connected network for images (Huang et al. 2017, arXiv:1608.06993): {@code (N, C, H, W)
 * -> (N, classes)}. Each unit concatenates its new channels to its input. The parts are named
 * {@code stem}, {@code stage1}, {@code transition1}, {@code stage2} and so on (units from {@code
 * 0}), and {@code head}.
 *
 * @param stem the layers before the first unit. Default: imagenet
 * @param units the number of units in each stage
 * @param growth the growth rate k: the channels that a unit adds. Default: 32
 * @param width the channels of the stem. 0: twice the growth rate. Default: 0
 * @param bottleneck the width of a unit's 1x1 convolution, as a multiple of the growth rate; 0 for
 *     units without one. Default: 4
 * @param compression the share of channels that a transition keeps, theta. Default: 0.5
 * @param dropout the dropout rate at the end of each unit. Default: 0
 * @param headDropout the dropout rate before the classifier. Default: 0
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param blur true to subsample by a binomial filter in the stem (Zhang 2019, arXiv:1904.11486).
 *     Default: false
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("densenet")
public record DenseNet(
        @Default("\"\"") String name,
        @Default("\"imagenet\"") Stem stem,
        List<Integer> units,
        @Default("32") int growth,
        @Default("0") int width,
        @Default("4") int bottleneck,
        @Default("0.5") double compression,
        @Default("0.0") double dropout,
        @Default("0.0") double headDropout,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("false") boolean blur,
        int classes)
        implements Family, DenseNetBuilder.With {

    /** The units in each stage by depth. */
    private static final Map<Integer, List<Integer>> IMAGENET_UNITS =
            Map.of(
                    121, List.of(6, 12, 24, 16),
                    161, List.of(6, 12, 36, 24),
                    169, List.of(6, 12, 32, 32),
                    201, List.of(6, 12, 48, 32));

    private static final int CIFAR_STAGES = 3;

    /** The stem's channels without bottlenecks and compression (Section 3, "Implementation"). */
    private static final int BASIC_WIDTH = 16;

    public DenseNet {
        units = List.copyOf(units);
        Check.that(!units.isEmpty(), "units must not be empty");
        units.forEach(n -> Check.depth("units", n));
        Check.positive("growth", growth);
        Check.notNegative("width", width);
        Check.notNegative("bottleneck", bottleneck);
        Check.that(
                compression > 0 && compression <= 1,
                "compression must be in (0, 1], got %s",
                compression);
        Check.rate("dropout", dropout);
        Check.rate("headDropout", headDropout);
        Check.positive("classes", classes);
    }

    /**
     * {@return a DenseNet for images of about 224 pixels, with 1000 classes}
     *
     * @param depth 121, 161, 169 or 201
     */
    public static DenseNet imagenet(int depth) {
        List<Integer> units = IMAGENET_UNITS.get(depth);
        if (units == null) {
            throw new SpecException(
                    "depth must be 121, 161, 169 or 201, got "
                            + depth
                            + "; use one of these, or units");
        }
        return Defaults.fill(DenseNetBuilder.builder())
                .units(units)
                .growth(depth == 161 ? 48 : 32)
                .classes(1000)
                .build();
    }

    /**
     * {@return a DenseNet for 32x32 images without bottlenecks and compression (Table 2), with 10
     * classes}
     *
     * @param depth the number of layers, 3n + 4
     * @param growth the growth rate
     */
    public static DenseNet cifar(int depth, int growth) {
        return cifar(depth, growth, 1)
                .with()
                .width(BASIC_WIDTH)
                .bottleneck(0)
                .compression(1)
                .build();
    }

    /**
     * {@return a DenseNet-BC for 32x32 images (Table 2), with 10 classes}
     *
     * @param depth the number of layers, 6n + 4
     * @param growth the growth rate
     */
    public static DenseNet cifarBottleneck(int depth, int growth) {
        return cifar(depth, growth, 2);
    }

    private static DenseNet cifar(int depth, int growth, int convolutions) {
        int each = CIFAR_STAGES * convolutions;
        Check.that(
                depth > 4 && (depth - 4) % each == 0, "depth must be %sn + 4, got %s", each, depth);
        int n = (depth - 4) / each;
        return Defaults.fill(DenseNetBuilder.builder())
                .stem(Stem.CIFAR)
                .units(List.of(n, n, n))
                .growth(growth)
                .classes(10)
                .build();
    }

    @Override
    public DenseNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        int channels = width == 0 ? Math.multiplyExact(2, growth) : width;
        parts.add(stem.expand(channels, stemUnit()));
        for (int s = 1; s <= units.size(); s++) {
            List<LayerSpec> stage = new ArrayList<>();
            for (int u = 0; u < units.get(s - 1); u++) {
                stage.add(unit(Integer.toString(u)));
            }
            parts.add(new Sequential("stage" + s, stage));
            channels = Math.addExact(channels, Math.multiplyExact(units.get(s - 1), growth));
            if (s < units.size()) {
                channels = Math.max(1, (int) (channels * compression));
                parts.add(transition("transition" + s, channels));
            }
        }
        parts.add(head());
        return new Sequential(name, parts);
    }

    /** The units begin with norms, so the small stem has none; the large one needs it to pool. */
    private ResNetUnit stemUnit() {
        ActivationOrder order =
                stem.isCifar() ? ActivationOrder.PRE_ACTIVATION : ActivationOrder.ORIGINAL;
        return ResNetUnit.ORIGINAL
                .with()
                .order(order)
                .norm(norm)
                .activation(activation)
                .antialias(blur ? Antialias.BLUR : Antialias.NONE)
                .build();
    }

    private Residual unit(String unit) {
        List<LayerSpec> branch = new ArrayList<>();
        if (bottleneck > 0) {
            branch.add(conv("conv1", Math.multiplyExact(bottleneck, growth), 1));
            branch.add(new Normalization("norm1", norm));
            branch.add(new Activation("activation1", activation));
        }
        branch.add(conv(bottleneck > 0 ? "conv2" : "conv1", growth, 3));
        if (dropout > 0) {
            branch.add(new Dropout("dropout", dropout));
        }
        return Residual.builder(unit, new Sequential("", branch))
                .before(new NormActivation(norm, activation))
                .merge(new MergeSpec.Concat())
                .build();
    }

    private Sequential transition(String transition, int channels) {
        return new Sequential(
                transition,
                new Normalization("norm", norm),
                new Activation("activation", activation),
                conv("conv", channels, 1),
                new AveragePool2d("pool", Size2d.of(2), Size2d.of(2), Size2d.of(0), false, true));
    }

    private Sequential head() {
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(new Normalization("norm", norm));
        layers.add(new Activation("activation", activation));
        layers.add(new GlobalAveragePool("pool"));
        if (headDropout > 0) {
            layers.add(new Dropout("dropout", headDropout));
        }
        layers.add(new Linear("fc", classes));
        return new Sequential("head", layers);
    }

    private static Conv2d conv(String name, int filters, int kernel) {
        return Conv2d.of(filters, kernel).with().name(name).bias(false).build();
    }
}
