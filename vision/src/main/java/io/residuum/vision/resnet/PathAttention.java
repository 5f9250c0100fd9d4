package io.residuum.vision.resnet;

import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.Split;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * Several convolutions instead of a unit's 3x3 convolution with its norm and activation. Attention
 * over the convolutions, channel by channel, weights their sum.
 */
public sealed interface PathAttention
        permits PathAttention.SelectiveKernel, PathAttention.SplitAttention {

    /**
     * {@return the layers}
     *
     * @param conv the unit's convolution
     * @param position its number in the branch, from 1
     * @param unit the norm and the activation
     */
    List<LayerSpec> layers(Conv2d conv, int position, ResNetUnit unit);

    /**
     * Two convolutions of different dilation (Li et al. 2019, arXiv:1903.06586, SKNet). It replaces
     * the first convolution of a basic unit.
     *
     * @param reduction the hidden width of the attention is channels / reduction. Default: 16
     * @param divisor the number that the hidden width is a multiple of. Default: 8
     * @param split true if each convolution reads half of the channels, as in timm. Default: true
     */
    @TypeName("selectiveKernel")
    record SelectiveKernel(
            @Default("16") int reduction, @Default("8") int divisor, @Default("true") boolean split)
            implements PathAttention {
        private static final int PATHS = 2;

        public SelectiveKernel {
            Check.positive("reduction", reduction);
            Check.positive("divisor", divisor);
        }

        @Override
        public List<LayerSpec> layers(Conv2d conv, int position, ResNetUnit unit) {
            WeightedPaths graph = new WeightedPaths(unit, PATHS);
            if (split) {
                graph.add(new Split("split", Split.Parts.equal(PATHS), null), "input")
                        .outputs(WeightedPaths.names("part", PATHS));
            }
            for (int i = 0; i < PATHS; i++) {
                // A 5x5 window as a 3x3 window with gaps.
                Size2d gap = Size2d.of(i + 1);
                Conv2d path = conv.with().dilation(gap).padding(gap).build();
                graph.convolution(path, Integer.toString(i), split ? "part" + i : "input");
                graph.add(new Activation("path" + i, unit.activation()));
            }
            int filters = conv.filters();
            int hidden = Shapes.divisible((double) filters / reduction, divisor, 0.9);
            return List.of(graph.weighted("kernels" + position, filters, hidden, 1, false));
        }
    }

    /**
     * One convolution into several groups of all channels (Zhang et al. 2020, arXiv:2004.08955,
     * ResNeSt), in bottlenecks.
     *
     * @param radix the number of groups. Default: 2
     * @param pool the position of the average pooling that takes the unit's stride. Default: after
     */
    @TypeName("splitAttention")
    record SplitAttention(@Default("2") int radix, @Default("\"after\"") Pool pool)
            implements PathAttention {
        private static final int REDUCTION = 4;
        private static final int LEAST = 32;

        /** The position of the average pooling. */
        public enum Pool {
            /** No pooling: the convolution has the stride. */
            NONE,
            /** Before the convolution. */
            BEFORE,
            /** After the weighted sum. */
            AFTER
        }

        public SplitAttention {
            Check.positive("radix", radix);
        }

        @Override
        public List<LayerSpec> layers(Conv2d conv, int position, ResNetUnit unit) {
            boolean pools = pool != Pool.NONE && !conv.stride().equals(Size2d.of(1));
            int filters = conv.filters();
            int groups = conv.groups();
            Conv2d all =
                    conv.with()
                            .filters(Math.multiplyExact(filters, radix))
                            .groups(groups * radix)
                            .stride(pools ? Size2d.of(1) : conv.stride())
                            .build();
            WeightedPaths graph = new WeightedPaths(unit, radix);
            graph.convolution(all, "0", "input");
            graph.add(new Activation(radix == 1 ? "path0" : "activation", unit.activation()));
            if (radix > 1) {
                graph.add(new Split("split", Split.Parts.equal(radix), null))
                        .outputs(WeightedPaths.names("path", radix));
            }
            double exact = (double) filters * radix / REDUCTION;
            int hidden = Math.max(LEAST, Shapes.divisible(exact, 8, 0.9));
            List<LayerSpec> layers = new ArrayList<>();
            layers.add(graph.weighted("splits" + position, filters, hidden, groups, true));
            if (pools) {
                layers.add(
                        pool == Pool.BEFORE ? 0 : 1,
                        new AveragePool2d(
                                "average", Size2d.of(3), conv.stride(), Size2d.of(1), false, true));
            }
            return layers;
        }
    }
}
