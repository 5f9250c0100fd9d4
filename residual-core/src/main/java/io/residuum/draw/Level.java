package io.residuum.draw;

/** The level of detail of a drawing. */
public enum Level {
    /** The named parts of the network: a stem, a stack of units, a head. */
    STAGE,
    /**
     * Branches, shortcuts and merges of residual units. All layers between two units share one box.
     */
    BLOCK,
    /** Layers. Operations of a layer outside its children get a separate box. */
    LAYER,
    /** Single operations. */
    OPERATION
}
