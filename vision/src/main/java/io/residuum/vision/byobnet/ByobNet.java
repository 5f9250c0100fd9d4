package io.residuum.vision.byobnet;

import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.MergeableBranches;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.attention.AttentionPool2d;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A network of freely combined blocks for images ("bring your own blocks", timm's ByobNet): {@code
 * (N, C, H, W) -> (N, classes)}. The parts are named {@code stem}, {@code stage1}, {@code stage2}
 * and so on (blocks from {@code 0}), and {@code head}.
 *
 * @param stem the layers before the first stage
 * @param stages the rows of blocks in each stage
 * @param unit the settings of all blocks. Default: {@code {}}
 * @param folded true for one convolution instead of the branches of repvgg and mobileone blocks, as
 *     after folding. Default: false
 * @param features the channels of a 1x1 convolution with a norm and an activation before the
 *     pooling; 0 for none. Default: 0
 * @param poolHeads the number of heads of attention pooling, which ends the network (Radford et al.
 *     2021, arXiv:2103.00020, Section 2.4); 0 for the mean of all pixels. Default: 0
 * @param hidden the width of a norm, a linear map and an activation between the mean and the
 *     classifier; 0 for none. Default: 0
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes; 0 for no classifier after the mean
 */
@WithBuilder
@TypeName("byobnet")
public record ByobNet(
        @Default("\"\"") String name,
        ByobStem stem,
        List<List<ByobBlock>> stages,
        @Default("{}") ByobUnit unit,
        @Default("false") boolean folded,
        @Default("0") int features,
        @Default("0") int poolHeads,
        @Default("0") int hidden,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements MergeableBranches, ByobNetBuilder.With {
    public ByobNet {
        stages = stages.stream().map(List::copyOf).toList();
        Check.that(
                !stages.isEmpty() && stages.stream().noneMatch(List::isEmpty),
                "stages must have rows, got %s",
                stages);
        Check.notNegative("features", features);
        stochasticDepth.requirePerUnit("a ByobNet");
        Check.notNegative("poolHeads", poolHeads);
        Check.notNegative("hidden", hidden);
        Check.that(
                poolHeads == 0 || hidden == 0,
                "hidden must be 0 with poolHeads, whose pooling ends the network, got %s",
                hidden);
        Check.notNegative("classes", classes);
        Check.that(
                classes > 0 || (poolHeads == 0 && hidden == 0),
                "classes must be positive with poolHeads or hidden, got 0");
        requireRead(stem, stages, unit, folded);
    }

    /** Requires that a block reads each setting that is not at its default. */
    private static void requireRead(
            ByobStem stem, List<List<ByobBlock>> stages, ByobUnit unit, boolean folded) {
        List<ByobBlock> rows = stages.stream().flatMap(List::stream).toList();
        boolean folds = stem.block().folds() || rows.stream().anyMatch(r -> r.kind().folds());
        boolean sums = rows.stream().anyMatch(r -> !r.kind().folds());
        boolean bottlenecks = rows.stream().anyMatch(r -> r.kind() == ByobBlock.Kind.BOTTLENECK);
        Check.that(
                folds || !folded,
                "folded must be false without repvgg and mobileone blocks, got true");
        Check.that(
                sums || unit.shortcut() == ByobUnit.Shortcut.PROJECTION,
                "shortcut must be projection in networks of repvgg and mobileone blocks, which have"
                        + " shortcuts of their own, got %s",
                unit.shortcut().name().toLowerCase(Locale.ROOT));
        Check.that(
                sums || !(unit.linear() || unit.averageStride()),
                "linear and averageStride must be false in networks of repvgg and mobileone blocks,"
                        + " got true");
        Check.that(
                bottlenecks || !unit.extra(),
                "extra must be false without bottleneck blocks, got true");
        Check.that(
                bottlenecks || !unit.ratioOfInput(),
                "ratioOfInput must be false without bottleneck blocks, got true");
        Check.that(
                unit.squeezeExcitation() > 0 || unit.squeezeDivisor() == ByobUnit.DIVISOR,
                "squeezeDivisor must be %s without squeezeExcitation, got %s",
                ByobUnit.DIVISOR,
                unit.squeezeDivisor());
    }

    @Override
    public ByobNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec withMergedBranches() {
        ByobNet merged = with().folded(true).build();
        return merged.expand().equals(expand()) ? this : merged;
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(stem.expand(unit, folded));
        int units = stages.stream().flatMap(List::stream).mapToInt(ByobBlock::repeats).sum();
        int done = 0;
        int channels = stem.channels();
        for (int s = 1; s <= stages.size(); s++) {
            List<LayerSpec> stage = new ArrayList<>();
            for (ByobBlock row : stages.get(s - 1)) {
                for (int r = 0; r < row.repeats(); r++) {
                    ByobUnit.At place =
                            new ByobUnit.At(
                                    Integer.toString(stage.size()),
                                    row,
                                    channels,
                                    r == 0 ? row.stride() : 1,
                                    folded,
                                    stochasticDepth.at(done++, units));
                    stage.add(place.expand(unit));
                    channels = row.channels();
                }
            }
            parts.add(new Sequential("stage" + s, stage));
        }
        List<LayerSpec> head = new ArrayList<>();
        if (features > 0) {
            head.addAll(unit.layers("", Conv2d.of(features, 1), true).layers());
        }
        if (poolHeads > 0) {
            head.add(new AttentionPool2d("pool", poolHeads, classes));
        } else {
            head.add(new GlobalAveragePool("pool"));
            if (hidden > 0) {
                head.add(new Normalization("poolNorm", unit.norm()));
                head.add(new Linear("hidden", hidden));
                head.add(new Activation("hiddenActivation", unit.activation()));
            }
            if (classes > 0) {
                head.add(new Linear("fc", classes));
            }
        }
        parts.add(new Sequential("head", head));
        return new Sequential(name, parts);
    }
}
