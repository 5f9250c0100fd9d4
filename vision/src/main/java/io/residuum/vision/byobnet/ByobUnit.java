package io.residuum.vision.byobnet;

import io.residuum.nn.Shapes;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.SqueezeExcitation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all blocks of a {@link ByobNet} share.
 *
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param shortcut the shortcut of blocks that change the shape, except for repvgg and mobileone
 *     blocks, which have none then. Default: projection
 * @param squeezeExcitation the hidden width of squeeze-excitation, as a share of the channels; 0
 *     for none. Default: 0
 * @param squeezeDivisor the number that this width is a multiple of. Default: 8
 * @param attention another layer of attention. Default: none
 * @param extra true for a second spatial convolution in bottlenecks. Default: false
 * @param ratioOfInput true if the ratio of bottlenecks refers to the input channels. Default: false
 * @param linear true for no activation after the sum. Default: false
 * @param averageStride true for convolutions without a stride, and the mean of windows after their
 *     activation instead (Zhang 2019, arXiv:1904.11486). Default: false
 */
@WithBuilder
public record ByobUnit(
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("\"projection\"") Shortcut shortcut,
        @Default("0.0") double squeezeExcitation,
        @Default("8") int squeezeDivisor,
        @Nullable LayerSpec attention,
        @Default("false") boolean extra,
        @Default("false") boolean ratioOfInput,
        @Default("false") boolean linear,
        @Default("false") boolean averageStride)
        implements ByobUnitBuilder.With {

    /** The shortcuts of blocks that change the shape. */
    public enum Shortcut {
        /** A strided 1x1 convolution and a norm. */
        PROJECTION,
        /** Average pooling, a 1x1 convolution and a norm. */
        POOLED,
        /** None. */
        NONE
    }

    static final int DIVISOR = 8;
    private static final double LIMIT = 0.9;

    static final ByobUnit DEFAULT = Defaults.of(ByobUnit.class);

    public ByobUnit {
        Check.notNegative("squeezeExcitation", squeezeExcitation);
        Check.positive("squeezeDivisor", squeezeDivisor);
        Check.that(
                squeezeExcitation == 0 || attention == null,
                "attention must be none with squeezeExcitation, got %s",
                String.valueOf(attention));
    }

    /** Returns a convolution, a norm and perhaps an activation. */
    Sequential layers(String name, Conv2d conv, boolean activated) {
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(conv.withName("conv").withBias(false));
        layers.add(new Normalization("norm", norm));
        if (activated) {
            layers.add(new Activation("activation", activation));
        }
        return new Sequential(name, layers);
    }

    /** Returns a convolution of a branch, a norm, perhaps an activation, and perhaps the mean. */
    private Sequential strided(String name, Conv2d conv, boolean activated) {
        Size2d stride = conv.stride();
        if (!averageStride || stride.equals(Size2d.of(1))) {
            return layers(name, conv, activated);
        }
        List<LayerSpec> layers =
                new ArrayList<>(layers("", conv.withStride(1), activated).layers());
        layers.add(new AveragePool2d("antialias", stride, stride, Size2d.of(0), false, true));
        return new Sequential(name, layers);
    }

    private void attend(List<LayerSpec> layers, String name, ByobBlock row, int channels) {
        LayerSpec layer = attention;
        if (squeezeExcitation > 0) {
            int width = Shapes.divisible(channels * squeezeExcitation, squeezeDivisor, 0);
            layer = SqueezeExcitation.ofWidth("se", width);
        }
        if (layer != null && row.attention()) {
            layers.add(new Sequential(name, layer));
        }
    }

    /**
     * A block at its place.
     *
     * @param in the channels of its input; 0 for those of an image
     * @param stride its stride
     * @param folded true for one convolution instead of the branches that fold into it
     * @param dropPath the drop path; null for none
     */
    record At(
            String name,
            ByobBlock row,
            int in,
            int stride,
            boolean folded,
            @Nullable DropPathSpec dropPath) {

        LayerSpec expand(ByobUnit unit) {
            boolean changes = in != row.channels() || stride > 1;
            if (row.kind().folds()) {
                return foldable(unit, changes);
            }
            boolean plain = changes && unit.shortcut() == Shortcut.NONE;
            ShortcutSpec shortcut =
                    !changes
                            ? ShortcutSpec.IDENTITY
                            : switch (unit.shortcut()) {
                                case PROJECTION -> new ShortcutSpec.Projection(unit.norm(), false);
                                case POOLED -> new ShortcutSpec.PooledProjection(unit.norm());
                                case NONE -> new ShortcutSpec.None();
                            };
            return Residual.builder(name, new Sequential("", branch(unit)))
                    .shortcut(shortcut)
                    .dropPath(plain || dropPath == null ? DropPathSpec.NONE : dropPath)
                    .after(
                            unit.linear()
                                    ? NormActivation.NONE
                                    : NormActivation.of(unit.activation()))
                    .build();
        }

        private List<LayerSpec> branch(ByobUnit unit) {
            boolean fromInput = unit.ratioOfInput() && row.kind() == ByobBlock.Kind.BOTTLENECK;
            int base = fromInput ? in : row.channels();
            int inner = Shapes.divisible(base * row.ratio(), DIVISOR, LIMIT);
            int out = row.channels();
            List<LayerSpec> layers = new ArrayList<>();
            switch (row.kind()) {
                case BASIC -> {
                    layers.add(unit.strided("conv1", spatial(inner, stride, 1), true));
                    layers.add(unit.layers("conv2", spatial(out, 1, groups(inner)), false));
                }
                case DARK -> {
                    layers.add(unit.layers("reduce", Conv2d.of(inner, 1), true));
                    layers.add(unit.strided("spatial", spatial(out, stride, groups(inner)), false));
                }
                case EDGE -> {
                    layers.add(unit.strided("fused", spatial(inner, stride, groups(inner)), true));
                    unit.attend(layers, "attention", row, inner);
                    layers.add(unit.layers("project", Conv2d.of(out, 1), false));
                }
                default -> {
                    layers.add(unit.layers("reduce", Conv2d.of(inner, 1), true));
                    Conv2d grouped = spatial(inner, stride, groups(inner));
                    layers.add(unit.strided("spatial", grouped, true));
                    if (unit.extra()) {
                        layers.add(unit.layers("extra", grouped.withStride(1), true));
                    }
                    unit.attend(layers, "attention", row, inner);
                    layers.add(unit.layers("expand", Conv2d.of(out, 1), false));
                }
            }
            if (row.kind() == ByobBlock.Kind.BASIC || row.kind() == ByobBlock.Kind.DARK) {
                unit.attend(layers, "attentionLast", row, out);
            }
            return layers;
        }

        /** Returns branches that are linear maps, then attention and an activation. */
        private LayerSpec foldable(ByobUnit unit, boolean changes) {
            Conv2d conv = spatial(row.channels(), stride, in == 0 ? 1 : groups(in));
            List<LayerSpec> layers = new ArrayList<>();
            if (folded) {
                layers.add(conv.withName("folded").withBias(true));
            } else {
                List<LayerSpec> maps = new ArrayList<>();
                boolean several = row.kind() == ByobBlock.Kind.MOBILEONE;
                for (int i = 0; i < row.branches(); i++) {
                    maps.add(unit.layers(several ? "kernel" + i : "kernel", conv, false));
                }
                if (row.kernel() > 1 || !several) {
                    Conv2d point =
                            Conv2d.of(row.channels(), 1)
                                    .withStride(stride)
                                    .withGroups(conv.groups());
                    maps.add(unit.layers(several ? "scale" : "point", point, false));
                }
                layers.add(
                        Residual.builder("block", new Parallel("", maps))
                                .shortcut(
                                        changes
                                                ? new ShortcutSpec.None()
                                                : new ShortcutSpec.Normalized(unit.norm()))
                                .dropPath(
                                        changes || dropPath == null ? DropPathSpec.NONE : dropPath)
                                .build());
            }
            unit.attend(layers, "attention", row, row.channels());
            layers.add(new Activation("activation", unit.activation()));
            return new Sequential(name, layers);
        }

        private Conv2d spatial(int filters, int step, int groups) {
            return Conv2d.of(filters, row.kernel()).withStride(step).withGroups(groups);
        }

        private int groups(int channels) {
            int width = row.groupWidth();
            Check.that(
                    width == 0 || channels % width == 0,
                    "groupWidth must divide the inner width %s, got %s",
                    channels,
                    width);
            return width == 0 ? 1 : channels / width;
        }
    }
}
