package io.residuum.transformer.branch;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Shapes;

/**
 * The sizes of attention.
 *
 * @param queries the number of query heads
 * @param groups the number of key and value heads; each serves {@code queries / groups} query heads
 * @param width the width of a head
 */
record Heads(int queries, int groups, int width) {

    /** Fills in defaults and checks the sizes against the input {@code (-1, T, C)}. */
    static Heads of(Attention spec, Shape input) {
        int channels = Math.toIntExact(input.get(2));
        int heads = spec.heads();
        if (spec.headWidth() == 0 && channels % heads != 0) {
            throw new IllegalArgumentException(
                    String.format(
                            "heads must divide the input's width, got %d heads and width %d;"
                                    + " change heads or set headWidth",
                            heads, channels));
        }
        int width = spec.headWidth() == 0 ? channels / heads : spec.headWidth();
        if (spec.position() instanceof Rotation rotation) {
            rotation.requireFit(width);
        }
        return new Heads(heads, spec.kvHeads() == 0 ? heads : spec.kvHeads(), width);
    }

    /** {@return the number of query heads that share a key and value head} */
    int perGroup() {
        return queries / groups;
    }

    /** {@return the width of all query heads together} */
    int joinedWidth() {
        return Math.toIntExact(Shapes.product(queries, width));
    }
}
