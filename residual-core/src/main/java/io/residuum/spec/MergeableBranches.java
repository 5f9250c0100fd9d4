package io.residuum.spec;

/**
 * A family with branches that are one convolution in prediction (structural re-parameterization,
 * Ding et al. 2021, arXiv:2101.03697).
 */
public interface MergeableBranches extends Family {

    /**
     * {@return a copy with one convolution instead of such branches; this family if it has none}
     * All other parameters keep their paths.
     */
    LayerSpec withMergedBranches();
}
