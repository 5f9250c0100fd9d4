package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Inits;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Pass;
import io.residuum.nn.RotaryHeads;
import io.residuum.nn.Shapes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention, {@code (N, T, C) -> (N, T, C)}.
 *
 * <p>The query heads that share a key and value head lie on top of each other as rows of one
 * product, {@code (N G, H / G T, D)} with {@code (N G, T, D)}: grouped heads cost no copies of keys
 * and values, and both engines multiply three-dimensional arrays, which MXNet does three times
 * faster than four-dimensional ones.
 */
public final class AttentionBlock extends Layer implements RotaryHeads {
    private static final String PART = ":, :, {}:{}";

    private final Attention spec;
    private final int heads;
    private final int groups;
    private final int width;
    private final double scale;
    private final @Nullable Layer fused;
    private final Layer[] parts;
    private final Layer queryNorm;
    private final Layer keyNorm;
    private final Layer weightDropout;
    private final Layer output;
    private final Layer dropout;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}
     * @param spec its settings
     */
    AttentionBlock(Shape input, Attention spec) {
        super(input);
        requireRank("attention", input, 3);
        this.spec = spec;
        int channels = Math.toIntExact(input.get(2));
        heads = spec.heads();
        groups = spec.kvHeads() == 0 ? heads : spec.kvHeads();
        width = spec.headWidth() == 0 ? channels / heads : spec.headWidth();
        if (spec.headWidth() == 0 && channels % heads != 0) {
            throw new IllegalArgumentException(
                    String.format(
                            "heads must divide the input's width, got %d heads of %d: or give"
                                    + " headWidth",
                            heads, channels));
        }
        if (spec.position() instanceof PositionSpec.Rotary && width % 2 != 0) {
            throw new IllegalArgumentException(
                    "rotary positions need heads of an even width, got " + width);
        }
        scale = spec.scale() == 0 ? 1 / Math.sqrt(width) : spec.scale();
        Attention.Projection maps = spec.projection();
        Init init = maps.init().toInit();
        Init valueInit = Gains.times(init, maps.valueGain());
        long[] rows = {(long) heads * width, (long) groups * width, (long) groups * width};
        boolean crosses = spec.memory() > 0;
        if (maps.fused() && !crosses) {
            Init stacked = Gains.stacked(new Init[] {init, init, valueInit}, rows);
            fused = child("qkv", linear(input, Arrays.stream(rows).sum(), maps.bias(), stacked));
            parts = new Layer[0];
        } else {
            Shape other = crosses ? new Shape(-1, input.get(1), spec.memory()) : input;
            fused = null;
            parts =
                    new Layer[] {
                        child("q", linear(input, rows[0], maps.bias(), init)),
                        child("k", linear(other, rows[1], maps.bias(), init)),
                        child("v", linear(other, rows[2], maps.bias(), valueInit))
                    };
        }
        long length = input.get(1);
        long queries = heads / groups * length;
        queryNorm = optional("queryNorm", spec.queryKeyNorm().newBlock(stack(queries, width)));
        keyNorm = optional("keyNorm", spec.queryKeyNorm().newBlock(stack(length, width)));
        weightDropout = dropout("weightDropout", stack(queries, length), spec.weightDropout());
        Shape joined = Shapes.withChannels(input, rows[0]);
        Init outputInit = Gains.times(init, maps.outputGain());
        output = child("output", linear(joined, channels, maps.outputBias(), outputInit));
        dropout = dropout("dropout", input, spec.dropout());
    }

    private static LinearBlock linear(Shape input, long units, boolean bias, Init init) {
        return new LinearBlock(input, Math.toIntExact(units), bias, init, Inits.ZEROS);
    }

    private static Shape stack(long rows, long columns) {
        return new Shape(-1, rows, columns);
    }

    private Layer dropout(String name, Shape input, double rate) {
        return optional(name, rate == 0 ? new IdentityBlock(input) : new DropoutBlock(input, rate));
    }

    private Layer optional(String name, Layer layer) {
        return layer instanceof IdentityBlock ? layer : child(name, layer);
    }

    @Override
    public int rotaryWidth() {
        return spec.position() instanceof PositionSpec.Rotary ? width : 0;
    }

    @Override
    public boolean interleaved() {
        return spec.position() instanceof PositionSpec.Rotary rotary && rotary.interleaved();
    }

    @Override
    protected NDArray compute(Pass pass, NDArray x) {
        NDArray memory = spec.memory() == 0 ? x : memory(pass);
        NDArray[] qkv = project(pass, x, memory);
        int queries = Math.toIntExact(x.getShape().get(1));
        int keys = Math.toIntExact(memory.getShape().get(1));
        NDArray q = turned(pass, normed(pass, queryNorm, fold(pass, qkv[0], heads)), queries);
        NDArray k = turned(pass, normed(pass, keyNorm, fold(pass, qkv[1], groups)), keys);
        NDArray v = fold(pass, qkv[2], groups);
        NDArray seen = attend(pass, q, k, v, visibility(pass, x, queries, keys));
        NDArray joined = unfold(pass, seen, queries);
        NDArray mapped = output.forward(pass, joined);
        pass.release(joined);
        NDArray y = dropout.forward(pass, mapped);
        pass.release(mapped, y);
        return y;
    }

    private NDArray memory(Pass pass) {
        NDArray memory = pass.rider(Attention.MEMORY);
        if (memory == null || memory.getShape().get(2) != spec.memory()) {
            throw new IllegalArgumentException(
                    String.format(
                            "attention over a memory needs a rider named \"%s\" of width %d, got"
                                    + " %s",
                            Attention.MEMORY,
                            spec.memory(),
                            memory == null ? "none" : memory.getShape()));
        }
        return memory;
    }

    private Visibility visibility(Pass pass, NDArray x, int queries, int keys) {
        return pass.shared(
                new Visibility.Recipe(
                        spec.causal(),
                        spec.window(),
                        spec.position() instanceof PositionSpec.Alibi,
                        heads,
                        groups,
                        Math.toIntExact(x.getShape().get(0)),
                        queries,
                        keys,
                        spec.memory() == 0 ? Attention.MASK : Attention.MEMORY_MASK,
                        x.getDataType()));
    }

    /** Queries, keys and values, {@code (N, T, heads D)} each. */
    private NDArray[] project(Pass pass, NDArray x, NDArray memory) {
        if (fused == null) {
            return new NDArray[] {
                parts[0].forward(pass, x),
                parts[1].forward(pass, memory),
                parts[2].forward(pass, memory)
            };
        }
        NDArray all = fused.forward(pass, x);
        long q = (long) heads * width;
        long k = q + (long) groups * width;
        // Slices: MXNet takes several times as long to split.
        NDArray[] qkv = {all.get(PART, 0, q), all.get(PART, q, k), all.get(PART, k, k + (k - q))};
        pass.release(all);
        return qkv;
    }

    /** {@code (N, T, h D) -> (N G, h / G T, D)}. */
    private NDArray fold(Pass pass, NDArray x, int h) {
        long length = x.getShape().get(1);
        NDArray split = x.reshape(-1, length, h, width);
        NDArray headsFirst = split.transpose(0, 2, 1, 3);
        NDArray folded = headsFirst.reshape(-1, h / groups * length, width);
        pass.release(headsFirst);
        pass.release(split);
        pass.release(x);
        return folded;
    }

    /** {@code (N G, H / G T, D) -> (N, T, H D)}. */
    private NDArray unfold(Pass pass, NDArray x, long length) {
        NDArray split = x.reshape(-1, heads, length, width);
        NDArray headsLast = split.transpose(0, 2, 1, 3);
        NDArray joined = headsLast.reshape(-1, length, (long) heads * width);
        pass.release(headsLast);
        pass.release(split);
        pass.release(x);
        return joined;
    }

    private static NDArray normed(Pass pass, Layer norm, NDArray x) {
        NDArray y = norm.forward(pass, x);
        pass.release(x, y);
        return y;
    }

    private NDArray turned(Pass pass, NDArray x, int length) {
        if (!(spec.position() instanceof PositionSpec.Rotary rotary)) {
            return x;
        }
        int times = Math.toIntExact(x.getShape().get(1)) / length;
        Turn turn = pass.shared(new Turn.Recipe(rotary, width, 0, length, times, x.getDataType()));
        return turn.apply(pass, x, rotary.interleaved());
    }

    /** softmax(scale q k' + bias) v. */
    private NDArray attend(Pass pass, NDArray q, NDArray k, NDArray v, Visibility visibility) {
        // Before the product, where there is less to multiply.
        NDArray scaled = q.mul(scale);
        NDArray scores = pass.ops().batchedProductTransposed(scaled, k);
        pass.release(scaled);
        pass.release(q);
        pass.release(k);
        if (spec.softCap() > 0) {
            scores = replaced(pass, scores, scores.div(spec.softCap()).tanh().mul(spec.softCap()));
        }
        if (visibility.bias() != null) {
            scores = replaced(pass, scores, scores.add(visibility.bias()));
        }
        NDArray weights = replaced(pass, scores, scores.softmax(2));
        weights = replaced(pass, weights, weightDropout.forward(pass, weights));
        NDArray seen = pass.ops().batchedProduct(weights, v);
        pass.release(weights);
        pass.release(v);
        return visibility.open() == null ? seen : replaced(pass, seen, seen.mul(visibility.open()));
    }

    private static NDArray replaced(Pass pass, NDArray old, NDArray next) {
        pass.release(old, next);
        return next;
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    /** The two products; a memory counts as long as the input. */
    @Override
    public long macs(Shape in) {
        long length = in.get(1);
        return Shapes.batch(in) * 2 * heads * length * length * width;
    }

    /** Queries, keys, values and heads put in order; scores and weights. */
    @Override
    public long activations(Shape in) {
        long length = in.get(1);
        long folded = 2L * (heads + groups) * length * width;
        long masked = visibleToAll() ? 0 : 1;
        return Shapes.batch(in) * (folded + (2 + masked) * heads * length * length);
    }

    private boolean visibleToAll() {
        return !spec.causal()
                && spec.window() == 0
                && !(spec.position() instanceof PositionSpec.Alibi);
    }

    @Override
    public String describe() {
        StringBuilder out = new StringBuilder("Attention(" + heads + " heads of " + width);
        if (groups != heads) {
            out.append(", ").append(groups).append(" key-value heads");
        }
        if (spec.memory() > 0) {
            out.append(", memory ").append(spec.memory());
        }
        if (spec.causal()) {
            out.append(", causal");
        }
        if (spec.window() > 0) {
            out.append(", window ").append(spec.window());
        }
        if (!(spec.position() instanceof PositionSpec.None)) {
            out.append(spec.position() instanceof PositionSpec.Alibi ? ", ALiBi" : ", rotary");
        }
        return out.append(')').toString();
    }
}
