package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.EmbeddingBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Ids;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.LinksWeights;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.trait.HasVocabulary;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Vectors of token ids, {@code (N, T) -> (N, T, C)}. */
final class TokenEmbeddingBlock extends Layer implements LinksWeights, HasVocabulary {
    private final TokenEmbedding spec;
    private final @Nullable EmbeddingBlock token;
    private final @Nullable SharedTable shared;
    private final Layer projection;
    private final Layer position;
    private final @Nullable EmbeddingBlock segment;
    private final Layer norm;
    private final Layer dropout;

    /** Creates the block for an input {@code (-1, T)}. */
    TokenEmbeddingBlock(Shape input, TokenEmbedding spec) {
        super(input);
        Shapes.requireRank("token embedding", input, 2);
        this.spec = spec;
        int width = spec.width();
        int tokenWidth = spec.tokenWidth() == 0 ? width : spec.tokenWidth();
        Init init = spec.init().toInit();
        boolean owns = spec.table().isEmpty();
        token =
                owns
                        ? child(
                                "token",
                                new EmbeddingBlock(
                                        input, "tokens", spec.vocabulary(), tokenWidth, init))
                        : null;
        shared = owns ? null : new SharedTable(spec.table(), spec.vocabulary(), tokenWidth);
        Shape tokens = input.add(tokenWidth);
        projection =
                optionalChild(
                        "projection",
                        tokenWidth == width
                                ? new IdentityBlock(tokens)
                                : new LinearBlock(tokens, width, false, init, Init.ZEROS));
        position = optionalChild("position", PositionEmbedding.of(spec, input));
        segment =
                spec.segments() == 0
                        ? null
                        : child(
                                "segment",
                                new EmbeddingBlock(
                                        input,
                                        TokenEmbedding.SEGMENTS,
                                        spec.segments(),
                                        width,
                                        init));
        Shape output = input.add(width);
        norm = optionalChild("norm", spec.norm().newBlock(output));
        dropout = optionalChild("dropout", DropoutBlock.of(output, spec.dropout()));
    }

    @Override
    public void link(String path, Layer network) {
        if (shared != null) {
            shared.link(path, network);
        }
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray sum = vectors(pass, x);
        if (spec.scale() != 1) {
            sum = pass.ops().mul(sum, spec.scale());
        }
        sum = position.forward(pass, projection.forward(pass, sum));
        if (segment != null) {
            sum = sum.add(segments(pass, segment, x.getShape()));
        }
        return dropout.forward(pass, norm.forward(pass, sum));
    }

    private NDArray vectors(ForwardPass pass, NDArray ids) {
        if (token != null) {
            return token.forward(pass, ids);
        }
        NDArray table = Objects.requireNonNull(shared).value(pass);
        return Ids.rows(pass.ops(), "tokens", ids, table);
    }

    private static NDArray segments(ForwardPass pass, EmbeddingBlock segment, Shape tokens) {
        NDArray ids = pass.sideInput(TokenEmbedding.SEGMENTS);
        if (ids != null) {
            PositionEmbedding.requireIdPerToken(
                    TokenEmbedding.SEGMENTS, ids.getShape(), tokens.get(1));
            return segment.forward(pass, ids);
        }
        NDArray first = pass.value(segment.weight()).get(new NDIndex("0:1"));
        first.attach(pass.manager());
        return first;
    }

    @Override
    public long vocabulary() {
        return spec.vocabulary();
    }

    @Override
    public SideInputs sideInputs() {
        SideInputs below = super.sideInputs();
        return segment == null
                ? below
                : below.and(
                        SideInput.ids(TokenEmbedding.SEGMENTS, spec.segments(), "token_type_ids"));
    }

    @Override
    public Shape outputShape(Shape in) {
        return in.add(spec.width());
    }

    /** Counts the scaled sum and the sum with segments. */
    @Override
    public long activations(Shape in) {
        int sums = (spec.scale() != 1 ? 1 : 0) + (segment != null ? 1 : 0);
        return Shapes.product(sums, in.get(1), spec.width());
    }

    @Override
    public String describe() {
        return "TokenEmbedding("
                + spec.vocabulary()
                + ", "
                + spec.width()
                + (shared == null ? ")" : ", weight of " + shared + ")");
    }
}
