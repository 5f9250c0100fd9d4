package io.residuum.vision.resnet;

/** Where norms and activations stand in a unit (He et al. 2016, "Identity Mappings", Figure 4). */
public enum ActivationOrder {
    /** (a): after the sum, the activation. */
    ORIGINAL,
    /** (b): after the sum, norm and activation; the branch ends in a convolution. */
    NORM_AFTER_ADD,
    /** (c): the activation ends the branch, nothing follows the sum. */
    RELU_BEFORE_ADD,
    /** (d): the activation comes first, a norm ends the branch. */
    RELU_PRE_ACTIVATION,
    /** (e): norm and activation come first; the branch ends in a convolution (ResNet v2). */
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

    /** What a unit begins with, the stem need not end with, and the head makes up for. */
    boolean normsStem() {
        return !normsFirst();
    }

    boolean activatesStem() {
        return !activatesFirst();
    }
}
