package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * An image as a sequence of patches, {@code (N, C, H, W) -> (N, P + H' W', width)}: P learned
 * tokens, then a linear map of each patch, row by row, plus learned positions (Dosovitskiy et al.
 * 2021, arXiv:2010.11929, Section 3.1). After a convolutional stem, patches of size 1 make every
 * pixel a token.
 *
 * <p>The positions belong to a grid of patches. For images of another size each pass interpolates
 * them bicubically.
 *
 * <p>Parameters: {@code projection.weight}, {@code projection.bias}, each token under its name
 * {@code (1, 1, width)}, {@code registers} {@code (1, registers, width)}, {@code position} {@code
 * (1, P + grid, width)}.
 *
 * @param patch size of a patch
 * @param width length of a vector
 * @param bias true if the projection has a bias. Default: true
 * @param norm norm of the patches before positions are added. Default: none
 * @param tokens names of the tokens before the patches, for instance {@code class}. Default: empty
 * @param registers number of registers: further learned tokens between these and the patches,
 *     without positions (Darcet et al. 2024, arXiv:2309.16588). Default: 0
 * @param registerPositions true if the registers have positions too. Default: false
 * @param positions true if there are positions. Default: true
 * @param tokenPositions true if the tokens have positions too. Default: true
 * @param grid grid of the learned positions, in patches; 0 for the grid of the input. Default: 0
 * @param dropout dropout of the sum. Default: 0
 * @param init initial weights. Default: truncated normal with std 0.02
 */
@WithBuilder
@TypeName("patchEmbedding")
public record PatchEmbedding(
        @Default("\"\"") String name,
        Size2d patch,
        int width,
        @Default("true") boolean bias,
        @Default("\"none\"") NormSpec norm,
        @Default("[]") List<String> tokens,
        @Default("0") int registers,
        @Default("false") boolean registerPositions,
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
                Stream.of("position", "projection", "registers").noneMatch(tokens::contains),
                "tokens must not be named position, projection or registers, got %s",
                tokens);
        Check.notNegative("registers", registers);
        Check.that(
                !registerPositions || (registers > 0 && positions && tokenPositions),
                "registerPositions needs registers, positions and tokenPositions, got true");
        Check.that(
                grid.height() >= 0
                        && grid.width() >= 0
                        && (grid.height() == 0) == (grid.width() == 0),
                "grid must be positive, or 0 for the grid of the input, got %s",
                grid);
        Check.rate("dropout", dropout);
    }

    /**
     * {@return a builder of an embedding named {@code embedding}, other components at their
     * defaults}
     *
     * @param patch the size of a patch
     * @param width the length of a vector
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
