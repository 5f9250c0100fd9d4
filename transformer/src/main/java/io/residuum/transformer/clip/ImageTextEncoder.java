package io.residuum.transformer.clip;

import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.L2Normalize;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A tower for images and one for texts, whose outputs of length 1 are near if they belong together
 * (CLIP, Radford et al. 2021, arXiv:2103.00020; SigLIP, Zhai et al. 2023, arXiv:2303.15343). The
 * inputs are {@value #IMAGE} and {@value #TEXT}, the outputs {@value #IMAGE_EMBEDDING} and {@value
 * #TEXT_EMBEDDING} {@code (N, C)} and the logit of each pair {@code (N, 1)}. {@link
 * io.residuum.transformer.predict.ZeroShot} makes classifiers of it.
 *
 * <p>Paths begin with {@code image}, {@code text} and {@code logit}.
 *
 * @param image layers from images to vectors
 * @param text layers from token ids to vectors of the same length
 * @param logit scale and bias of the logits. Default: without a bias
 * @param padding id that texts are padded with to the length of the input. Default: 0
 */
@TypeName("imageTextEncoder")
public record ImageTextEncoder(
        @Default("\"\"") String name,
        LayerSpec image,
        LayerSpec text,
        @Default("{}") PairLogit logit,
        @Default("0") int padding)
        implements Family {

    /** The name of the input with images. */
    public static final String IMAGE = "image";

    /** The name of the input with token ids. */
    public static final String TEXT = "text";

    /** The name of the output with vectors of images. */
    public static final String IMAGE_EMBEDDING = "imageEmbedding";

    /** The name of the output with vectors of texts. */
    public static final String TEXT_EMBEDDING = "textEmbedding";

    private static final double EPS = 1e-12;

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new ImageTextEncoder(name, change.apply(image), change.apply(text), logit, padding);
    }

    @Override
    public LayerSpec expand() {
        return new LayerGraph(
                name,
                new Names(List.of(IMAGE, TEXT)),
                List.of(
                        LayerNode.of(tower(IMAGE)).from(IMAGE).to(IMAGE_EMBEDDING),
                        LayerNode.of(tower(TEXT)).from(TEXT).to(TEXT_EMBEDDING),
                        LayerNode.of(
                                        new PairLogit(
                                                "logit",
                                                logit.scale(),
                                                logit.bias(),
                                                logit.biasInit()))
                                .from(IMAGE_EMBEDDING, TEXT_EMBEDDING)
                                .to("logit")),
                new Names(List.of(IMAGE_EMBEDDING, TEXT_EMBEDDING, "logit")));
    }

    /**
     * {@return a tower with vectors of length 1, under its name in the complete network}
     *
     * @param input {@value #IMAGE} or {@value #TEXT}
     */
    public LayerSpec tower(String input) {
        LayerSpec layers = input.equals(IMAGE) ? image : text;
        return new Sequential(input, layers, new L2Normalize("normalize", EPS));
    }
}
