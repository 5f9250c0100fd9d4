package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Cache;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Inits;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.RotaryHeads;
import io.residuum.nn.Shapes;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention, {@code (N, T, C) -> (N, T, C)}, or {@code (N, queries, C)}.
 *
 * <p>The query heads that share a key and value head lie on top of each other as rows of one
 * product, {@code (N G, H / G T, D)} with {@code (N G, T, D)}: grouped heads cost no copies of keys
 * and values, and both engines multiply three-dimensional arrays, which MXNet does three times
 * faster than four-dimensional ones.
 */
public final class AttentionBlock extends Layer implements RotaryHeads {
    private static final String FIRST = ":, 0:{}";

    private final Attention spec;
    private final int heads;
    private final int groups;
    private final int width;
    private final double scale;
    private final @Nullable Layer fused;
    private final Layer[] parts;
    private final Layer queryNorm;
    private final Layer keyNorm;
    private final Layer talkScores;
    private final Layer talkWeights;
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
        if (spec.queries() > input.get(1)) {
            throw new IllegalArgumentException(
                    String.format(
                            "queries must be at most the input's %d positions, got %d",
                            input.get(1), spec.queries()));
        }
        scale = spec.scale() == 0 ? 1 / Math.sqrt(width) : spec.scale();
        Attention.Projection maps = spec.projection();
        Init init = maps.init().toInit();
        Init valueInit = ScaledInits.times(init, maps.valueGain());
        long[] rows = {(long) heads * width, (long) groups * width, (long) groups * width};
        boolean crosses = spec.memory() > 0;
        if (maps.fused() && !crosses && spec.queries() == 0) {
            Init stacked = ScaledInits.stacked(new Init[] {init, init, valueInit}, rows);
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
        long queries = heads / groups * asked(length);
        queryNorm = optional("queryNorm", spec.queryKeyNorm().newBlock(stack(queries, width)));
        keyNorm = optional("keyNorm", spec.queryKeyNorm().newBlock(stack(length, width)));
        talkScores = talking("talkScores", stack(queries, length), init);
        talkWeights = talking("talkWeights", stack(queries, length), init);
        weightDropout = dropout("weightDropout", stack(queries, length), spec.weightDropout());
        Shape joined = Shapes.withChannels(outputShape(), rows[0]);
        Init outputInit = ScaledInits.times(init, maps.outputGain());
        output = child("output", linear(joined, channels, maps.outputBias(), outputInit));
        dropout = dropout("dropout", outputShape(), spec.dropout());
    }

    /** How many of the positions ask. */
    private long asked(long length) {
        return spec.queries() == 0 ? length : spec.queries();
    }

