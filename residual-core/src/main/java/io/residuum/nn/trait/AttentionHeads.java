package io.residuum.nn.trait;

/** Attention with heads, in whose order the rows of its linear maps lie. */
public interface AttentionHeads {

    /** {@return the number of query heads} */
    int heads();

    /** {@return the number of key and value heads} */
    int kvHeads();

    /** {@return the width of a head} */
    int headWidth();
}
