package io.residuum.vision.inception;

import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.ResidualBuilder;
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
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.vision.convolution.ConvNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * Xception for images (Chollet 2017, arXiv:1610.02357): {@code (N, C, H, W) -> (N, classes)}. Its
 * units are separable convolutions: a depthwise and a 1x1 convolution. The parts are named {@code
 * stem}, {@code blocks} (units from {@code 0}) and {@code head}.
 *
 * @param stem the channels of the two first convolutions. Default: 32 and 64
 * @param style the order of the layers in a unit. Default: original
 * @param units the units with shortcuts
 * @param exit the channels of the separable convolutions of the last unit, which has no shortcut
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param dropout the dropout rate before the classifier. Default: 0
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("xception")
public record Xception(
        @Default("\"\"") String name,
        @Default("[32, 64]") List<Integer> stem,
        @Default("\"original\"") Style style,
        List<Unit> units,
        List<Integer> exit,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("0.0") double dropout,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, XceptionBuilder.With {

    /** The orders of the layers in a unit. */
    public enum Style {
        /** Activation, separable convolution, norm; a max pooling has the stride (Figure 5). */
        ORIGINAL,
        /**
         * Norms after both parts of a separable convolution, the last of which has the stride (Chen
         * et al. 2018, arXiv:1802.02611, Figure 4).
         */
        ALIGNED,
        /** As aligned, with a norm and an activation before each separable convolution: timm. */
        PREACTIVATED
    }

    /**
     * Separable convolutions beside a shortcut.
     *
     * @param channels the channels after each of its separable convolutions
     * @param stride its stride. Default: 1
     */
    public record Unit(List<Integer> channels, @Default("1") int stride) {
        public Unit {
            channels = positive("channels", channels);
            Check.positive("stride", stride);
        }
    }

    public Xception {
        stem = positive("stem", stem);
        Check.that(stem.size() == 2, "stem must have the channels of 2 convolutions, got %s", stem);
        units = List.copyOf(units);
        exit = positive("exit", exit);
        Check.rate("dropout", dropout);
        stochasticDepth.requirePerUnit("an Xception");
        Check.positive("classes", classes);
    }

    private static List<Integer> positive(String key, List<Integer> channels) {
        Check.that(!channels.isEmpty(), "%s must not be empty", key);
        channels.forEach(c -> Check.positive(key, c));
        return List.copyOf(channels);
    }

    @Override
    public Xception withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        ConvNorm conv = new ConvNorm(norm, activation);
        Conv2d first = first(stem.get(0)).withStride(2);
        Conv2d second = first(stem.get(1));
        List<LayerSpec> blocks = new ArrayList<>();
        int channels = stem.get(1);
        for (Unit unit : units) {
            DropPathSpec dropPath = stochasticDepth.at(blocks.size(), units.size() + 1);
            blocks.add(unit(blocks.size(), unit, channels, dropPath));
            channels = unit.channels().get(unit.channels().size() - 1);
        }
        boolean before = style == Style.PREACTIVATED;
        blocks.add(
                Residual.builder(
                                Integer.toString(blocks.size()),
                                new Sequential("", branch(exit, 1, channels, true)))
                        .before(before ? new NormActivation(norm, activation) : NormActivation.NONE)
                        .shortcut(new ShortcutSpec.None())
                        .after(before ? NormActivation.of(activation) : NormActivation.NONE)
                        .build());
        return new Sequential(
                name,
                new Sequential(
                        "stem",
                        conv.activated("conv1", first),
                        before
                                ? new Sequential("conv2", ConvNorm.plain("conv", second))
                                : conv.activated("conv2", second)),
                new Sequential("blocks", blocks),
                Cells.head(List.of(), dropout, classes));
    }

    private Conv2d first(int filters) {
        Conv2d conv = Conv2d.of(filters, 3);
        return style == Style.ORIGINAL ? conv.withPadding(Size2d.of(0)) : conv;
    }

    private Residual unit(int index, Unit unit, int in, DropPathSpec dropPath) {
        List<LayerSpec> branch = branch(unit.channels(), unit.stride(), in, false);
        int out = unit.channels().get(unit.channels().size() - 1);
        boolean same = in == out && unit.stride() == 1;
        boolean before = style == Style.PREACTIVATED;
        NormSpec projected = before ? NormSpec.NONE : norm;
        ResidualBuilder residual =
                Residual.builder(Integer.toString(index), new Sequential("", branch))
                        .shortcut(
                                same
                                        ? ShortcutSpec.IDENTITY
                                        : new ShortcutSpec.Projection(projected, false))
                        .dropPath(dropPath);
        return before
                ? residual.before(new NormActivation(norm, activation)).tap(Tap.BEFORE).build()
                : residual.build();
    }

    /** Returns separable convolutions; those of the last unit end in an activation. */
    private List<LayerSpec> branch(List<Integer> channels, int stride, int in, boolean last) {
        boolean before = style == Style.PREACTIVATED;
        List<LayerSpec> layers = new ArrayList<>();
        int read = in;
        for (int i = 1; i <= channels.size(); i++) {
            int out = channels.get(i - 1);
            boolean strided = style != Style.ORIGINAL && i == channels.size();
            Conv2d spatial = ConvNorm.depthwise(read, 3, strided ? stride : 1);
            Activation activated = new Activation("activation" + i, activation);
            if (before && i > 1) {
                layers.add(new Normalization("norm" + i, norm));
            }
            if (before ? i > 1 : !last) {
                layers.add(activated);
            }
            layers.add(ConvNorm.plain("depthwise" + i, spatial));
            if (style == Style.ALIGNED) {
                layers.add(new Normalization("middleNorm" + i, norm));
                if (last) {
                    layers.add(new Activation("middle" + i, activation));
                }
            }
            layers.add(ConvNorm.plain("pointwise" + i, Conv2d.of(out, 1)));
            if (!before) {
                layers.add(new Normalization("norm" + i, norm));
            }
            if (last && !before) {
                layers.add(activated);
            }
            read = out;
        }
        if (style == Style.ORIGINAL && stride > 1) {
            Size2d three = Size2d.of(3);
            layers.add(new MaxPool2d("pool", three, Size2d.of(stride), Size2d.of(1)));
        }
        return layers;
    }
}
