package io.residuum.vision.resnet;

import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.layers.NormSpec;

/**
 * The shortcuts of a network's units (He et al. 2015, Section 4.1). They depend on whether a unit
 * changes the shape.
 */
public enum ShortcutPolicy {
    /** Zero-padding if the shape changes, otherwise identity: no parameters. */
    A,
    /** Projection if the shape changes, otherwise identity. */
    B,
    /** Projection everywhere. */
    C,
    /**
     * Average pooling and projection if the shape changes, otherwise identity (He et al. 2019,
     * ResNet-D).
     */
    D,
    /** Zero-padding as in A, with all new channels after the old ones. */
    A_AFTER,
    /** No shortcuts: the plain network for comparison. */
    NONE;

    ShortcutSpec of(boolean changes, ShortcutSpec keeping, NormSpec norm, int kernel) {
        if (this == NONE) {
            return new ShortcutSpec.None();
        }
        if (!changes) {
            return this == C ? new ShortcutSpec.Projection(norm, false) : keeping;
        }
        return switch (this) {
            case A -> new ShortcutSpec.ZeroPad(false);
            case A_AFTER -> new ShortcutSpec.ZeroPad(true);
            case D -> new ShortcutSpec.PooledProjection(norm);
            default -> new ShortcutSpec.Projection(norm, false, kernel);
        };
    }
}
