package io.residuum.nn.trait;

/** A layer that may run a child several times in a pass, with shared weights. */
public interface RepeatsChildren {

    /**
     * {@return the number of runs of a child in one forward pass, 1 or more}
     *
     * @param child the name of one of the children
     */
    int runs(String child);
}
