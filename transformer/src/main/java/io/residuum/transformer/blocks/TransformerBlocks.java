package io.residuum.transformer.blocks;

import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBuilder;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.residual.wiring.Wiring;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of transformer blocks, {@code (N, T, C) -> (N, T, C)}, common to encoders and decoders of
 * text and images. A block has two residual units, {@code attention} and {@code mlp}. With a
 * memory, {@code cross} is between them. With the parallel placement a block is one unit with both
 * branches.
 *
 * <p>Paths are {@code 3.attention.branch.qkv.weight}, {@code 3.attention.before.norm.weight},
 * {@code 3.mlp.branch.up.weight}; with the parallel placement {@code
 * 3.branch.attention.qkv.weight}.
 *
 * @param depth number of blocks
 * @param attention first branch
 * @param memory width of a sequence that cross-attention with the same heads reads; 0 for none.
 *     Default: 0
 * @param feedForward last branch
 * @param norm kind of norm. Default: layer
 * @param placement placement of the norms. Default: pre
 * @param stream connections between the units, such as hyper-connections. Default: plain
 * @param scale factor of the branches, for instance LayerScale (Touvron et al. 2021,
 *     arXiv:2103.17239) or ReZero (Bachlechner et al. 2020, arXiv:2003.04887). Default: none
 * @param stochasticDepth drop path of the blocks. Default: none
 * @param exceptions windows and positions of some blocks instead of those of attention. Default:
 *     none
 * @param feedForwards feed-forward networks of some blocks instead of feedForward, such as plain
 *     ones beside mixtures of experts. Default: none
 * @param firstNorm true for a norm before the attention of the first block; ModernBERT normalizes
 *     the embeddings instead (Warner et al. 2024, arXiv:2412.13663, Section 2.1). Default: true
 * @param copies number of attention layers side by side in a unit, and of feed-forward networks,
 *     each with its norms and scale, whose results are summed (Touvron et al. 2022,
 *     arXiv:2203.09795, Section 3). Drop path drops them together. Default: 1
 */
