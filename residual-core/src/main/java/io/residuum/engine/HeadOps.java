package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** The operations of {@link Ops} on the heads of attention. */
interface HeadOps {
    /**
     * Splits projected vectors into heads, with heads before positions as batched products need
     * them. Heads of one group are stacked along the positions.
     *
     * @param x {@code (N, T, (h1 + h2 + ...) width)}: concatenated queries, keys and values, or one
     *     of them
     * @param width the width of a head
     * @param groups the number of groups G
     * @param heads the number of heads of each part, multiples of G
     * @return each part {@code (N G, h / G T, width)}
     */
    default NDList splitHeads(NDArray x, int width, int groups, int... heads) {
        long length = x.getShape().get(1);
        NDList parts = new NDList(heads.length);
        long from = 0;
        for (int h : heads) {
            long to = from + (long) h * width;
            // MXNet's split takes several times as long as slices.
            NDArray part = heads.length == 1 ? x : x.get(":, :, {}:{}", from, to);
            NDArray headsFirst = part.reshape(-1, length, h, width).transpose(0, 2, 1, 3);
            parts.add(headsFirst.reshape(-1, h / groups * length, width));
            from = to;
        }
        return parts;
    }
}
