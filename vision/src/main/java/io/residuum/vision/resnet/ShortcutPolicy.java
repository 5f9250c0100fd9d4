package io.residuum.vision.resnet;

import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.layers.NormSpec;

/** A choice of shortcuts by whether a unit changes the shape (He et al. 2015, Section 4.1). */
public enum ShortcutPolicy {
    /** Zero-padding where the shape changes, else identity: no parameters. */
    A,
    /** Projection where the shape changes, else identity. */
    B,
    /** Projection everywhere. */
    C,
    /**
     * Average pooling and projection where the shape changes, else identity (He et al. 2019,
     * ResNet-D).
     */
    D,
    /** Zero-padding as in A, all new channels after the old ones. */
    A_AFTER,
    /** No shortcuts: the plain twin. */
    NONE;

    ShortcutSpec of(boolean changes, ShortcutSpec keeping, NormSpec norm) {
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
            default -> new ShortcutSpec.Projection(norm, false);
        };
    }
}
