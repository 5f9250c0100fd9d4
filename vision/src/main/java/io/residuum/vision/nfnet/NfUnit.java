package io.residuum.vision.nfnet;

import io.residuum.nn.Shapes;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.SqueezeExcitation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all units of an {@link NfNet} share: 1x1, 3x3 and 1x1 convolutions.
 *
 * @param ratio the inner width by the output channels. Default: 0.25
 * @param regnet true for inner widths by the input channels (the first unit keeps its width), and
 *     for attention before the last convolution, as in RegNets. Default: false
 * @param groupWidth the channels in one group of the 3x3 convolutions; 0 for one group. Default: 0
 * @param extra true for a second 3x3 convolution, as in NFNet. Default: false
 * @param squeezeExcitation the hidden width of squeeze-excitation, as a share of the channels; 0
 *     for none. Default: 0
 * @param attention another layer of attention. Default: none
 */
@WithBuilder
public record NfUnit(
        @Default("0.25") double ratio,
        @Default("false") boolean regnet,
        @Default("0") int groupWidth,
        @Default("false") boolean extra,
        @Default("0.0") double squeezeExcitation,
        @Nullable LayerSpec attention)
        implements NfUnitBuilder.With {
    /** The number that widths are a multiple of. */
    static final int DIVISOR = 8;

    private static final double LIMIT = 0.9;

    static final NfUnit DEFAULT = Defaults.of(NfUnit.class);

    public NfUnit {
        Check.positive("ratio", ratio);
        Check.notNegative("groupWidth", groupWidth);
        Check.notNegative("squeezeExcitation", squeezeExcitation);
        Check.that(
                squeezeExcitation == 0 || attention == null,
                "attention must be none with squeezeExcitation, got %s",
                String.valueOf(attention));
    }

    /**
     * The settings that differ from unit to unit.
     *
     * @param variance the expected variance of the input
     */
    record Settings(
            String name,
            int in,
            int out,
            int stride,
            boolean first,
            double variance,
            DropPathSpec dropPath) {

        boolean changes() {
            return in != out || stride != 1;
        }
    }

    Residual expand(Settings at, NfSignal signal) {
        ActivationSpec before = signal.activation(1 / Math.sqrt(at.variance()));
        boolean last = !regnet && attends();
        double factor = signal.alpha() * (last ? signal.attentionGain() : 1);
        // A learned factor of the branch leaves no other place for the constant one.
        NormActivation after =
                signal.skipInit()
                        ? NormActivation.of(new ActivationSpec.Scaled(ActivationSpec.NONE, factor))
                        : NormActivation.NONE;
        return Residual.builder(at.name(), new Sequential("", branch(at, signal)))
                .before(NormActivation.of(before))
                .afterBranch(after)
                .scale(
                        signal.skipInit()
                                ? new ScaleSpec.Learned(0, false)
                                : new ScaleSpec.Constant(factor))
                .shortcut(
                        at.changes()
                                ? new ShortcutSpec.StandardizedProjection(
                                        signal.gamma(), signal.eps(), true)
                                : ShortcutSpec.IDENTITY)
                .tap(at.changes() ? Tap.BEFORE : Tap.INPUT)
                .dropPath(at.dropPath())
                .build();
    }

    private List<LayerSpec> branch(Settings at, NfSignal signal) {
        int base = regnet ? at.in() : at.out();
        int exact = Shapes.divisible(base * (regnet && at.first() ? 1 : ratio), DIVISOR, LIMIT);
        int groups = groupWidth == 0 ? 1 : Math.max(1, exact / groupWidth);
        int inner = groupWidth > 0 && groupWidth % DIVISOR == 0 ? groupWidth * groups : exact;
        Conv2d spatial = Conv2d.of(inner, 3).withGroups(groups);
        ActivationSpec activation = signal.activation(1);
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(signal.conv("conv1", Conv2d.of(inner, 1), 1));
        layers.add(new Activation("activation2", activation));
        layers.add(signal.conv("conv2", spatial.withStride(at.stride()), 1));
        if (extra) {
            layers.add(new Activation("activation2b", activation));
            layers.add(signal.conv("conv2b", spatial, 1));
        }
        if (regnet && attends()) {
            layers.add(attention("attention", inner));
            ActivationSpec gain =
                    new ActivationSpec.Scaled(ActivationSpec.NONE, signal.attentionGain());
            layers.add(new Activation("attentionGain", gain));
        }
        layers.add(new Activation("activation3", activation));
        layers.add(signal.conv("conv3", Conv2d.of(at.out(), 1), signal.skipInit() ? 1 : 0));
        if (!regnet && attends()) {
            layers.add(attention("attentionLast", at.out()));
        }
        return layers;
    }

    boolean attends() {
        return squeezeExcitation > 0 || attention != null;
    }

    private LayerSpec attention(String name, int channels) {
        if (attention != null) {
            return new Sequential(name, attention);
        }
        int width = Shapes.divisible(channels * squeezeExcitation, DIVISOR, 0);
        return new Sequential(name, SqueezeExcitation.ofWidth("se", width));
    }
}
