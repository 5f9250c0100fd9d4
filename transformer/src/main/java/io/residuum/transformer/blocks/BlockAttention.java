package io.residuum.transformer.blocks;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.PositionSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The window and the positions of some blocks. Gemma, Qwen and Cohere alternate windows with
 * attention to all earlier positions; SmolLM3 and Cohere leave positions out of some blocks.
 *
 * @param blocks indices of the blocks, from 0. Default: none
 * @param window number of positions that a query sees, as in {@link Attention}; 0 for all. Default:
 *     0
 * @param position positions within attention. Default: none
 */
@Doc("The window and the positions of some blocks.")
public record BlockAttention(
        @Default("[]") List<Integer> blocks,
        @Default("0") int window,
        @Default("\"none\"") PositionSpec position) {
    public BlockAttention {
        blocks = List.copyOf(blocks);
        Check.notNegative("window", window);
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
                .map(e -> attention.with().window(e.window).position(e.position).build())
                .orElse(attention);
    }
}
