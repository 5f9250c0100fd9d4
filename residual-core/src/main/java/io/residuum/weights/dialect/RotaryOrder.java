package io.residuum.weights.dialect;

import io.residuum.nn.trait.RotaryHeads;

/** The order of the rows of a head, whose pairs rotary position embedding rotates. */
public enum RotaryOrder {
    /** The network's order, or no rotary positions. */
    SAME,
    /** Partners are half a head apart (GPT-NeoX; Llama in transformers). */
    HALF_SPLIT,
    /** Partners are neighbours (Su et al. 2021, arXiv:2104.09864; Llama as published). */
    INTERLEAVED;

    /**
     * Reorders rows in place from this order to the network's, or back.
     *
     * @param values the values, row by row
     * @param from the index of the first value to move
     * @param to the index after the last value to move; the range holds complete heads
     * @param row the number of values per row
     * @param heads the network's attention
     * @param back true to reorder from the network's order to this one
     */
    void reorder(float[] values, int from, int to, int row, RotaryHeads heads, boolean back) {
        int width = heads.rotaryWidth();
        boolean equal = heads.sameOrder() || heads.interleaved() == (this == INTERLEAVED);
        if (this == SAME || width == 0 || equal) {
            return;
        }
        boolean interleave = heads.interleaved() != back;
        int half = width / 2;
        float[] head = new float[width * row];
        for (int start = from; start < to; start += heads.headWidth() * row) {
            System.arraycopy(values, start, head, 0, head.length);
            for (int r = 0; r < width; r++) {
                int source = interleave ? r / 2 + r % 2 * half : r % half * 2 + r / half;
                System.arraycopy(head, source * row, values, start + r * row, row);
            }
        }
    }
}
