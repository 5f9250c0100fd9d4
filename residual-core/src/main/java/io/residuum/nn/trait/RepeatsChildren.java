package io.residuum.nn.trait;

/** A layer that runs its children several times a pass, with one set of weights. */
public interface RepeatsChildren {

    /**
     * Returns the number of runs of each child in one forward pass.
     *
     * @return 1 or more
     */
    int runs();
}
