package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.train.Transform;

/**
 * Several differently augmented copies of each image, one after another. An epoch has as many
 * samples as without, so it sees only a part of the images. Hoffer et al., "Augment your batch",
 * 2020; Berman et al., "MultiGrain", 2019; Touvron et al., DeiT, 2021.
 *
 * @param repeats the number of copies, 2 or more
 */
@TypeName("repeatedAugmentation")
public record RepeatedAugmentation(@Default("3") int repeats) implements Transform {
    public RepeatedAugmentation {
        checkArgument(repeats >= 2, "repeats must be 2 or more, got %s", repeats);
    }
}
