package io.residuum.vision.resnet;

import io.residuum.nn.Inits.Fan;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Activation;
import io.residuum.spec.ActivationSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Conv2d;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.Dropout;
import io.residuum.spec.InitSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.NormSpec;
import io.residuum.spec.Normalization;
import io.residuum.spec.Sequential;
import io.residuum.spec.SqueezeExcitation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The settings that all units of a ResNet share.
 *
 * @param kind basic or bottleneck; auto selects bottlenecks from 50 layers on, with any stem but
 *     CIFAR. Default: auto
 * @param order the order of norms and activations. Default: original
 * @param strideOn the convolution of a bottleneck with the stride: {@code spatial}, the 3x3 (v1.5),
 *     or {@code first}, the first 1x1 (v1, as published). Default: spatial
 * @param groups the groups of a bottleneck's 3x3 convolution (Xie et al. 2017, cardinality).
 *     Default: 1
 * @param groupWidth the width of one group in a stage of width 64; scales the inner width of a
 *     bottleneck. Default: 64
 * @param squeezeExcitation the reduction of squeeze-excitation at the end of the branch (Hu et al.
 *     2018); 0 for none. Default: 0
 * @param dropout the dropout rate before the last convolution (Zagoruyko and Komodakis 2016).
 *     Default: 0
 * @param zeroInit true to initialize the scale of the branch's last norm to 0 (Goyal et al. 2017).
 *     Default: false
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param scale the scale of the branch. Default: none
 * @param identity the shortcut of units that keep the shape. Default: identity
 * @param merge the operation that combines shortcut and branch. Default: add
 */
