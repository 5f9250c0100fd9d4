package io.residuum.transformer.evoformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.norm.LayerNormBlock;
import io.residuum.nn.trait.AttentionHeads;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.EndsInMap;
import io.residuum.spec.layers.InitSpec;
import io.residuum.transformer.evoformer.AxialAttention.Axis;
import io.residuum.transformer.evoformer.AxialAttention.ScoreBias;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention along rows or columns, {@code (N, R, T, C) -> (N, R, T, C)}. Columns are the
 * rows of the transposed stream. Rows are folded into the batch, since products of three dimensions
 * are the fastest on both engines.
 */
final class AxialAttentionBlock extends Layer implements AttentionHeads, CountsMacs, EndsInMap {
    private static final double EPS = 1e-5;
    private static final double HIDDEN = 1e9;

    private final AxialAttention spec;
    private final int width;
    private final Layer q;
    private final Layer k;
    private final Layer v;
    private final Layer biasNorm;
    private final @Nullable Layer bias;
    private final @Nullable Layer gate;
    private final Layer output;

    /** Creates the block for an input {@code (-1, R, T, C)} with channels last. */
    AxialAttentionBlock(Shape input, AxialAttention spec) {
        super(input);
        this.spec = spec;
        Streams.require("axial attention", input);
        int channels = Math.toIntExact(input.get(3));
        if (spec.headWidth() == 0 && channels % spec.heads() != 0) {
            throw new IllegalArgumentException(
                    "heads must divide the input's width, got %d heads and width %d; change heads or set headWidth"
                            .formatted(spec.heads(), channels));
        }
        width = spec.headWidth() == 0 ? channels / spec.heads() : spec.headWidth();
        Shape rows = rows(input);
        Init init = spec.init().toInit();
        q = child("q", Streams.map(rows, joined(), init));
        k = child("k", Streams.map(rows, joined(), init));
        v = child("v", Streams.map(rows, joined(), init));
        Shape read = biasInput(rows);
        biasNorm =
                optionalChild(
                        "biasNorm",
                        spec.bias() instanceof ScoreBias.Pair
                                ? new LayerNormBlock(read, EPS, Init.ONES)
                                : new IdentityBlock(read));
        bias =
                spec.bias() instanceof ScoreBias.None
                        ? null
                        : child(
                                "bias",
                                Streams.map(
                                        read, spec.heads(), new InitSpec.LecunNormal().toInit()));
        gate = spec.gated() ? child("gate", Streams.gate(rows, joined())) : null;
        Shape heads = Streams.shape(-1, rows.get(1), rows.get(2), joined());
        output = child("output", Streams.output(heads, channels));
    }

    private Shape biasInput(Shape rows) {
        if (spec.bias() instanceof ScoreBias.Pair pair) {
            return Streams.shape(-1, rows.get(2), rows.get(2), pair.width());
        }
        if (spec.bias() instanceof ScoreBias.Input) {
            Streams.requirePairs("axial attention with a bias of its input", rows);
        }
        return rows;
    }

    private long joined() {
        return Shapes.product(spec.heads(), width);
    }

    /** {@return the stream with the attended axis second to last} */
    private Shape rows(Shape in) {
        return spec.axis() == Axis.ROW
                ? in
                : Streams.shape(in.get(0), in.get(2), in.get(1), in.get(3));
    }

    @Override
    public int heads() {
        return spec.heads();
    }

    @Override
    public int kvHeads() {
        return spec.heads();
    }

    @Override
    public int headWidth() {
        return width;
    }

