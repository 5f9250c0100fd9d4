package io.residuum.nn.trait;

import java.util.List;

/** A layer with several heads, whose output is that of the first. */
public interface SeveralHeads {

    /** {@return the names of the children after the first, which only a forward hook can read} */
    List<String> furtherHeads();
}
