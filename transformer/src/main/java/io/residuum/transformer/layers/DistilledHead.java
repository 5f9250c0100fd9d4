package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;

/**
 * The mean of two classifiers, {@code (N, T, C) -> (N, classes)}: one of the class token (position
 * 0), one of the distillation token (position 1) (Touvron et al. 2021, arXiv:2012.12877, Section
 * 4). Parameters: {@code class}, {@code distillation}. Forward hooks under these names see their
 * logits.
 *
 * @param classes number of classes
 * @param init initial weights. Default: truncated normal with std 0.02
 */
@TypeName("distilledHead")
public record DistilledHead(
        @Default("\"\"") String name, int classes, @Default("\"truncatedNormal\"") InitSpec init)
        implements LayerSpec {
    public DistilledHead {
        Check.positive("classes", classes);
    }

    @Override
    public DistilledHead withClasses(int value) {
        return new DistilledHead(name, value, init);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new DistilledHeadBlock(input, classes, init.toInit());
    }
}
