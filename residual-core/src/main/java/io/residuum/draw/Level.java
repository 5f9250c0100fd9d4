package io.residuum.draw;

/** How much one box of a drawing holds. */
public enum Level {
    /** The named parts of the network: a stem, a stack of units, a head. */
    STAGE,
    /** Branches, shortcuts and merges of residual units; what lies between units is one box. */
    BLOCK,
    /** Layers. What a layer computes around its children is a box of its own. */
    LAYER,
    /** Single operations. */
    OPERATION
}
