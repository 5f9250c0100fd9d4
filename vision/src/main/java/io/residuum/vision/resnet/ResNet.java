package io.residuum.vision.resnet;

import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Activation;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.Family;
import io.residuum.spec.GlobalAveragePool;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Linear;
import io.residuum.spec.Normalization;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A residual network for images (He et al. 2015, arXiv:1512.03385) and its relatives: {@code (N, C,
 * H, W) -> (N, classes)}. The parts are named {@code stem}, {@code stage1} to {@code stage4} (units
 * from {@code 0}) and {@code head}.
 *
 * @param name the name. Default: empty
 * @param stem the layers before the first unit. A CIFAR stem goes with three stages, the others
 *     with four. Default: imagenet
 * @param depth the number of layers, which determines the units; 0 if {@code units} is given.
 *     Default: 0
 * @param units the number of units in each stage; empty if {@code depth} is given. Default: empty
 * @param width the channels of the stem and the first stage; each stage doubles them. 0: 64, or 16
 *     with a CIFAR stem. Default: 0
 * @param widen the factor of the stages' widths, not of the stem's (Zagoruyko and Komodakis 2016).
 *     Default: 1
 * @param unit the settings of all units. Default: the original unit
 * @param shortcut the kind of shortcut in each unit. Default: B
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@TypeName("resnet")
@Doc("A residual network for images and its relatives.")
public record ResNet(
        @Default("\"\"") String name,
        @Default("\"imagenet\"") Stem stem,
        @Default("0") int depth,
        @Default("[]") List<Integer> units,
        @Default("0") int width,
        @Default("1") int widen,
        @Default("{}") ResNetUnit unit,
        @Default("\"B\"") ShortcutPolicy shortcut,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family {

    /** The units in each stage by depth (He et al. 2015, Table 1). */
    private static final Map<Integer, List<Integer>> IMAGENET_UNITS =
            Map.of(
                    18, List.of(2, 2, 2, 2),
                    34, List.of(3, 4, 6, 3),
                    50, List.of(3, 4, 6, 3),
                    101, List.of(3, 4, 23, 3),
                    152, List.of(3, 8, 36, 3));

    public ResNet {
        units = List.copyOf(units);
        Check.notNegative("depth", depth);
        Check.notNegative("width", width);
        Check.positive("widen", widen);
        Check.positive("classes", classes);
        Check.that(
                units.stream().allMatch(n -> n > 0), "units must all be positive, got %s", units);
        Check.that(
                (depth == 0) != units.isEmpty(),
                "exactly one of depth and units must be given, got depth %s and units %s",
                depth,
                units);
        if (depth > 0) {
            unitsOf(stem, depth, unit.kind());
        }
    }

    /**
     * Returns a ResNet for images of about 224 pixels (He et al. 2015, Table 1), with shortcut
     * option B and the stride on the 3x3 convolution.
     *
     * @param depth 18, 34, 50, 101 or 152
     * @return the network, with 1000 classes
     */
    public static ResNet imagenet(int depth) {
        return new ResNet(
                "",
                Stem.IMAGENET,
                depth,
                List.of(),
                0,
                1,
                ResNetUnit.ORIGINAL,
                ShortcutPolicy.B,
                StochasticDepth.NONE,
                1000);
    }

    /**
     * Returns a ResNet for 32x32 images (He et al. 2015, Section 4.2), with shortcut option A.
     *
     * @param depth the number of layers, 6n + 2
     * @return the network, with 10 classes
     */
    public static ResNet cifar(int depth) {
        return cifar(depth, ResNetUnit.ORIGINAL, ShortcutPolicy.A);
    }

    /**
     * Returns a variant of the ResNets for 32x32 images.
     *
     * @param depth the number of layers: 6n + 2 with basic units, 9n + 2 with bottlenecks
     * @param unit the settings of all units
     * @param shortcut the kind of shortcut in each unit
     * @return the network, with 10 classes
     */
    public static ResNet cifar(int depth, ResNetUnit unit, ShortcutPolicy shortcut) {
        return new ResNet(
                "", Stem.CIFAR, depth, List.of(), 0, 1, unit, shortcut, StochasticDepth.NONE, 10);
    }

    /**
     * Returns a copy with other unit settings.
     *
     * @param value the settings of all units
     * @return a new network
     */
    public ResNet withUnit(ResNetUnit value) {
        return with(p -> p.unit = value);
    }

    /**
     * Returns a copy with another shortcut policy.
     *
     * @param value the policy
     * @return a new network
     */
    public ResNet withShortcut(ShortcutPolicy value) {
        return with(p -> p.shortcut = value);
    }

    /**
     * Returns a copy with another stem.
     *
     * @param value the stem
     * @return a new network
     */
    public ResNet withStem(Stem value) {
        return with(p -> p.stem = value);
    }

    /**
     * Returns a copy with wider stages.
     *
     * @param factor the factor of the stages' widths, positive
     * @return a new network
     */
    public ResNet withWiden(int factor) {
        return with(p -> p.widen = factor);
    }

    /**
     * Returns a copy with another stochastic depth.
     *
     * @param value the drop-path rate as a function of depth
     * @return a new network
     */
    public ResNet withStochasticDepth(StochasticDepth value) {
        return with(p -> p.stochasticDepth = value);
    }

    @Override
    public ResNet withClasses(int value) {
        return with(p -> p.classes = value);
    }

    private static ResNetUnit.Kind kindOf(Stem stem, int depth, ResNetUnit.Kind kind) {
        if (kind != ResNetUnit.Kind.AUTO) {
            return kind;
        }
        return !stem.isCifar() && depth >= 50 ? ResNetUnit.Kind.BOTTLENECK : ResNetUnit.Kind.BASIC;
    }

    private static List<Integer> unitsOf(Stem stem, int depth, ResNetUnit.Kind wanted) {
        ResNetUnit.Kind kind = kindOf(stem, depth, wanted);
        int each = 3 * kind.convolutions();
        if (stem.isCifar()) {
            Check.that(
                    depth > 2 && (depth - 2) % each == 0,
                    "depth must be %sn + 2 for a CIFAR stem and %s units, got %s",
                    each,
                    kind == ResNetUnit.Kind.BASIC ? "basic" : "bottleneck",
                    depth);
            int n = (depth - 2) / each;
            return List.of(n, n, n);
        }
        List<Integer> table = IMAGENET_UNITS.get(depth);
        if (table == null) {
            throw new SpecException(
                    "depth must be 18, 34, 50, 101 or 152, got "
                            + depth
                            + "; use one of these, or units");
        }
        return table;
    }

    @Override
    public LayerSpec expand() {
        ResNetUnit.Kind kind = kindOf(stem, depth, unit.kind());
        List<Integer> plan = units.isEmpty() ? unitsOf(stem, depth, unit.kind()) : units;
        int first = width == 0 ? stem.usualWidth() : width;
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(stem.expand(first, unit));
        int total = plan.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        int channels = first;
        for (int s = 0; s < plan.size(); s++) {
            int stageWidth = (first << s) * widen;
            List<LayerSpec> stage = new ArrayList<>();
            for (int u = 0; u < plan.get(s); u++) {
                int stride = s > 0 && u == 0 ? 2 : 1;
                int out = stageWidth * kind.expansion();
                boolean changes = stride > 1 || out != channels;
                ResNetUnit.UnitConfig config =
                        new ResNetUnit.UnitConfig(
                                Integer.toString(u),
                                kind,
                                stageWidth,
                                stride,
                                changes,
                                stochasticDepth.at(done++, total));
                stage.add(unit.expand(config, shortcut));
                channels = out;
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        parts.add(head());
        return new Sequential(name, parts);
    }

    private LayerSpec head() {
        List<LayerSpec> layers = new ArrayList<>();
        if (unit.order().normsFirst()) {
            layers.add(new Normalization("norm", unit.norm()));
        }
        if (unit.order().activatesFirst()) {
            layers.add(new Activation("activation", unit.activation()));
        }
        layers.add(new GlobalAveragePool("pool"));
        layers.add(new Linear("fc", classes));
        return new Sequential("head", layers);
    }

    private ResNet with(Consumer<Parts> change) {
        Parts p = new Parts(this);
        change.accept(p);
        return new ResNet(
                p.name,
                p.stem,
                p.depth,
                p.units,
                p.width,
                p.widen,
                p.unit,
                p.shortcut,
                p.stochasticDepth,
                p.classes);
    }

    /** Mutable components for the {@code with} methods. */
    private static final class Parts {
        private String name;
        private Stem stem;
        private int depth;
        private List<Integer> units;
        private int width;
        private int widen;
        private ResNetUnit unit;
        private ShortcutPolicy shortcut;
        private StochasticDepth stochasticDepth;
        private int classes;

        Parts(ResNet from) {
            name = from.name;
            stem = from.stem;
            depth = from.depth;
            units = from.units;
            width = from.width;
            widen = from.widen;
            unit = from.unit;
            shortcut = from.shortcut;
            stochasticDepth = from.stochasticDepth;
            classes = from.classes;
        }
    }
}
