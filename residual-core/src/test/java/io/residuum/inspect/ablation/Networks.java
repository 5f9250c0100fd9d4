package io.residuum.inspect.ablation;

import io.residuum.inspect.Specs;
import io.residuum.spec.ModelSpec;

/** Networks on small inputs. */
final class Networks {
    private Networks() {}

    /** Layers on a vector of one number. */
    static ModelSpec ofFeatures(String layers) {
        return Specs.of("{\"type\": \"features\", \"shape\": [1]}", layers);
    }

    /** Layers on images of 2 x 6 x 6. */
    static ModelSpec ofImages(String layers) {
        return Specs.of("{\"type\": \"image\", \"shape\": [2, 6, 6]}", layers);
    }
}
