package io.residuum.vision.resnet;

import io.residuum.nn.Init.Fan;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.MergeSpec;
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
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.BlurPool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
 * @param reduceFirst the width of the branch divided by that of its first convolution (2 in
 *     SENet-154, Hu et al. 2018, Section 6.1). Default: 1
 * @param scales the parts of the channels of a bottleneck's 3x3 convolution, each convolved after
 *     the result before it is added (Gao et al. 2019, arXiv:1904.01169, Res2Net); groupWidth is
 *     then the width of one part. Default: 1
 * @param antialias the filter that takes the stride instead of the convolution (Zhang 2019,
 *     arXiv:1904.11486). Default: none
 * @param standardizeWeights true for convolutions with weight standardization (Qiao et al. 2019,
 *     arXiv:1903.10520), in pre-activation units. Default: false
 * @param projectionKernel the kernel of strided projections of option B. Default: 1
 * @param attention a layer at the end of the branch, such as efficient channel attention. Default:
 *     none
 * @param paths several weighted convolutions instead of the 3x3 convolution. Default: none
 * @param normFree units without norms (Brock et al. 2021): needs {@code "order": "pre-activation"}
 *     and {@code "norm": "none"}. Default: none
 */
@WithBuilder
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
        @Default("\"add\"") MergeSpec merge,
        @Default("1") int reduceFirst,
        @Default("1") int scales,
        @Default("\"none\"") Antialias antialias,
        @Default("false") boolean standardizeWeights,
        @Default("1") int projectionKernel,
        @Nullable LayerSpec attention,
        @Nullable PathAttention paths,
        @Nullable NormFree normFree)
        implements ResNetUnitBuilder.With {

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

    /** The filters before subsampling (Zhang 2019). */
    public enum Antialias {
        /** None: the convolution has the stride. */
        NONE,
        /** A binomial filter of 3x3 pixels. */
        BLUR,
        /** The mean of 2x2 pixels. */
        AVERAGE;

        LayerSpec layer(String name, int stride) {
            Size2d window = Size2d.of(stride);
            return this == BLUR
                    ? new BlurPool2d(name, 3, stride)
                    : new AveragePool2d(name, window, window, Size2d.of(0), false, true);
        }
    }

    /** Added to the variance of standardized weights, as in BiT. */
    private static final double STANDARD_EPS = 1e-8;

    /** The position of the stride in a bottleneck. */
    public enum StrideOn {
        /** The first convolution, 1x1. */
        FIRST,
        /** The 3x3 convolution. */
        SPATIAL
    }

    /** The unit of the original ResNet. */
    public static final ResNetUnit ORIGINAL = Defaults.of(ResNetUnit.class);

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
        Check.positive("reduceFirst", reduceFirst);
        Check.positive("scales", scales);
        Check.that(
                scales == 1 || kind == Kind.BOTTLENECK && antialias == Antialias.NONE,
                "scales needs \"kind\": \"bottleneck\" and no antialias, got %s and %s",
                kind,
                antialias);
        Check.that(
                !standardizeWeights || order == ActivationOrder.PRE_ACTIVATION && normFree == null,
                "standardizeWeights needs \"order\": \"pre-activation\" and no normFree, which"
                        + " standardizes too, got %s",
                order);
        Check.that(
                antialias == Antialias.NONE || strideOn == StrideOn.SPATIAL && normFree == null,
                "antialias needs \"strideOn\": \"spatial\" and no normFree, got %s",
                strideOn);
        Check.that(
                paths == null
                        || scales == 1
                                && antialias == Antialias.NONE
                                && normFree == null
                                && !standardizeWeights,
                "paths needs scales 1 and no antialias, normFree or standardizeWeights, got %s",
                String.valueOf(paths));
        Check.that(
                kind == Kind.BOTTLENECK || !(paths instanceof PathAttention.SplitAttention),
                "splitAttention needs \"kind\": \"bottleneck\", got %s",
                kind);
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
        if (normFree != null) {
            NormFree.gamma(activation);
            Check.that(
                    order == ActivationOrder.PRE_ACTIVATION
                            && norm instanceof NormSpec.None
                            && scale instanceof ScaleSpec.None
                            && identity instanceof ShortcutSpec.Identity
                            && merge.equals(MergeSpec.ADD)
                            && squeezeExcitation == 0
                            && attention == null,
                    "normFree needs \"order\": \"pre-activation\" and \"norm\": \"none\", with"
                        + " scale, identity, merge and squeezeExcitation at their defaults, got %s,"
                        + " %s, %s, %s, %s and %s",
                    order,
                    norm,
                    scale,
                    identity,
                    merge,
                    squeezeExcitation);
        }
    }

    /** The settings that differ from unit to unit. */
    record UnitConfig(
            String name,
            Kind kind,
            int width,
            int stride,
            boolean changes,
            double variance,
            DropPathSpec dropPath) {}

    LayerSpec expand(UnitConfig at, ShortcutPolicy policy) {
        NormActivation before =
                new NormActivation(
                        normFree != null
                                ? NormFree.divide(at.variance())
                                : order.normsFirst() ? norm : NormSpec.NONE,
                        order.activatesFirst() ? activation : ActivationSpec.NONE);
        NormActivation after =
                new NormActivation(
                        order.normsSum() ? norm : NormSpec.NONE,
                        order.activatesSum() ? activation : ActivationSpec.NONE);
        // The projections of ResNet v2 read the normalized input of the branch, so they need no
        // norm.
        NormSpec projectionNorm = order.normsFirst() ? NormSpec.NONE : norm;
        ShortcutSpec shortcut =
                normFree != null && at.changes()
                        ? NormFree.projection(activation)
                        : standardizeWeights && at.changes()
                                ? new ShortcutSpec.StandardizedProjection(0, STANDARD_EPS)
                                : policy.of(
                                        at.changes(), identity, projectionNorm, projectionKernel);
        boolean projects =
                shortcut instanceof ShortcutSpec.Projection
                        || shortcut instanceof ShortcutSpec.PooledProjection
                        || shortcut instanceof ShortcutSpec.StandardizedProjection;
        boolean plain = shortcut instanceof ShortcutSpec.None;
        return Residual.builder(at.name(), new Sequential("", branch(at)))
                .before(before)
                .scale(normFree == null ? scale : normFree.scale())
                .dropPath(plain ? DropPathSpec.NONE : at.dropPath())
                .shortcut(shortcut)
                .tap(projects && order.normsFirst() ? Tap.BEFORE : Tap.INPUT)
                .merge(plain ? MergeSpec.ADD : merge)
                .after(after)
                .build();
    }

    private List<LayerSpec> branch(UnitConfig at) {
        List<LayerSpec> layers = new ArrayList<>();
        int last = at.kind().convolutions();
        for (int i = 1; i <= last; i++) {
            if (i == last && dropout > 0) {
                layers.add(new Dropout("dropout", dropout));
            }
            boolean ends = i == last;
            Conv2d conv = convolution(at, i).withName("conv" + i);
            if (scales > 1 && i == 2) {
                MultiScale parts =
                        new MultiScale(scales, norm, activation, c -> built(c, activation));
                layers.add(parts.layers(conv, at.changes()));
                continue;
            }
            if (paths != null && i == last - 1) {
                layers.addAll(paths.layers(conv, i, this));
                continue;
            }
            boolean filters = antialias != Antialias.NONE && !conv.stride().equals(Size2d.of(1));
            layers.add(built(filters ? conv.withStride(1) : conv, activation));
            if (!ends || order.normEndsBranch()) {
                layers.add(
                        new Normalization("norm" + i, ends && zeroInit ? norm.withInit(0) : norm));
            }
            if (!ends || order.activationEndsBranch()) {
                layers.add(new Activation("activation" + i, activation));
            }
            if (filters) {
                layers.add(antialias.layer("antialias" + i, conv.stride().height()));
            }
        }
        if (squeezeExcitation > 0) {
            layers.add(
                    new SqueezeExcitation("se", squeezeExcitation, new InitSpec.HeNormal(Fan.IN)));
        }
        if (attention != null) {
            layers.add(attention);
        }
        return layers;
    }

    /** Returns a convolution as these units have it: without a bias, or standardized. */
    LayerSpec built(Conv2d conv, ActivationSpec before) {
        if (normFree != null) {
            return NormFree.convolution(conv, before);
        }
        return standardizeWeights
                ? new WeightStandardizedConv2d(
                        conv.name(), conv.withName("").withBias(false), STANDARD_EPS)
                : conv.withBias(false);
    }

    private Conv2d convolution(UnitConfig at, int i) {
        if (at.kind() == Kind.BASIC) {
            return i == 1
                    ? Conv2d.of(at.width() / reduceFirst, 3).withStride(at.stride())
                    : Conv2d.of(at.width(), 3);
        }
        int inner =
                Math.toIntExact(Math.multiplyExact((long) at.width() * groupWidth / 64, groups));
        int strided = strideOn == StrideOn.FIRST ? 1 : 2;
        int stride = i == strided ? at.stride() : 1;
        return switch (i) {
            case 1 ->
                    Conv2d.of(Math.multiplyExact(inner, scales) / reduceFirst, 1)
                            .withStride(stride);
            case 2 -> Conv2d.of(inner, 3).withStride(stride).withGroups(groups);
            default -> Conv2d.of(Math.multiplyExact(at.width(), at.kind().expansion()), 1);
        };
    }
}
