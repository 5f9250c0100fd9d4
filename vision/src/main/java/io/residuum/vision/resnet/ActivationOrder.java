package io.residuum.vision.resnet;

/** The order of norms and activations in a unit (He et al. 2016, "Identity Mappings", Figure 4). */
public enum ActivationOrder {
    /** (a): an activation follows the sum. */
    ORIGINAL,
    /** (b): a norm and an activation follow the sum; the branch ends in a convolution. */
    NORM_AFTER_ADD,
    /** (c): the branch ends in an activation; nothing follows the sum. */
    RELU_BEFORE_ADD,
    /** (d): the branch starts with an activation and ends in a norm. */
    RELU_PRE_ACTIVATION,
    /**
     * (e): the branch starts with a norm and an activation and ends in a convolution (ResNet v2).
     */
    PRE_ACTIVATION;

    boolean normsFirst() {
        return this == PRE_ACTIVATION;
    }

    boolean activatesFirst() {
        return this == PRE_ACTIVATION || this == RELU_PRE_ACTIVATION;
    }

    boolean normEndsBranch() {
        return this != NORM_AFTER_ADD && this != PRE_ACTIVATION;
    }

    boolean activationEndsBranch() {
        return this == RELU_BEFORE_ADD;
    }

    boolean normsSum() {
        return this == NORM_AFTER_ADD;
    }

    boolean activatesSum() {
        return this == ORIGINAL || this == NORM_AFTER_ADD;
    }

    /**
     * Returns true if the stem ends in a norm. With norms first, the head has that norm instead.
     */
    boolean normsStem() {
        return !normsFirst();
    }

    boolean activatesStem() {
        return !activatesFirst();
    }
}
