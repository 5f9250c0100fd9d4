package io.residuum.weights.dialect;

import io.residuum.nn.trait.RotaryHeads;

/** How the pairs that rotary positions turn lie within the rows of a head. */
public enum RotaryOrder {
    /** As the network has them, or there are none. */
    SAME,
    /** Partners are half a head apart (GPT-NeoX; Llama in transformers). */
    HALF_SPLIT,
    /** Partners are neighbours (Su et al. 2021, arXiv:2104.09864; Llama as published). */
    INTERLEAVED;

    /**
     * Reorders rows in place from this order to the network's, or back.
     *
     * @param values row by row
     * @param from the first value that is moved
     * @param to behind the last value that is moved; whole heads lie between
     * @param row how many values a row has
     * @param heads the network's side
     * @param back whether to this order, from the network's
     */
    void reorder(float[] values, int from, int to, int row, RotaryHeads heads, boolean back) {
        int width = heads.rotaryWidth();
        if (this == SAME || width == 0 || heads.interleaved() == (this == INTERLEAVED)) {
            return;
        }
        boolean interleave = heads.interleaved() != back;
        int half = width / 2;
        float[] head = new float[width * row];
        for (int start = from; start < to; start += head.length) {
            System.arraycopy(values, start, head, 0, head.length);
            for (int r = 0; r < width; r++) {
                int source = interleave ? r / 2 + r % 2 * half : r % half * 2 + r / half;
                System.arraycopy(head, source * row, values, start + r * row, row);
            }
        }
    }
}
