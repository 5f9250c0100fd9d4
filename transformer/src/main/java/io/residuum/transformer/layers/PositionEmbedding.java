package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Ids;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;

/**
 * Adds position vectors to a sequence, {@code (N, T, C) -> (N, T, C)}. The positions are 0, 1, 2
 * and so on, or those of the side input {@value #POSITIONS}.
 *
 * @param table kind of vectors. Default: learned
 * @param length number of learned rows; 0 for those that the input needs. Default: 0
 * @param offset row of the first position; RoBERTa's is 2. Default: 0
 * @param init initial values of learned rows. Default: normal with std 0.02
 */
@TypeName("positionEmbedding")
public record PositionEmbedding(
        @Default("\"\"") String name,
        @Default("\"learned\"") PositionTable table,
        @Default("0") int length,
        @Default("0") int offset,
        @Default("{\"type\": \"normal\", \"std\": 0.02}") InitSpec init)
        implements LayerSpec {
    /**
     * The side input {@code (N, T)}, int64, with the position of each element, for batches whose
     * sequences do not all begin at position 0. Positions must be below the number of positions so
     * far.
     */
    public static final String POSITIONS = "positions";

    public PositionEmbedding {
        Check.notNegative("length", length);
        Check.notNegative("offset", offset);
    }

    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 3,
                "the input of positionEmbedding must be (N, T, C), got %s",
                input);
        long needed = input.get(1) + offset;
        Check.that(
                length == 0 || !isLearned(table) || length >= needed,
                "length must be at least the offset and the input's positions, %s, got %s",
                needed,
                length);
        return switch (table) {
            case NONE -> new IdentityBlock(input);
            case SINUSOIDAL -> new SinusoidalBlock(input, Sinusoids.INTERLEAVED, offset);
            case SINUSOIDAL_HALVES -> new SinusoidalBlock(input, Sinusoids.TO_THE_LAST, offset);
            case LEARNED, LEARNED_UNPADDED, LEARNED_SINUSOIDAL ->
                    new LearnedPositionBlock(
                            input,
                            length == 0 ? needed : length,
                            offset,
                            table == PositionTable.LEARNED_UNPADDED,
                            table == PositionTable.LEARNED_SINUSOIDAL
                                    ? Sinusoids.HALVES.init()
                                    : init.toInit());
        };
    }

    private static boolean isLearned(PositionTable table) {
        return table.name().startsWith(PositionTable.LEARNED.name());
    }

    /** {@return the rows of a table at the positions of a side input, one for each token} */
    static NDArray rows(ForwardPass pass, NDArray positions, long tokens, NDArray table) {
        requireIdPerToken(POSITIONS, positions.getShape(), tokens);
        return Ids.rows(pass.ops(), POSITIONS, positions, table);
    }

    /** Requires one id per token, for each sample or shared by all, without broadcasting. */
    static void requireIdPerToken(String name, Shape ids, long tokens) {
        if (ids.dimension() != 2 || ids.get(1) != tokens) {
            throw new IllegalArgumentException(
                    "the side input \"%s\" must be (N, %d), one id for each token, got %s"
                            .formatted(name, tokens, ids));
        }
    }

    /** {@return the layer for the output of an embedding of {@code ids}} */
    static Layer of(TokenEmbedding spec, Shape ids) {
        int width = spec.width();
        return new PositionEmbedding(
                        "", spec.positions(), spec.length(), spec.offset(), spec.init())
                .newBlock(Shapes.withChannels(ids.add(width), width));
    }
}