    private Layer talking(String name, Shape input, Init init) {
        return spec.talkingHeads()
                ? child(name, new TalkingHeadsBlock(input, heads, groups, init))
                : new IdentityBlock(input);
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

    /**
     * What queries read.
     *
     * @param keys {@code (N G, K, D)}
     * @param values {@code (N G, K, D)}
     * @param places which positions they are of
     * @param kept whether a later pass reads them as well
     */
    private record Read(NDArray keys, NDArray values, KeyPositions places, boolean kept) {}

    @Override
    public int rotaryWidth() {
        return spec.position() instanceof PositionSpec.Rotary ? width : 0;
    }

    @Override
    public boolean interleaved() {
        return spec.position() instanceof PositionSpec.Rotary rotary && rotary.interleaved();
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray asking = spec.queries() == 0 ? x : x.get(FIRST, spec.queries());
        int queries = Math.toIntExact(asking.getShape().get(1));
        NDArray asked;
        Read read;
        if (spec.memory() > 0) {
            asked = folded(pass, parts[0], asking, heads);
            read = memory(pass);
        } else {
            NDList qkv = project(pass, asking, x);
            asked = qkv.get(0);
            read = sequence(pass, qkv.get(1), qkv.get(2));
        }
        pass.release(asking, x);
        NDArray q = turned(pass, normed(pass, queryNorm, asked), queries);
        NDArray seen = attend(pass, q, read, visibility(pass, x, queries, read));
        NDArray joined = unfold(pass, seen, queries);
        NDArray mapped = output.forward(pass, joined);
        pass.release(joined);
        NDArray y = dropout.forward(pass, mapped);
        pass.release(mapped, y);
        return y;
    }

    /** Keys and values of the sequence itself, those of its past first. */
    private Read sequence(ForwardPass pass, NDArray keys, NDArray v) {
        int length = Math.toIntExact(keys.getShape().get(1));
        NDArray k = turned(pass, normed(pass, keyNorm, keys), length);
        Cache past = pass.past();
        if (past == null) {
            return new Read(k, v, KeyPositions.all(length), false);
        }
        if (!spec.causal()) {
            throw new IllegalArgumentException(
                    "a sequence is computed bit by bit only where attention is causal, but "
                            + describe()
                            + " reads what comes later");
        }
        Cache.Rows rows = past.append(pass, this, new NDList(k, v));
        pass.release(k);
        pass.release(v);
        NDArray all = rows.arrays().get(0);
        int room = Math.toIntExact(all.getShape().get(1));
        KeyPositions places = new KeyPositions(past.length(), rows.fresh(), length, room);
        return new Read(all, rows.arrays().get(1), places, true);
    }

    /** Keys and values of the memory, which stays the same over all passes. */
    private Read memory(ForwardPass pass) {
        Cache past = pass.past();
        NDList kv =
                past == null
                        ? memoryKeysAndValues(pass)
                        : past.once(pass, this, () -> memoryKeysAndValues(pass));
        int length = Math.toIntExact(kv.get(0).getShape().get(1));
        return new Read(kv.get(0), kv.get(1), KeyPositions.all(length), past != null);
    }

    private NDList memoryKeysAndValues(ForwardPass pass) {
        NDArray memory = memoryRider(pass);
        return new NDList(
                normed(pass, keyNorm, folded(pass, parts[1], memory, groups)),
                folded(pass, parts[2], memory, groups));
    }

    private NDArray memoryRider(ForwardPass pass) {
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

    private AttentionBias.Recipe visibility(ForwardPass pass, NDArray x, int queries, Read read) {
        boolean crosses = spec.memory() > 0;
        return new AttentionBias.Recipe(
                spec.causal(),
                spec.window(),
                spec.position() instanceof PositionSpec.Alibi,
                heads,
                groups,
                Math.toIntExact(x.getShape().get(0)),
                crosses ? 0 : pass.firstPosition(),
                queries,
                read.places(),
                crosses ? Attention.MEMORY_MASK : Attention.MASK,
                x.getDataType());
    }

    /** Queries {@code (N G, H / G T, D)}, keys and values {@code (N G, T, D)}. */
    private NDList project(ForwardPass pass, NDArray asking, NDArray x) {
        if (fused == null) {
            return new NDList(
                    folded(pass, parts[0], asking, heads),
                    folded(pass, parts[1], x, groups),
                    folded(pass, parts[2], x, groups));
        }
        NDArray all = fused.forward(pass, x);
        NDList qkv = pass.ops().splitHeads(all, width, groups, heads, groups, groups);
        pass.release(all);
        return qkv;
    }

    /** {@code (N, T, C) -> (N G, h / G T, D)}, by one of the separate maps. */
    private NDArray folded(ForwardPass pass, Layer map, NDArray x, int h) {
        NDArray mapped = map.forward(pass, x);
        NDArray folded = pass.ops().splitHeads(mapped, width, groups, h).head();
        pass.release(mapped);
        return folded;
    }

    /** {@code (N G, H / G T, D) -> (N, T, H D)}. */
    private NDArray unfold(ForwardPass pass, NDArray x, long length) {
        NDArray split = x.reshape(-1, heads, length, width);
        NDArray headsLast = split.transpose(0, 2, 1, 3);
        NDArray joined = headsLast.reshape(-1, length, (long) heads * width);
        pass.release(headsLast);
        pass.release(split);
        pass.release(x);
        return joined;
    }

    private static NDArray normed(ForwardPass pass, Layer norm, NDArray x) {
        NDArray y = norm.forward(pass, x);
        pass.release(x, y);
        return y;
    }

    private NDArray turned(ForwardPass pass, NDArray x, int length) {
        if (!(spec.position() instanceof PositionSpec.Rotary rotary)) {
            return x;
        }
        int times = Math.toIntExact(x.getShape().get(1)) / length;
        RotaryTable turn =
                pass.shared(
                        new RotaryTable.Recipe(
                                rotary,
                                width,
                                pass.firstPosition(),
                                length,
                                times,
                                x.getDataType()));
        return turn.apply(pass, x, rotary.interleaved());
    }

    /** softmax(scale q k' + bias) v. */
    private NDArray attend(ForwardPass pass, NDArray q, Read read, AttentionBias.Recipe settings) {
        AttentionBias visibility = pass.shared(settings);
        // Before the product, where there is less to multiply.
        NDArray scaled = pass.ops().mul(q, scale);
        NDArray scores = pass.ops().batchedProductTransposed(scaled, read.keys());
        pass.release(scaled);
        pass.release(q);
        if (!read.kept()) {
            pass.release(read.keys());
        }
        if (spec.softCap() > 0) {
            NDArray capped = pass.ops().div(scores, spec.softCap()).tanh();
            scores = replaced(pass, scores, pass.ops().mul(capped, spec.softCap()));
        }
        scores = replaced(pass, scores, talkScores.forward(pass, scores));
        if (visibility.bias() != null) {
            scores = replaced(pass, scores, pass.ops().add(scores, visibility.bias()));
        }
        NDArray weights = replaced(pass, scores, scores.softmax(2));
        if (spec.talkingHeads()) {
            weights = talked(pass, weights, settings);
        }
        weights = replaced(pass, weights, weightDropout.forward(pass, weights));
        NDArray seen = pass.ops().batchedProduct(weights, read.values());
        pass.release(weights);
        if (!read.kept()) {
            pass.release(read.values());
        }
        return visibility.open() == null ? seen : replaced(pass, seen, seen.mul(visibility.open()));
    }

    /** Mixed weights, of which those of hidden keys stay 0 in spite of the bias. */
    private NDArray talked(ForwardPass pass, NDArray weights, AttentionBias.Recipe settings) {
        NDArray mixed = replaced(pass, weights, talkWeights.forward(pass, weights));
        Optional<NDArray> seen = pass.shared(new AttentionBias.Seen(settings));
        return seen.isEmpty() ? mixed : replaced(pass, mixed, mixed.mul(seen.get()));
    }

    private static NDArray replaced(ForwardPass pass, NDArray old, NDArray next) {
        pass.release(old, next);
        return next;
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), asked(in.get(1)), in.get(2));
    }

