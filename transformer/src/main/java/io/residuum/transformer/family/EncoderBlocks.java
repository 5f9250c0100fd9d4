package io.residuum.transformer.family;

import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.spatial.Conv1dBuilder;
import io.residuum.transformer.blocks.BlockAttention;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.Disentangled;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.MaskTokens;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks of a text encoder, where they differ from those of BERT.
 *
 * @param position positions within attention: the relative biases of MPNet, the rotations of
 *     ModernBERT. Default: none
 * @param local blocks whose attention sees a window (Warner et al. 2024, arXiv:2412.13663, Section
 *     2.1). Default: none
 * @param kvHeads number of key and value heads, a divisor of heads; 0 for the same as heads.
 *     Default: 0
 * @param bias true if the linear maps have biases. Default: true
 * @param attentionBias true if the maps of attention have biases if bias is true. Default: true
 * @param keyBias true for a bias of the map to keys if the other maps of attention have one;
 *     DeBERTa's has none. Default: true
 * @param mlpBias true if the feed-forward networks have biases if bias is true. Default: true
 * @param hiddenBias true if the maps to the hidden layer of the feed-forward networks have biases
 *     if the others have. Default: true
 * @param gated true if the feed-forward networks have gates. Default: false
 * @param innerDropout dropout of the hidden layer of the feed-forward networks. Default: 0
 * @param embeddingNorm true if the embeddings are normalized. Default: true
 * @param firstNorm true if the first block has a norm before attention; ModernBERT normalizes the
 *     embeddings instead. Default: true
 * @param tied blocks that share their weights. Default: none
 * @param convolution convolution beside the first block. Default: none
 */
@WithBuilder
public record EncoderBlocks(
        @Default("\"none\"") PositionSpec position,
        @Default("{}") BlockAttention local,
        @Default("0") int kvHeads,
        @Default("true") boolean bias,
        @Default("true") boolean attentionBias,
        @Default("true") boolean keyBias,
        @Default("true") boolean mlpBias,
        @Default("true") boolean hiddenBias,
        @Default("false") boolean gated,
        @Default("0.0") double innerDropout,
        @Default("true") boolean embeddingNorm,
        @Default("true") boolean firstNorm,
        @Default("{}") Tied tied,
        @Default("{}") Convolution convolution)
        implements EncoderBlocksBuilder.With {

    /** The blocks of BERT. */
    static final EncoderBlocks BERT = Defaults.fill(EncoderBlocksBuilder.builder()).build();

    public EncoderBlocks {
        Check.rate("innerDropout", innerDropout);
        boolean equal = local.blocks().isEmpty() && firstNorm;
        Check.that(
                convolution.kernel() == 0
                        || equal
                                && tied.groups() == 0
                                && !(position instanceof PositionSpec.Relative),
                "convolution needs local, firstNorm and tied at their defaults, and positions"
                        + " without a table in buckets, got kernel %s",
                convolution.kernel());
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
    public record Tied(@Default("0") int groups, @Default("1") int blocks) {
        public Tied {
            Check.notNegative("groups", groups);
            Check.positive("blocks", blocks);
        }
    }

    /**
     * A convolution over the input of the first block, whose output is added to that of the block
     * and normalized (He et al. 2021, arXiv:2006.03654, Section 5.4; DeBERTa-v2). Padding counts as
     * zeros. Parameters are below {@code 0.branch.convolution} and {@code 0.after}, those of the
     * block below {@code 0.branch.block}.
     *
     * @param kernel number of tokens of its window, odd; 0 for no convolution. Default: 0
     * @param groups number of groups of channels. Default: 1
     * @param activation its activation. Default: tanh
     */
    public record Convolution(
            @Default("0") int kernel,
            @Default("1") int groups,
            @Default("\"tanh\"") ActivationSpec activation) {
        public Convolution {
            Check.that(
                    kernel == 0 || (kernel > 0 && kernel % 2 == 1),
                    "kernel must be odd, or 0 for no convolution, got %s",
                    kernel);
            Check.positive("groups", groups);
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
        boolean maps = bias && attentionBias;
        boolean hidden = bias && mlpBias;
        Attention global =
                attention
                        .with()
                        .projection(
                                attention
                                        .projection()
                                        .with()
                                        .bias(maps)
                                        .outputBias(maps)
                                        .keyBias(keyBias)
                                        .build())
                        .kvHeads(kvHeads)
                        .position(position)
                        .build();
        FeedForward mlp =
                plain.with()
                        .bias(hidden && hiddenBias)
                        .outputBias(hidden && !hiddenBias)
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
        if (convolution.kernel() > 0) {
            return convolved(bert, blocks);
        }
        return blocks.withFirstNorm(firstNorm);
    }

    private LayerSpec convolved(Bert bert, TransformerBlocks blocks) {
        List<LayerSpec> units = new ArrayList<>();
        for (LayerSpec unit : ((Sequential) blocks.expand()).layers()) {
            units.add(units.isEmpty() ? unit : withTable((Sequential) unit));
        }
        LayerSpec block = new Sequential("block", ((Sequential) units.get(0)).layers());
        LayerSpec beside =
                new Sequential(
                        "convolution",
                        new MaskTokens("mask"),
                        Defaults.fill(Conv1dBuilder.builder())
                                .name("conv")
                                .filters(bert.width())
                                .kernel(convolution.kernel())
                                .padding(convolution.kernel() / 2)
                                .groups(convolution.groups())
                                .init(Bert.INIT)
                                .build(),
                        new Dropout("dropout", bert.dropout().branch()),
                        new Activation("activation", convolution.activation()));
        units.set(
                0,
                Residual.builder(units.get(0).name(), new Parallel("", List.of(block, beside)))
                        .shortcut(new ShortcutSpec.None())
                        .after(NormActivation.of(bert.norm()))
                        .build());
        return new Sequential(blocks.name(), units);
    }

    /** {@return a block after the first, which finds the table of positions in its new place} */
    private static LayerSpec withTable(Sequential unit) {
        List<LayerSpec> parts = new ArrayList<>(unit.layers());
        Residual first = (Residual) parts.get(0);
        if (first.branch() instanceof Attention attention
                && attention.position() instanceof Disentangled relative) {
            Disentangled moved =
                    relative.withTable("0.branch.block." + relative.table().substring(2));
            parts.set(0, first.withBranch(attention.withPosition(moved)));
        }
        return new Sequential(unit.name(), parts);
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
}
