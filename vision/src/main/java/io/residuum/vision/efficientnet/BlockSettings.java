package io.residuum.vision.efficientnet;

import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.BlurPool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.spec.layers.attention.GlobalContext;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all blocks of an {@link EfficientNet} share.
 *
 * @param norm the norm. Default: batch
 * @param activation the activation. Default: relu
 * @param same true to pad as TensorFlow does, at the bottom and right first; false to pad all sides
 *     equally. Default: false
 * @param squeezeFrom the channels of which squeeze-excitation keeps a share: the block's {@code
 *     input} or its {@code expansion}. Default: input
 * @param squeezeDivisor the number that the hidden width of squeeze-excitation is a multiple of.
 *     Default: 1
 * @param squeezeActivation the activation in squeeze-excitation. Default: that of the block
 * @param squeezeGate the function of the factors in squeeze-excitation. Default: sigmoid
 * @param averageStride true for convolutions without a stride, and the mean of windows after their
 *     activation instead (Zhang 2019, arXiv:1904.11486). Default: false
 * @param blurStride as averageStride, with a binomial filter of 3x3 pixels and zeros around the
 *     image instead of the mean. Default: false
 * @param globalContext true for global context attention (Cao et al. 2019, arXiv:1904.11492)
 *     instead of squeeze-excitation. Default: false
 */
@WithBuilder
public record BlockSettings(
        @Default("\"batch\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("false") boolean same,
        @Default("\"input\"") SqueezeFrom squeezeFrom,
        @Default("1") int squeezeDivisor,
        @Nullable ActivationSpec squeezeActivation,
        @Default("\"sigmoid\"") ActivationSpec squeezeGate,
        @Default("false") boolean averageStride,
        @Default("false") boolean blurStride,
        @Default("false") boolean globalContext)
        implements BlockSettingsBuilder.With {

    /** The channels of which squeeze-excitation keeps a share. */
    public enum SqueezeFrom {
        /** Those of the block's input: EfficientNet. */
        INPUT,
        /** Those of the expansion: MobileNetV3. */
        EXPANSION
    }

    static final BlockSettings DEFAULT = Defaults.of(BlockSettings.class);

    public BlockSettings {
        Check.positive("squeezeDivisor", squeezeDivisor);
        Check.that(
                !averageStride || !blurStride,
                "blurStride must be false with averageStride, got true");
        Check.that(
                !globalContext
                        || (squeezeDivisor == 1
                                && squeezeActivation == null
                                && squeezeGate.equals(new ActivationSpec.Sigmoid())),
                "squeezeDivisor, squeezeActivation and squeezeGate must be left out with"
                        + " globalContext, which has none");
    }

    /** {@return true if convolutions leave their stride to a pooling after them} */
    boolean pools() {
        return averageStride || blurStride;
    }

    /** {@return the pooling with the stride of a convolution before it} */
    LayerSpec antialias(int stride) {
        Size2d window = Size2d.of(stride);
        return blurStride
                ? new BlurPool2d("antialias", 3, stride, false)
                : new AveragePool2d("antialias", window, window, Size2d.of(0), false, true);
    }

    ActivationSpec activation(BlockRow row) {
        return row.activation() == null ? activation : row.activation();
    }

    Conv2d conv(String name, int filters, int kernel, int stride) {
        Padding2d padding = same ? Padding2d.SAME : Size2d.of((kernel - 1) / 2);
        return Conv2d.of(filters, kernel)
                .with()
                .name(name)
                .stride(Size2d.of(stride))
                .padding(padding)
                .bias(false)
                .build();
    }

    /** Returns squeeze-excitation or global context attention of the hidden channels of a block. */
    LayerSpec squeeze(BlockRow row, int hidden) {
        double share =
                squeezeFrom == SqueezeFrom.EXPANSION
                        ? row.squeezeExcitation()
                        : row.squeezeExcitation() / row.expansion();
        if (globalContext) {
            int reduction = (int) Math.rint(1 / share);
            return new GlobalContext("context", reduction, false, activation(row));
        }
        // Ties go to the even number, as in Python.
        int width =
                squeezeDivisor == 1
                        ? (int) Math.rint(hidden * share)
                        : Shapes.divisible(hidden * share, squeezeDivisor, Widths.LIMIT);
        return SqueezeExcitation.ofWidth(
                "se",
                Math.max(1, width),
                squeezeActivation == null ? activation(row) : squeezeActivation,
                squeezeGate);
    }
}
