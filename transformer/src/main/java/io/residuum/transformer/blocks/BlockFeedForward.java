package io.residuum.transformer.blocks;

import io.residuum.spec.Check;
import io.residuum.transformer.branch.FeedForward;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The feed-forward network of some blocks. Decoders with mixtures of experts often have plain
 * networks in their first blocks (DeepSeek-AI 2024, arXiv:2401.06066) or in every second one
 * (Lepikhin et al. 2020, arXiv:2006.16668).
 *
 * @param blocks indices of the blocks, from 0
 * @param feedForward their feed-forward network
 */
public record BlockFeedForward(List<Integer> blocks, FeedForward feedForward) {
    public BlockFeedForward {
        blocks = List.copyOf(blocks);
    }

    static void check(List<BlockFeedForward> exceptions, int depth) {
        Set<Integer> seen = new HashSet<>();
        for (BlockFeedForward exception : exceptions) {
            for (int block : exception.blocks) {
                Check.that(
                        block >= 0 && block < depth && seen.add(block),
                        "feedForwards must name each block once, from 0 to %s, got %s",
                        depth - 1,
                        block);
            }
        }
    }

    static FeedForward of(List<BlockFeedForward> exceptions, int block, FeedForward others) {
        return exceptions.stream()
                .filter(e -> e.blocks.contains(block))
                .findFirst()
                .map(BlockFeedForward::feedForward)
                .orElse(others);
    }
}
