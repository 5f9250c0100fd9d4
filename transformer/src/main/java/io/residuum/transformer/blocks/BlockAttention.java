package io.residuum.transformer.blocks;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.PositionSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The window, the positions and the factor of the scores of some blocks. Gemma, Qwen and Cohere
 * alternate windows with attention to all earlier positions; SmolLM3 and Cohere leave positions out
 * of some blocks.
 *
 * @param blocks indices of the blocks, from 0. Default: none
 * @param window number of positions that a query sees, as in {@link Attention}; 0 for all. Default:
 *     0
 * @param position positions within attention. Default: none
 * @param scale factor of the scores; 0 for that of the other blocks. Default: 0
 */
public record BlockAttention(
        @Default("[]") List<Integer> blocks,
        @Default("0") int window,
        @Default("\"none\"") PositionSpec position,
        @Default("0.0") double scale) {
    public BlockAttention {
        blocks = List.copyOf(blocks);
        Check.notNegative("window", window);
        Check.notNegative("scale", scale);
    }

    /**
     * Creates settings with the factor of the scores of the other blocks.
     *
     * @param blocks indices of the blocks, from 0
     * @param window number of positions that a query sees; 0 for all
     * @param position positions within attention
     */
    public BlockAttention(List<Integer> blocks, int window, PositionSpec position) {
        this(blocks, window, position, 0);
    }

    static void check(List<BlockAttention> exceptions, int depth) {
        Set<Integer> seen = new HashSet<>();
        for (BlockAttention exception : exceptions) {
            for (int block : exception.blocks) {
                Check.that(
                        block >= 0 && block < depth && seen.add(block),
                        "exceptions must name each block once, from 0 to %s, got %s",
                        depth - 1,
                        block);
            }
        }
    }

    static Attention apply(List<BlockAttention> exceptions, int block, Attention attention) {
        return exceptions.stream()
                .filter(e -> e.blocks.contains(block))
                .findFirst()
                .map(e -> e.of(attention))
                .orElse(attention);
    }

    private Attention of(Attention attention) {
        return attention
                .with()
                .window(window)
                .position(position)
                .scale(scale == 0 ? attention.scale() : scale)
                .build();
    }
}
