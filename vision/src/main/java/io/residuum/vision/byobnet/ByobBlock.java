package io.residuum.vision.byobnet;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.WithBuilder;

/**
 * Equal blocks in a stage of a {@link ByobNet}.
 *
 * @param kind the kind of block
 * @param repeats the number of blocks. Default: 1
 * @param channels the output channels
 * @param stride the stride of the first block. Default: 1
 * @param groupWidth the channels in one group of the spatial convolutions, 1 for depthwise
 *     convolutions; 0 for one group. Default: 0
 * @param ratio the inner width by the output channels. Default: 1
 * @param kernel the window of the spatial convolutions, odd. Default: 3
 * @param branches the convolutions of a mobileone block. Default: 1
 * @param attention false for no attention in these blocks. Default: true
 */
@WithBuilder
public record ByobBlock(
        Kind kind,
        @Default("1") int repeats,
        int channels,
        @Default("1") int stride,
        @Default("0") int groupWidth,
        @Default("1.0") double ratio,
        @Default("3") int kernel,
        @Default("1") int branches,
        @Default("true") boolean attention)
        implements ByobBlockBuilder.With {

    /** The kinds of blocks. */
    public enum Kind {
        /** Two spatial convolutions. */
        BASIC,
        /** A 1x1, a spatial and a 1x1 convolution (He et al. 2015, Figure 5). */
        BOTTLENECK,
        /** A 1x1 and a spatial convolution (Redmon and Farhadi 2018, arXiv:1804.02767). */
        DARK,
        /** A spatial and a 1x1 convolution (Gupta and Tan 2019). */
        EDGE,
        /**
         * A spatial and a 1x1 convolution and a norm side by side, which fold into one convolution
         * (Ding et al. 2021, arXiv:2101.03697, Section 3.3).
         */
        REPVGG,
        /**
         * A unit of RepVGG with several spatial convolutions (Vasu et al. 2022, arXiv:2206.04040,
         * Section 3.3).
         */
        MOBILEONE;

        /** Returns true if the block is a sum of linear maps, which fold into one convolution. */
        boolean folds() {
            return this == REPVGG || this == MOBILEONE;
        }
    }

    public ByobBlock {
        Check.depth("repeats", repeats);
        Check.positive("channels", channels);
        Check.positive("stride", stride);
        Check.notNegative("groupWidth", groupWidth);
        Check.positive("ratio", ratio);
        Check.odd("kernel", kernel);
        Check.positive("branches", branches);
        Check.that(
                branches == 1 || kind == Kind.MOBILEONE,
                "branches must be 1 in all but mobileone blocks, got %s",
                branches);
        Check.that(
                ratio == 1 || !kind.folds(),
                "ratio must be 1 in blocks of one width, got %s",
                ratio);
    }
}
