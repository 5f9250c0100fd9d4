package io.residuum.transformer.family;

import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.transformer.blocks.BlockAttention;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks of a text encoder, where they differ from those of BERT.
 *
 * @param position positions within attention: the relative biases of MPNet, the rotations of
 *     ModernBERT. Default: none
 * @param local blocks whose attention sees a window (Warner et al. 2024, arXiv:2412.13663, Section
 *     2.1). Default: none
 * @param bias whether the linear maps have biases. Default: true
 * @param hiddenBias whether the maps to the hidden layer of the feed-forward networks have biases
 *     if the others have. Default: true
 * @param gated whether the feed-forward networks have gates. Default: false
 * @param innerDropout dropout of the hidden layer of the feed-forward networks. Default: 0
 * @param firstNorm whether the first block has a norm before attention; ModernBERT normalizes the
 *     embeddings instead. Default: true
 * @param tied blocks that share their weights. Default: none
 */
@WithBuilder
@Doc("The blocks of a text encoder, where they differ from those of BERT.")
public record EncoderBlocks(
        @Default("\"none\"") PositionSpec position,
        @Default("{}") BlockAttention local,
        @Default("true") boolean bias,
        @Default("true") boolean hiddenBias,
        @Default("false") boolean gated,
        @Default("0.0") double innerDropout,
        @Default("true") boolean firstNorm,
        @Default("{}") Tied tied)
        implements EncoderBlocksBuilder.With {

    /** The blocks of BERT. */
    static final EncoderBlocks BERT = Defaults.fill(EncoderBlocksBuilder.builder()).build();

    public EncoderBlocks {
        Check.rate("innerDropout", innerDropout);
        boolean equal = local.blocks().isEmpty() && firstNorm;
        Check.that(
                tied.groups() == 0 || (equal && !position.sharesTable()),
                "tied blocks must be equal, without relative positions: set local, firstNorm or"
                        + " position to their defaults");
        Check.that(
                equal || !position.sharesTable(),
                "local must be none and firstNorm true with relative positions, got %s and %s",
                local,
                firstNorm);
    }

    /**
     * Blocks that share their weights (Lan et al. 2020, arXiv:1909.11942, Section 3.1). A unit of
     * the depth is then a group of blocks.
     *
     * @param groups number of groups, each of which consecutive units share; 0 for separate
     *     weights. Default: 0
     * @param blocks number of blocks in a group. Default: 1
     */
    @Doc("Blocks that share their weights.")
    public record Tied(@Default("0") int groups, @Default("1") int blocks) {
        public Tied {
            Check.notNegative("groups", groups);
            Check.positive("blocks", blocks);
        }
    }

    /**
     * {@return the blocks, named {@code blocks}}
     *
     * @param bert depth, norm and placement
     * @param attention the attention of BERT
     * @param plain the feed-forward network of BERT
     */
    LayerSpec of(Bert bert, Attention attention, FeedForward plain) {
        Attention global =
                attention
                        .with()
                        .projection(
                                attention.projection().with().bias(bias).outputBias(bias).build())
                        .position(position)
                        .build();
        FeedForward mlp =
                plain.with()
                        .bias(bias && hiddenBias)
                        .outputBias(bias && !hiddenBias)
                        .gated(gated)
                        .innerDropout(innerDropout)
                        .build();
        TransformerBlocks blocks =
                TransformerBlocks.of(bert.depth(), global, mlp, bert.norm(), bert.placement());
        if (tied.groups() > 0) {
            return tied(blocks);
        }
        if (!local.blocks().isEmpty()) {
            blocks = blocks.withExceptions(List.of(local));
        }
        return firstNorm ? blocks : withoutFirstNorm(blocks);
    }

    private LayerSpec tied(TransformerBlocks blocks) {
        int depth = blocks.depth();
        Check.that(
                tied.groups() <= depth,
                "tied.groups must be at most the depth, %s, got %s",
                depth,
                tied.groups());
        TransformerBlocks group = blocks.with().name("").depth(tied.blocks()).build();
        List<LayerSpec> groups = new ArrayList<>();
        int first = 0;
        for (int g = 0; g < tied.groups(); g++) {
            int end = ((g + 1) * depth + tied.groups() - 1) / tied.groups();
            groups.add(new Repeat(Integer.toString(g), end - first, group, true));
            first = end;
        }
        return new Sequential(blocks.name(), groups);
    }

    private static LayerSpec withoutFirstNorm(TransformerBlocks blocks) {
        List<LayerSpec> units = new ArrayList<>(((Sequential) blocks.expand()).layers());
        List<LayerSpec> parts = new ArrayList<>(((Sequential) units.get(0)).layers());
        parts.set(0, ((Residual) parts.get(0)).withBefore(NormActivation.NONE));
        units.set(0, new Sequential(units.get(0).name(), parts));
        return new Sequential(blocks.name(), units);
    }
}