    /** The two products; a memory counts as long as the input. */
    @Override
    public long macs(Shape in) {
        long length = in.get(1);
        return Shapes.batch(in) * 2 * heads * asked(length) * length * width;
    }

    /** Queries, keys, values and heads put in order; scores and weights. */
    @Override
    public long activations(Shape in) {
        long length = in.get(1);
        long asked = asked(length);
        long folded = 2 * (heads * asked + groups * length) * width;
        long masked = visibleToAll() ? 0 : 1;
        return Shapes.batch(in) * (folded + (2 + masked) * heads * asked * length + unseen());
    }

    /** What norms and dropout within heads bring for all groups but the one they know of. */
    private long unseen() {
        return (groups - 1)
                * Stream.of(queryNorm, keyNorm, weightDropout)
                        .filter(layer -> !(layer instanceof IdentityBlock))
                        .mapToLong(layer -> layer.activations(layer.inputShape()))
                        .sum();
    }

    /**
     * Whether a position reads later ones of its own sequence.
     *
     * @return false if it is causal, or reads a memory instead
     */
    public boolean readsAhead() {
        return !spec.causal() && spec.memory() == 0;
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
        if (spec.queries() > 0) {
            out.append(", of the first ").append(spec.queries());
        }
        if (spec.talkingHeads()) {
            out.append(", talking");
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
