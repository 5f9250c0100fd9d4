package io.residuum.vision.regnet;

import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
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
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, RegNetBuilder.With {

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
                    widths.get(s) > 0 && widths.get(s) % groupWidths.get(s) == 0,
                    "widths must be multiples of groupWidths, got %s and %s",
                    widths.get(s),
                    groupWidths.get(s));
        }
        Check.notNegative("squeezeExcitation", squeezeExcitation);
        stochasticDepth.requirePerUnit("a RegNet");
        Check.positive("classes", classes);
    }

    @Override
    public RegNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        List<LayerSpec> first = new ArrayList<>();
        add(first, "", Conv2d.of(stem, 3).withStride(2), true);
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
        parts.add(new Sequential("head", new GlobalAveragePool("pool"), new Linear("fc", classes)));
        return new Sequential(name, parts);
    }

    private Residual unit(String unit, int stage, int in, DropPathSpec dropPath) {
        int width = widths.get(stage);
        boolean first = unit.equals("0");
        Conv2d grouped =
                Conv2d.of(width, 3)
                        .withStride(first ? 2 : 1)
                        .withGroups(width / groupWidths.get(stage));
        List<LayerSpec> branch = new ArrayList<>();
        add(branch, "1", Conv2d.of(width, 1), true);
        add(branch, "2", grouped, true);
        if (squeezeExcitation > 0) {
            int hidden = Math.max(1, (int) Math.rint(in * squeezeExcitation));
            ActivationSpec gate = new ActivationSpec.Sigmoid();
            branch.add(SqueezeExcitation.ofWidth("se", hidden, activation, gate));
        }
        add(branch, "3", Conv2d.of(width, 1), false);
        return Residual.builder(unit, new Sequential("", branch))
                .shortcut(first ? new ShortcutSpec.Projection(norm, false) : ShortcutSpec.IDENTITY)
                .dropPath(dropPath)
                .after(NormActivation.of(activation))
                .build();
    }

    private void add(List<LayerSpec> layers, String suffix, Conv2d conv, boolean activated) {
        layers.add(conv.with().name("conv" + suffix).bias(false).build());
        layers.add(new Normalization("norm" + suffix, norm));
        if (activated) {
            layers.add(new Activation("activation" + suffix, activation));
        }
    }
}
