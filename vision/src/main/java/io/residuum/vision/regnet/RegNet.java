package io.residuum.vision.regnet;

import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.SqueezeExcitation;
import java.util.ArrayList;
import java.util.List;

/**
 * A RegNet for images (Radosavovic et al. 2020, arXiv:2003.13678): {@code (N, C, H, W) -> (N,
 * classes)}. A unit is a bottleneck without narrowing: 1x1, grouped 3x3, 1x1. The parts are named
 * {@code stem}, {@code stage1} and so on (units from {@code 0}), and {@code head}.
 *
 * @param stem the channels of the first convolution, 3x3 with stride 2. Default: 32
 * @param units the number of units in each stage
 * @param widths the channels of each stage
 * @param groupWidths the channels in one group of the 3x3 convolution, for each stage
 * @param squeezeExcitation the hidden width of squeeze-excitation after the 3x3 convolution, as a
 *     share of the unit's input channels (RegNetY); 0 for none (RegNetX). Default: 0
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param unit the settings of all units. Default: {@code {}}
 * @param features the channels of a 1x1 convolution with a norm and an activation before the
 *     pooling; 0 for none. Default: 0
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("regnet")
public record RegNet(
        @Default("\"\"") String name,
        @Default("32") int stem,
        List<Integer> units,
        List<Integer> widths,
        List<Integer> groupWidths,
        @Default("0.0") double squeezeExcitation,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("{}") Bottleneck unit,
        @Default("0") int features,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, RegNetBuilder.With {

    /**
     * The settings that all units share, for the relatives of RegNet in timm.
     *
     * @param ratio the inner width by the width of the stage, 4 in RegNetZ (Dollar et al. 2021,
     *     arXiv:2103.06877). Default: 1
     * @param shortcut the shortcut of units that change the shape. Default: projection
     * @param linear true for no activation after the sum. Default: false
     * @param preactivated true for a norm and an activation before each convolution, whose first
     *     one the shortcut reads too (RegNetV). Default: false
     */
    @WithBuilder
    public record Bottleneck(
            @Default("1.0") double ratio,
            @Default("\"projection\"") Shortcut shortcut,
            @Default("false") boolean linear,
            @Default("false") boolean preactivated)
            implements RegNetBottleneckBuilder.With {
        public Bottleneck {
            Check.positive("ratio", ratio);
            Check.that(
                    !preactivated || (!linear && shortcut != Shortcut.NONE),
                    "preactivated must be false with linear or without shortcuts, got true");
        }

        private ShortcutSpec shortcut(boolean changes, NormSpec norm) {
            NormSpec last = preactivated ? NormSpec.NONE : norm;
            return !changes
                    ? ShortcutSpec.IDENTITY
                    : switch (shortcut) {
                        case PROJECTION -> new ShortcutSpec.Projection(last, false);
                        case POOLED -> new ShortcutSpec.PooledProjection(last);
                        case NONE -> new ShortcutSpec.None();
                    };
        }
    }

    /** The shortcuts of units that change the shape. */
    public enum Shortcut {
        /** A strided 1x1 convolution and a norm. */
        PROJECTION,
        /** Average pooling, a 1x1 convolution and a norm. */
        POOLED,
        /** None. */
        NONE
    }

    public RegNet {
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        groupWidths = List.copyOf(groupWidths);
        Check.positive("stem", stem);
        units.forEach(n -> Check.depth("units", n));
        Check.that(
                !units.isEmpty()
                        && widths.size() == units.size()
                        && groupWidths.size() == units.size(),
                "units, widths and groupWidths must have one entry for each stage, got %s, %s and"
                        + " %s",
                units,
                widths,
                groupWidths);
        for (int s = 0; s < widths.size(); s++) {
            Check.positive("groupWidths", groupWidths.get(s));
            Check.that(
                    widths.get(s) > 0 && inner(widths.get(s), unit) % groupWidths.get(s) == 0,
                    "widths, times the ratio, must be multiples of groupWidths, got %s and %s",
                    inner(widths.get(s), unit),
                    groupWidths.get(s));
        }
        Check.notNegative("squeezeExcitation", squeezeExcitation);
        stochasticDepth.requirePerUnit("a RegNet");
        Check.notNegative("features", features);
        Check.positive("classes", classes);
    }

    private static int inner(int width, Bottleneck unit) {
        return (int) Math.rint(width * unit.ratio());
    }

    @Override
    public RegNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        List<LayerSpec> first = new ArrayList<>();
        conv(first, "", Conv2d.of(stem, 3).withStride(2));
        if (!unit.preactivated()) {
            norm(first, "", true);
        }
        parts.add(new Sequential("stem", first));
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        int channels = stem;
        for (int s = 0; s < units.size(); s++) {
            List<LayerSpec> stage = new ArrayList<>();
            for (int u = 0; u < units.get(s); u++) {
                DropPathSpec dropPath = stochasticDepth.at(done++, total);
                stage.add(unit(Integer.toString(u), s, channels, dropPath));
                channels = widths.get(s);
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        List<LayerSpec> head = new ArrayList<>();
        if (features > 0) {
            conv(head, "", Conv2d.of(features, 1));
            norm(head, "", true);
        } else if (unit.linear() || unit.preactivated()) {
            head.add(new Activation("activation", activation));
        }
        head.add(new GlobalAveragePool("pool"));
        head.add(new Linear("fc", classes));
        parts.add(new Sequential("head", head));
        return new Sequential(name, parts);
    }

    private Residual unit(String at, int stage, int in, DropPathSpec dropPath) {
        int width = widths.get(stage);
        int inner = inner(width, unit);
        boolean first = at.equals("0");
        boolean plain = first && unit.shortcut() == Shortcut.NONE;
        Conv2d grouped =
                Conv2d.of(inner, 3)
                        .withStride(first ? 2 : 1)
                        .withGroups(inner / groupWidths.get(stage));
        List<LayerSpec> branch = new ArrayList<>();
        boolean pre = unit.preactivated();
        conv(branch, "1", Conv2d.of(inner, 1));
        norm(branch, pre ? "2" : "1", true);
        conv(branch, "2", grouped);
        if (!pre) {
            norm(branch, "2", true);
        }
        if (squeezeExcitation > 0) {
            int hidden = Math.max(1, (int) Math.rint(in * squeezeExcitation));
            ActivationSpec gate = new ActivationSpec.Sigmoid();
            branch.add(SqueezeExcitation.ofWidth("se", hidden, activation, gate));
        }
        if (pre) {
            norm(branch, "3", true);
        }
        conv(branch, "3", Conv2d.of(width, 1));
        if (!pre) {
            norm(branch, "3", false);
        }
        return Residual.builder(at, new Sequential("", branch))
                .before(pre ? new NormActivation(norm, activation) : NormActivation.NONE)
                .tap(pre ? ResidualBlock.Tap.BEFORE : ResidualBlock.Tap.INPUT)
                .shortcut(unit.shortcut(first, norm))
                .dropPath(plain ? DropPathSpec.NONE : dropPath)
                .after(unit.linear() || pre ? NormActivation.NONE : NormActivation.of(activation))
                .build();
    }

    private static void conv(List<LayerSpec> layers, String suffix, Conv2d conv) {
        layers.add(conv.with().name("conv" + suffix).bias(false).build());
    }

    private void norm(List<LayerSpec> layers, String suffix, boolean activated) {
        layers.add(new Normalization("norm" + suffix, norm));
        if (activated) {
            layers.add(new Activation("activation" + suffix, activation));
        }
    }
}