    /** {@code output(sigmoid(gate(x)) softmax(q k' / sqrt(width) + bias) v)}. */
    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray rows = turned(x);
        Shape shape = rows.getShape();
        NDArray queries = pass.ops().mul(split(pass, q, rows), 1 / Math.sqrt(width));
        NDArray scores = pass.ops().batchedProductTransposed(queries, split(pass, k, rows));
        NDArray weights = masked(pass, biased(pass, scores, rows), x).softmax(2);
        NDArray read = pass.ops().batchedProduct(weights, split(pass, v, rows));
        NDArray heads =
                read.reshape(-1, spec.heads(), shape.get(2), width)
                        .transpose(0, 2, 1, 3)
                        .reshape(-1, shape.get(1), shape.get(2), joined());
        NDArray gated = gate == null ? heads : Streams.gated(pass, gate, rows, heads);
        return turned(output.forward(pass, gated));
    }

    private NDArray turned(NDArray x) {
        return spec.axis() == Axis.ROW ? x : x.transpose(0, 2, 1, 3);
    }

    /** Maps rows and splits them into heads, {@code (N R H, T, width)}. */
    private NDArray split(ForwardPass pass, Layer map, NDArray rows) {
        NDArray mapped = map.forward(pass, rows);
        NDArray folded = mapped.reshape(-1, rows.getShape().get(2), joined());
        return pass.ops().splitHeads(folded, width, spec.heads(), spec.heads()).head();
    }

    /** Adds to the scores {@code (N R H, T, T)} a bias that all rows share. */
    private NDArray biased(ForwardPass pass, NDArray scores, NDArray rows) {
        if (bias == null) {
            return scores;
        }
        NDArray read = spec.bias() instanceof ScoreBias.Pair pair ? pairs(pass, rows, pair) : rows;
        long t = rows.getShape().get(2);
        long scoresOfRow = Shapes.product(spec.heads(), t, t);
        NDArray shared =
                bias.forward(pass, biasNorm.forward(pass, read))
                        .transpose(0, 3, 1, 2)
                        .reshape(-1, 1, scoresOfRow);
        return pass.ops()
                .add(scores.reshape(-1, rows.getShape().get(1), scoresOfRow), shared)
                .reshape(-1, t, t);
    }

    /** Lowers the scores of hidden keys, in all heads and queries of a row. */
    private NDArray masked(ForwardPass pass, NDArray scores, NDArray x) {
        if (!spec.masked()) {
            return scores;
        }
        NDArray mask = Streams.mask(pass, x);
        NDArray rows = spec.axis() == Axis.ROW ? mask : mask.transpose(0, 2, 1);
        long t = rows.getShape().get(2);
        NDArray lowered = pass.ops().mul(pass.ops().sub(rows, 1), HIDDEN);
        return pass.ops()
                .add(scores.reshape(-1, spec.heads() * t, t), lowered.reshape(-1, 1, t))
                .reshape(-1, t, t);
    }

    private static NDArray pairs(ForwardPass pass, NDArray rows, ScoreBias.Pair pair) {
        long t = rows.getShape().get(2);
        NDArray pairs = pass.sideInput(AxialAttention.PAIR);
        Shape expected = new Shape(t, t, pair.width());
        if (pairs == null || !pairs.getShape().slice(1).equals(expected)) {
            throw new IllegalArgumentException(
                    "axial attention needs a side input named \"%s\" of shape (N, %d, %d, %d), found %s: name the value in \"with\""
                            .formatted(
                                    AxialAttention.PAIR,
                                    t,
                                    t,
                                    pair.width(),
                                    pairs == null ? "none" : pairs.getShape()));
        }
        return pairs;
    }

    @Override
    public SideInputs sideInputs() {
        SideInputs masks = Streams.sideInputs(spec.masked());
        return spec.bias() instanceof ScoreBias.Pair
                ? masks.and(SideInput.numbers(AxialAttention.PAIR).asRequired())
                : masks;
    }

    /** Counts the two products. */
    @Override
    public long macs(Shape in) {
        Shape rows = rows(in);
        long t = rows.get(2);
        return Shapes.product(Shapes.batch(in), 2, rows.get(1), t, t, joined());
    }

    /** Counts heads, scores, weights and gated heads. */
    @Override
    public long activations(Shape in) {
        Shape rows = rows(in);
        long positions = Shapes.product(Shapes.batch(in), rows.get(1), rows.get(2));
        long arrays = 2 + (bias == null ? 0 : 1) + (spec.masked() ? 1 : 0);
        long scores = Shapes.product(arrays, positions, spec.heads(), rows.get(2));
        return Math.addExact(scores, Shapes.product(gate == null ? 4 : 6, positions, joined()));
    }

    @Override
    public String lastMap() {
        return "output";
    }

    @Override
    public String describe() {
        String axis = spec.axis().name().toLowerCase(Locale.ROOT);
        String text = "AxialAttention(" + axis + ", " + spec.heads() + " heads of " + width;
        if (spec.bias() instanceof ScoreBias.Pair pair) {
            text += ", bias of pairs " + pair.width();
        } else if (spec.bias() instanceof ScoreBias.Input) {
            text += ", bias of the input";
        }
        return text + (spec.masked() ? ", masked)" : ")");
    }
}
