package io.residuum.nn.trait;

/** A layer that runs its children several times in a pass, with shared weights. */
public interface RepeatsChildren {

    /** {@return the number of runs of each child in one forward pass, 1 or more} */
    int runs();
}