@WithBuilder
@TypeName("transformerBlocks")
public record TransformerBlocks(
        @Default("\"\"") String name,
        int depth,
        Attention attention,
        @Default("0") int memory,
        FeedForward feedForward,
        @Default("\"layer\"") NormSpec norm,
        @Default("\"pre\"") NormPlacement placement,
        @Default("\"plain\"") Wiring stream,
        @Default("\"none\"") ScaleSpec scale,
        @Default("0.0") StochasticDepth stochasticDepth,
        @Default("[]") List<BlockAttention> exceptions,
        @Default("[]") List<BlockFeedForward> feedForwards,
        @Default("true") boolean firstNorm,
        @Default("1") int copies)
        implements Family, TransformerBlocksBuilder.With {

    /** The attention whose table of relative positions all blocks share. */
    private static final String FIRST = "0.attention.branch";

    public TransformerBlocks {
        Check.depth("depth", depth);
        exceptions = List.copyOf(exceptions);
        BlockAttention.check(exceptions, depth);
        feedForwards = List.copyOf(feedForwards);
        BlockFeedForward.check(feedForwards, depth);
        Check.notNegative("memory", memory);
        Check.that(
                firstNorm || placement instanceof NormPlacement.Pre,
                "firstNorm must be true unless placement is pre, got %s",
                placement);
        Check.that(
                attention.memory() == 0,
                "attention.memory must be 0, got %s; set memory of the blocks instead",
                attention.memory());
        Check.that(
                memory == 0 || !(placement instanceof NormPlacement.Parallel),
                "memory must be 0 with the parallel placement, got %s",
                memory);
        Check.positive("copies", copies);
        Check.that(
                copies == 1
                        || (firstNorm
                                && (placement.equals(NormPlacement.PRE)
                                        || placement instanceof NormPlacement.Sandwich
                                        || placement instanceof NormPlacement.ResPost)),
                "copies must be 1 unless placement is pre, sandwich or resPost with firstNorm, got"
                        + " %s",
                copies);
        PositionSpec first = BlockAttention.apply(exceptions, 0, attention).position();
        for (int i = 0; i < depth; i++) {
            PositionSpec position = BlockAttention.apply(exceptions, i, attention).position();
            if (position.sharesTable()) {
                Check.that(
                        copies == 1,
                        "copies must be 1 with %s, whose table the blocks share, got %s",
                        position.describe(),
                        copies);
                Check.that(
                        !(placement instanceof NormPlacement.Parallel),
                        "placement must not be parallel with %s, whose table the blocks share;"
                                + " use another, or set perBlock of relative positions",
                        position.describe());
                Check.that(
                        position.equals(first),
                        "position must be that of block 0, whose table the blocks share, got"
                                + " another in block %s; set perBlock of relative positions",
                        i);
            }
        }
        Check.that(
                stochasticDepth.per() == StochasticDepth.Per.UNIT
                        || !(placement instanceof NormPlacement.Parallel),
                "stochasticDepth.per must be unit with the parallel placement, whose blocks are"
                        + " one unit, got block");
    }

    /**
     * {@return new blocks named {@code blocks}, without memory, scale or drop path}
     *
     * @param depth the number of blocks
     * @param attention the first branch
     * @param feedForward the last branch
     * @param norm the kind of norm
     */
    public static TransformerBlocks of(
            int depth,
            Attention attention,
            FeedForward feedForward,
            NormSpec norm,
            NormPlacement placement) {
        return Defaults.fill(TransformerBlocksBuilder.builder())
                .name("blocks")
                .depth(depth)
                .attention(attention)
                .feedForward(feedForward)
                .norm(norm)
                .placement(placement)
                .build();
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        Check.that(part.isEmpty(), "blocks are equal units, got a part \"%s\" of one", part);
        return withDepth(Math.addExact(depth, added));
    }

    /**
     * {@return the depth of a family with more blocks}
     *
     * @param part the part to deepen, which must be {@code blocks}
     * @param depth the number of blocks
     * @param added the number of blocks to add
     */
    public static int deeper(String part, int depth, int added) {
        Check.that(part.equals("blocks"), "the part must be blocks, got \"%s\"", part);
        return Math.addExact(depth, added);
    }

    @Override
    public LayerSpec expand() {
        double gain = placement.gain(depth);
        List<LayerSpec> blocks = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            DropPathSpec dropPath = stochasticDepth.at(i, depth);
            Attention first = BlockAttention.apply(exceptions, i, attention.withGain(gain));
            FeedForward last = BlockFeedForward.of(feedForwards, i, feedForward).withGain(gain, 1);
            String at = Integer.toString(i);
            if (placement instanceof NormPlacement.Parallel parallel) {
                LayerSpec both =
                        new Parallel(
                                "",
                                List.of(
                                        parallel.branch("attention", first, norm),
                                        parallel.branch("mlp", last, norm)));
                blocks.add(unit(at, both, dropPath).atDepth(i, depth));
                continue;
            }
            List<LayerSpec> units = new ArrayList<>();
            Attention tabled = i == 0 ? first : first.withPosition(first.position().sharing(FIRST));
            Residual unit = unit("attention", tabled, dropPath);
            units.add(i > 0 || firstNorm ? unit : unit.withBefore(NormActivation.NONE));
            if (memory > 0) {
                units.add(unit("cross", first.overMemory(memory), dropPath));
            }
            units.add(unit("mlp", last, dropPath));
            blocks.add(stochasticDepth.block(at, i, depth, units).atDepth(i, depth));
        }
        return stream.wire(name, blocks, false);
    }

    private Residual unit(String unitName, LayerSpec branch, DropPathSpec dropPath) {
        if (copies == 1) {
            return placed(unitName, branch).dropPath(dropPath).build();
        }
        List<LayerSpec> sides = new ArrayList<>();
        for (int c = 0; c < copies; c++) {
            String at = Integer.toString(c);
            sides.add(placed(at, branch).shortcut(new ShortcutSpec.None()).build());
        }
        return Residual.builder(unitName, new Parallel("", sides)).dropPath(dropPath).build();
    }

    private ResidualBuilder placed(String unitName, LayerSpec branch) {
        return placement.place(Residual.builder(unitName, branch).scale(scale), norm, depth);
    }
}
