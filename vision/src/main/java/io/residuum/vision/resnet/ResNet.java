package io.residuum.vision.resnet;

import io.residuum.residual.StochasticDepth;
import io.residuum.residual.wiring.Wiring;
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
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.Normalization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A residual network for images (He et al. 2015, arXiv:1512.03385) and its relatives: {@code (N, C,
 * H, W) -> (N, classes)}. The parts are named {@code stem}, {@code stage1} to {@code stage4} (units
 * from {@code 0}) and {@code head}.
 *
 * @param stem the layers before the first unit. A CIFAR stem goes with three stages, the others
 *     with four. Default: imagenet
 * @param stemWidth the channels of the stem's output; 0 for those of the first stage. Default: 0
 * @param stemPool the layers that halve the image at the end of the stem. Default: max
 * @param depth the number of layers, which determines the units; 0 if {@code units} is given.
 *     Default: 0
 * @param units the number of units in each stage; empty if {@code depth} is given. Default: empty
 * @param width the channels of the stem and the first stage; each stage doubles them. 0: 64, or 16
 *     with a CIFAR stem. The width of one stream if they split the channels. Default: 0
 * @param widen the factor of the stages' widths, not of the stem's (Zagoruyko and Komodakis 2016).
 *     Default: 1
 * @param widths the channels of each stage, instead of width and widen, before the expansion of
 *     bottlenecks. Default: empty
 * @param unit the settings of all units. Default: the original unit
 * @param kinds the kind of units in each stage, if {@code units} is given and the kind of all units
 *     is auto. Default: empty
 * @param shortcut the kind of shortcut in each unit. Default: B
 * @param stream the connections between the units of each stage, such as hyper-connections.
 *     Default: plain
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("resnet")
public record ResNet(
        @Default("\"\"") String name,
        @Default("\"imagenet\"") Stem stem,
        @Default("0") int stemWidth,
        @Default("\"max\"") Stem.Pool stemPool,
        @Default("0") int depth,
        @Default("[]") List<Integer> units,
        @Default("0") int width,
        @Default("1") int widen,
        @Default("[]") List<Integer> widths,
        @Default("{}") ResNetUnit unit,
        @Default("[]") List<ResNetUnit.Kind> kinds,
        @Default("\"B\"") ShortcutPolicy shortcut,
        @Default("\"plain\"") Wiring stream,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, ResNetBuilder.With {

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
        widths = List.copyOf(widths);
        widths.forEach(w -> Check.positive("widths", w));
        Check.that(
                widths.isEmpty() || widths.size() == units.size() && width == 0 && widen == 1,
                "widths must have one entry for each of units, without width and widen, got %s",
                widths);
        kinds = List.copyOf(kinds);
        Check.that(
                kinds.isEmpty()
                        || kinds.size() == units.size()
                                && unit.kind() == ResNetUnit.Kind.AUTO
                                && !kinds.contains(ResNetUnit.Kind.AUTO),
                "kinds must have basic or bottleneck for each of units, without unit.kind, got %s",
                kinds);
        Check.notNegative("width", width);
        Check.notNegative("stemWidth", stemWidth);
        Check.that(
                stemPool == Stem.Pool.MAX
                        || !stem.isCifar() && unit.antialias() == ResNetUnit.Antialias.NONE,
                "stemPool must be max with a CIFAR stem or antialias, got %s",
                stemPool);
        Check.that(
                !unit.standardizeWeights() || shortcut == ShortcutPolicy.B,
                "shortcut must be B with standardizeWeights, got %s",
                shortcut);
        boolean projects = shortcut == ShortcutPolicy.B || shortcut == ShortcutPolicy.C;
        Check.that(
                unit.projectionKernel() == 1
                        || projects && unit.normFree() == null && !unit.standardizeWeights(),
                "unit.projectionKernel must be 1 with shortcut %s, normFree or standardizeWeights,"
                        + " got %s",
                shortcut,
                unit.projectionKernel());
        Check.positive("widen", widen);
        Check.positive("classes", classes);
        Check.depthOrUnits(depth, units);
        stochasticDepth.requirePerUnit("a ResNet");
        Check.that(
                unit.normFree() == null || shortcut == ShortcutPolicy.B,
                "shortcut must be B with normFree, got %s",
                shortcut);
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
        return Defaults.fill(ResNetBuilder.builder()).depth(depth).classes(1000).build();
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
        return Defaults.fill(ResNetBuilder.builder())
                .stem(Stem.CIFAR)
                .depth(depth)
                .unit(unit)
                .shortcut(shortcut)
                .classes(10)
                .build();
    }

    @Override
    public ResNet withClasses(int value) {
        return with().classes(value).build();
    }

    /** {@inheritDoc} The parts are {@code stage1} to {@code stage4}. */
    @Override
    public LayerSpec deepened(String part, int added) {
        ResNetUnit.Kind kind = kindOf(stem, depth, unit.kind());
        List<Integer> plan = new ArrayList<>(plan());
        List<String> stages =
                IntStream.rangeClosed(1, plan.size()).mapToObj(s -> "stage" + s).toList();
        int stage = stages.indexOf(part);
        Check.that(stage >= 0, "the part must be one of %s, got \"%s\"", stages, part);
        plan.set(stage, plan.get(stage) + added);
        ResNetUnit own = kinds.isEmpty() ? unit.withKind(kind) : unit;
        return with().depth(0).units(plan).unit(own).build();
    }

    private List<Integer> plan() {
        return units.isEmpty() ? unitsOf(stem, depth, unit.kind()) : units;
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
        List<Integer> plan = plan();
        int usual = widths.isEmpty() ? stem.usualWidth() : widths.get(0);
        int first = width == 0 ? usual : width;
        List<LayerSpec> parts = new ArrayList<>();
        int stemOutput = stemWidth == 0 ? first : stemWidth;
        parts.add(stem.expand(stream.channels(stemOutput), unit, stemPool));
        int total = plan.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        int channels = stemOutput;
        double variance = 1;
        for (int s = 0; s < plan.size(); s++) {
            int stageWidth =
                    widths.isEmpty() ? Math.toIntExact(((long) first << s) * widen) : widths.get(s);
            ResNetUnit.Kind kind =
                    kinds.isEmpty() ? kindOf(stem, depth, unit.kind()) : kinds.get(s);
            List<LayerSpec> stage = new ArrayList<>();
            boolean firstChanges = false;
            for (int u = 0; u < plan.get(s); u++) {
                int stride = s > 0 && u == 0 ? 2 : 1;
                int out = Math.multiplyExact(stageWidth, kind.expansion());
                boolean changes = stride > 1 || out != channels;
                firstChanges |= changes;
                ResNetUnit.UnitConfig config =
                        new ResNetUnit.UnitConfig(
                                Integer.toString(u),
                                kind,
                                stageWidth,
                                stride,
                                changes,
                                variance,
                                stochasticDepth.at(done, total));
                stage.add(unit.expand(config, shortcut).atDepth(done++, total));
                channels = out;
                if (unit.normFree() != null) {
                    variance = unit.normFree().variance(variance, changes);
                }
            }
            parts.add(stream.wire("stage" + (s + 1), stage, firstChanges));
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
}