@Doc("The settings that all units of a ResNet share.")
public record ResNetUnit(
        @Default("\"auto\"") Kind kind,
        @Default("\"original\"") ActivationOrder order,
        @Default("\"spatial\"") StrideOn strideOn,
        @Default("1") int groups,
        @Default("64") int groupWidth,
        @Default("0") int squeezeExcitation,
        @Default("0.0") double dropout,
        @Default("false") boolean zeroInit,
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("\"none\"") ScaleSpec scale,
        @Default("\"identity\"") ShortcutSpec identity,
        @Default("\"add\"") MergeSpec merge) {

    /** The kinds of branches. */
    public enum Kind {
        /** Basic or bottleneck, depending on depth and stem. */
        AUTO,
        /** Two 3x3 convolutions (He et al. 2015, Figure 5 left). */
        BASIC,
        /** 1x1, 3x3, 1x1, with four times the width at the end (He et al. 2015, Figure 5 right). */
        BOTTLENECK;

        int expansion() {
            return this == BOTTLENECK ? 4 : 1;
        }

        int convolutions() {
            return this == BOTTLENECK ? 3 : 2;
        }
    }

    /** The position of the stride in a bottleneck. */
    public enum StrideOn {
        /** The first convolution, 1x1. */
        FIRST,
        /** The 3x3 convolution. */
        SPATIAL
    }

    /** The unit of the original ResNet. */
    public static final ResNetUnit ORIGINAL =
            new ResNetUnit(
                    Kind.AUTO,
                    ActivationOrder.ORIGINAL,
                    StrideOn.SPATIAL,
                    1,
                    64,
                    0,
                    0,
                    false,
                    NormSpec.BATCH,
                    ActivationSpec.RELU,
                    ScaleSpec.NONE,
                    ShortcutSpec.IDENTITY,
                    MergeSpec.ADD);

    public ResNetUnit {
        Check.positive("groups", groups);
        Check.positive("groupWidth", groupWidth);
        Check.notNegative("squeezeExcitation", squeezeExcitation);
        Check.rate("dropout", dropout);
        Check.that(
                !zeroInit || order.normEndsBranch(),
                "zeroInit needs an order whose branch ends in a norm, got %s; use a scale"
                        + " {\"type\": \"learned\"} instead",
                order);
        Check.that(
                kind != Kind.BASIC || (groups == 1 && groupWidth == 64),
                "groups and groupWidth must be 1 and 64 in basic units, got %s and %s; use"
                        + " kind=bottleneck",
                groups,
                groupWidth);
        boolean keepsShape =
                identity instanceof ShortcutSpec.Identity
                        || identity instanceof ShortcutSpec.Dropped;
        Check.that(
                keepsShape,
                "identity must be identity or dropped, which keep the shape, got %s;"
                        + " set projections with the network's shortcut option",
                identity);
        boolean concat = merge instanceof MergeSpec.Concat;
        Check.that(!concat, "merge must be add or gate in a ResNet, got concat");
    }

    /** The settings that differ from unit to unit. */
    record UnitConfig(
            String name,
            Kind kind,
            int width,
            int stride,
            boolean changes,
            DropPathSpec dropPath) {}

    LayerSpec expand(UnitConfig at, ShortcutPolicy policy) {
        NormActivation before =
                new NormActivation(
                        order.normsFirst() ? norm : NormSpec.NONE,
                        order.activatesFirst() ? activation : ActivationSpec.NONE);
        NormActivation after =
                new NormActivation(
                        order.normsSum() ? norm : NormSpec.NONE,
                        order.activatesSum() ? activation : ActivationSpec.NONE);
        // The projections of ResNet v2 read the normalized input of the branch, so they need no
        // norm.
        NormSpec projectionNorm = order.normsFirst() ? NormSpec.NONE : norm;
        ShortcutSpec shortcut = policy.of(at.changes(), identity, projectionNorm);
        boolean projects =
                shortcut instanceof ShortcutSpec.Projection
                        || shortcut instanceof ShortcutSpec.PooledProjection;
        boolean plain = shortcut instanceof ShortcutSpec.None;
        return new Residual(
                at.name(),
                before,
                new Sequential("", branch(at)),
                NormActivation.NONE,
                scale,
                plain ? DropPathSpec.NONE : at.dropPath(),
                shortcut,
                projects && order.normsFirst() ? Tap.BEFORE : Tap.INPUT,
                plain ? MergeSpec.ADD : merge,
                after);
    }

    private List<LayerSpec> branch(UnitConfig at) {
        List<LayerSpec> layers = new ArrayList<>();
        int last = at.kind().convolutions();
        for (int i = 1; i <= last; i++) {
            if (i == last && dropout > 0) {
                layers.add(new Dropout("dropout", dropout));
            }
            layers.add(convolution(at, i).withoutBias().named("conv" + i));
            boolean ends = i == last;
            if (!ends || order.normEndsBranch()) {
                layers.add(
                        new Normalization("norm" + i, ends && zeroInit ? norm.withInit(0) : norm));
            }
            if (!ends || order.activationEndsBranch()) {
                layers.add(new Activation("activation" + i, activation));
            }
        }
        if (squeezeExcitation > 0) {
            layers.add(
                    new SqueezeExcitation("se", squeezeExcitation, new InitSpec.HeNormal(Fan.IN)));
        }
        return layers;
    }

    private Conv2d convolution(UnitConfig at, int i) {
        if (at.kind() == Kind.BASIC) {
            return Conv2d.of(at.width(), 3).stride(i == 1 ? at.stride() : 1);
        }
        int inner = Math.toIntExact((long) at.width() * groupWidth / 64 * groups);
        int strided = strideOn == StrideOn.FIRST ? 1 : 2;
        int stride = i == strided ? at.stride() : 1;
        return switch (i) {
            case 1 -> Conv2d.of(inner, 1).stride(stride);
            case 2 -> Conv2d.of(inner, 3).stride(stride).groups(groups);
            default -> Conv2d.of(at.width() * at.kind().expansion(), 1);
        };
    }

    /**
     * Returns a copy with another order of norms and activations.
     *
     * @param value the order
     * @return a new unit
     */
    public ResNetUnit withOrder(ActivationOrder value) {
        return with(p -> p.order = value);
    }

    /**
     * Returns a copy of another kind.
     *
     * @param value the kind
     * @return a new unit
     */
    public ResNetUnit withKind(Kind value) {
        return with(p -> p.kind = value);
    }

    /**
     * Returns a copy with another position of the stride.
     *
     * @param value the convolution with the stride
     * @return a new unit
     */
    public ResNetUnit withStrideOn(StrideOn value) {
        return with(p -> p.strideOn = value);
    }

    /**
     * Returns a copy with other groups.
     *
     * @param count the number of groups
     * @param width the width of one group in a stage of width 64
     * @return a new unit
     */
    public ResNetUnit withGroups(int count, int width) {
        return with(
                p -> {
                    p.groups = count;
                    p.groupWidth = width;
                });
    }

    /**
     * Returns a copy with squeeze-excitation.
     *
     * @param reduction the ratio of the outer to the inner width; 0 for no squeeze-excitation
     * @return a new unit
     */
    public ResNetUnit withSqueezeExcitation(int reduction) {
        return with(p -> p.squeezeExcitation = reduction);
    }

    /**
     * Returns a copy with another merge, and another shortcut in units that keep the shape.
     *
     * @param shortcut identity or dropped
     * @param how the merge
     * @return a new unit
     */
    public ResNetUnit withMerge(ShortcutSpec shortcut, MergeSpec how) {
        return with(
                p -> {
                    p.identity = shortcut;
                    p.merge = how;
                });
    }

    private ResNetUnit with(Consumer<Parts> change) {
        Parts p = new Parts(this);
        change.accept(p);
        return new ResNetUnit(
                p.kind,
                p.order,
                p.strideOn,
                p.groups,
                p.groupWidth,
                p.squeezeExcitation,
                p.dropout,
                p.zeroInit,
                p.norm,
                p.activation,
                p.scale,
                p.identity,
                p.merge);
    }

    /** Mutable components for the {@code with} methods. */
    private static final class Parts {
        private Kind kind;
        private ActivationOrder order;
        private StrideOn strideOn;
        private int groups;
        private int groupWidth;
        private int squeezeExcitation;
        private double dropout;
        private boolean zeroInit;
        private NormSpec norm;
        private ActivationSpec activation;
        private ScaleSpec scale;
        private ShortcutSpec identity;
        private MergeSpec merge;

        Parts(ResNetUnit from) {
            kind = from.kind;
            order = from.order;
            strideOn = from.strideOn;
            groups = from.groups;
            groupWidth = from.groupWidth;
            squeezeExcitation = from.squeezeExcitation;
            dropout = from.dropout;
            zeroInit = from.zeroInit;
            norm = from.norm;
            activation = from.activation;
            scale = from.scale;
            identity = from.identity;
            merge = from.merge;
        }
    }
}
