package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Size2d;
import java.util.HashSet;
import java.util.List;

/**
 * An image as a sequence, {@code (N, C, H, W) -> (N, P + H' W', width)}: a linear map of each
 * patch, row by row, P learned tokens ahead of them, and learned positions (Dosovitskiy et al.
 * 2021, arXiv:2010.11929, Section 3.1). Behind a convolutional stem, patches of 1 make every pixel
 * a token.
 *
 * <p>The positions belong to a grid of patches. For an image of another size they are interpolated,
 * bicubically, on every pass.
 *
 * <p>Parameters: {@code projection.weight}, {@code projection.bias}, each token under its name
 * {@code (1, 1, width)}, {@code position} {@code (1, P + grid, width)}.
 *
 * @param name its name. Default: empty
 * @param patch the size of a patch
 * @param width the length of a vector
 * @param bias whether the projection has a bias. Default: true
 * @param tokens the names of the tokens ahead, for instance {@code class}. Default: empty
 * @param positions whether there are positions. Default: true
 * @param tokenPositions whether the tokens ahead have positions too. Default: true
 * @param grid the grid of the learned positions, in patches; 0 for the input's own. Default: 0
 * @param dropout behind the sum. Default: 0
 * @param init the first weights. Default: truncated normal with std 0.02
 */
@WithBuilder
@TypeName("patchEmbedding")
@Doc("An image (N, C, H, W) as a sequence of patches, with tokens ahead and positions.")
public record PatchEmbedding(
        @Default("\"\"") String name,
        Size2d patch,
        int width,
        @Default("true") boolean bias,
        @Default("[]") List<String> tokens,
        @Default("true") boolean positions,
        @Default("true") boolean tokenPositions,
        @Default("0") Size2d grid,
        @Default("0.0") double dropout,
        @Default("\"truncatedNormal\"") InitSpec init)
        implements LayerSpec, PatchEmbeddingBuilder.With {
    public PatchEmbedding {
        tokens = List.copyOf(tokens);
        Check.that(
                patch.height() > 0 && patch.width() > 0, "patch must be 1 or more, got %s", patch);
        Check.positive("width", width);
        Check.that(
                new HashSet<>(tokens).size() == tokens.size()
                        && tokens.stream().noneMatch(t -> t.isBlank() || t.contains(".")),
                "tokens must have different names without dots, got %s",
                tokens);
        Check.that(
                !tokens.contains("position") && !tokens.contains("projection"),
                "tokens must not be called position or projection, got %s",
                tokens);
        Check.that(
                grid.height() >= 0
                        && grid.width() >= 0
                        && (grid.height() == 0) == (grid.width() == 0),
                "grid must be positive, or 0 for the input's own, got %s",
                grid);
        Check.rate("dropout", dropout);
    }

    /**
     * Begins an embedding of patches.
     *
     * @param patch the size of a patch
     * @param width the length of a vector
     * @return a builder of an embedding named {@code embedding}, the rest at its default
     */
    public static PatchEmbeddingBuilder builder(Size2d patch, int width) {
        return Defaults.fill(PatchEmbeddingBuilder.builder())
                .name("embedding")
                .patch(patch)
                .width(width);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new PatchEmbeddingBlock(input, this);
    }
}
