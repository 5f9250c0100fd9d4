package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Cache;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinksWeights;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.norm.L2NormalizeBlock;
import io.residuum.nn.trait.AttentionHeads;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.EndsInMap;
import io.residuum.nn.trait.HasConstants;
import io.residuum.nn.trait.RotaryHeads;
import io.residuum.spec.Build;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Multi-head attention, {@code (N, T, C) -> (N, T, C)}, or {@code (N, queries, C)}.
 *
 * <p>Query heads that share a key and value head are stacked as rows of one product, {@code (N G, H
 * / G T, D)} with {@code (N G, T, D)}. So grouped heads need no copies of keys and values. All
 * arrays have three dimensions, which MXNet multiplies three times faster than four.
 */
public final class AttentionBlock extends Layer
        implements AttentionHeads, CountsMacs, HasConstants, RotaryHeads, EndsInMap, LinksWeights {
    private static final String FIRST = ":, 0:{}";

    private final Attention spec;
    private final Heads heads;
    private final HeadProjections projections;
    private final Layer queryNorm;
    private final Layer keyNorm;
    private final Layer values;
    private final Layer learnedRotary;
    private final ScaledDotProduct product;
    private final Layer innerNorm;
    private final Layer output;
    private final Layer dropout;

    /** Creates the block for an input {@code (-1, T, C)}. */
    AttentionBlock(Shape input, Attention spec) {
        super(input);
        requireRank("attention", input, 3);
        this.spec = spec;
        heads = Heads.of(spec, input);
        long length = input.get(1);
        if (spec.queries() > length) {
            throw new IllegalArgumentException(
                    String.format(
                            "queries must be at most the input's %d positions, got %d",
                            length, spec.queries()));
        }
        projections = new HeadProjections(input, spec, heads);
        projections.layers().forEach(this::child);
        long queries = heads.perGroup() * queryCount(length);
        Shape stackedQueries = new Shape(-1, queries, heads.width());
        queryNorm =
                optionalChild(
                        "queryNorm",
                        spec.cosine()
                                ? new CosineQueriesBlock(stackedQueries, heads.queries())
                                : spec.queryKeyNorm().newBlock(stackedQueries));
        Shape keys = new Shape(-1, length, heads.width());
        keyNorm =
                optionalChild(
                        "keyNorm",
                        spec.cosine()
                                ? new L2NormalizeBlock(keys, CosineQueriesBlock.EPS)
                                : spec.queryKeyNorm().newBlock(keys));
        values = optionalChild("values", values(keys));
        learnedRotary =
                optionalChild(
                        "positions",
                        spec.position() instanceof RotaryGrid grid && grid.learned()
                                ? new LearnedRotaryBlock(keys, grid, heads.queries())
                                : new IdentityBlock(keys));
        DisentangledBias disentangled = DisentangledBias.of(input, spec, heads, projections);
        Shape scores = new Shape(-1, queries, length);
        product = new ScaledDotProduct(scores, spec, heads, disentangled);
        if (disentangled != null) {
            disentangled.layers().forEach(this::child);
        }
        optionalChild("talkScores", product.talkScores);
        if (product.relative != null && product.relative.table() != null) {
            child(product.relative.name(), product.relative.table());
        }
        optionalChild("sinks", product.sinks);
        optionalChild("talkWeights", product.talkWeights);
        optionalChild("weightDropout", product.weightDropout);
        Attention.Projection maps = spec.projection();
        Init init = ScaledInits.times(maps.init().toInit(), maps.outputGain());
        Shape joined = Shapes.withChannels(outputShape(), heads.joinedWidth());
        innerNorm = optionalChild("innerNorm", spec.innerNorm().newBlock(joined));
        output =
                child(
                        "output",
                        HeadProjections.linear(joined, input.get(2), maps.outputBias(), init));
        dropout = optionalChild("dropout", DropoutBlock.of(outputShape(), spec.dropout()));
    }

    /** {@return the bias that keys lack beside others, and the table of rotary positions} */
    @Override
    public Map<String, Constant> constants() {
        Map<String, Constant> all = new TreeMap<>();
        if (spec.projection().bias() && !spec.projection().keyBias()) {
            all.put("keyBias", Constant.zeros((long) heads.groups() * heads.width()));
        }
        if (spec.position() instanceof PositionSpec.Rotary rotary) {
            int length = Math.toIntExact(inputShape().get(1));
            all.put("rotations", RotaryTable.stored(rotary, length, heads.width()));
        }
        return all;
    }

    private Layer values(Shape shape) {
        if (!spec.changesValues()) {
            return new IdentityBlock(shape);
        }
        Layer layer = Build.child("values", spec.values(), shape);
        if (!layer.outputShape().equals(shape)) {
            throw new IllegalArgumentException(
                    "values must keep the shape %s, got %s: use save or average"
                            .formatted(shape, layer.outputShape()));
        }
        return layer;
    }

    /** {@return the number of positions with a query} */
    private long queryCount(long length) {
        return spec.queries() == 0 ? length : spec.queries();
    }

    @Override
    public void link(String path, Layer network) {
        if (product.relative != null) {
            product.relative.link(path, network);
        }
        if (product.disentangled != null) {
            product.disentangled.link(path, network);
        }
    }

    @Override
    public int heads() {
        return heads.queries();
    }

    @Override
    public int kvHeads() {
        return heads.groups();
    }

    @Override
    public int headWidth() {
        return heads.width();
    }

    @Override
    public int rotaryWidth() {
        return spec.position() instanceof Rotation rotation ? rotation.rotated(heads.width()) : 0;
    }

    @Override
    public boolean interleaved() {
        return spec.position() instanceof Rotation rotation && rotation.interleaved();
    }

    @Override
    public boolean sameOrder() {
        return spec.position() instanceof PositionSpec.Rotary rotary && rotary.sameOrder();
    }

    /** {@code output(softmax(scale q k' + bias) v)}. */
    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray querying = spec.queries() == 0 ? x : x.get(FIRST, spec.queries());
        int length = Math.toIntExact(querying.getShape().get(1));
        NDArray q;
        KeysAndValues kv;
        if (spec.memory() > 0) {
            q = projections.queries(pass, querying);
            kv = memory(pass);
        } else {
            NDList qkv = projections.selfAttention(pass, querying, x);
            q = qkv.get(0);
            kv = sequence(pass, qkv.get(1), qkv.get(2));
        }
        NDArray rotated = placed(pass, queryNorm, q, length);
        AttentionBias.Settings bias = bias(pass, x, length, kv.positions());
        NDArray read = product.forward(pass, this, rotated, kv, bias);
        if (spec.sharedValues() && spec.position() instanceof Rotation rotation) {
            read = RotaryTable.rotateBack(pass, rotation, read, length);
        }
        NDArray joined = innerNorm.forward(pass, projections.join(read, length));
        return dropout.forward(pass, output.forward(pass, joined));
    }

    /** {@return keys and values of the sequence itself, cached ones first} */
    private KeysAndValues sequence(ForwardPass pass, NDArray keys, NDArray projected) {
        int length = Math.toIntExact(keys.getShape().get(1));
        NDArray k = placed(pass, keyNorm, keys, length);
        NDArray v = spec.sharedValues() ? k : values.forward(pass, projected);
        Cache cache = pass.cache();
        if (cache == null) {
            return KeysAndValues.of(k, v);
        }
        if (!spec.causal()) {
            throw new IllegalArgumentException(
                    "attention must be causal to compute a sequence with a cache, but "
                            + describe()
                            + " reads later positions; compute complete sequences");
        }
        return KeysAndValues.append(cache, pass, this, k, v);
    }

    /** {@return keys and values of the memory; a cache computes them in the first pass only} */
    private KeysAndValues memory(ForwardPass pass) {
        Cache cache = pass.cache();
        NDList kv =
                cache == null
                        ? memoryKeysAndValues(pass)
                        : cache.once(pass, this, () -> memoryKeysAndValues(pass));
        return KeysAndValues.of(kv.get(0), kv.get(1));
    }

    private NDList memoryKeysAndValues(ForwardPass pass) {
        NDArray memory = pass.sideInput(Attention.MEMORY);
        if (memory == null || memory.getShape().get(2) != spec.memory()) {
            throw new IllegalArgumentException(
                    String.format(
                            "attention over a memory needs a side input named \"%s\" of width %d,"
                                    + " got %s",
                            Attention.MEMORY,
                            spec.memory(),
                            memory == null ? "none" : memory.getShape()));
        }
        return new NDList(
                keyNorm.forward(pass, projections.keys(pass, memory)),
                projections.values(pass, memory));
    }

    /** {@return normalized queries or keys, rotated by their positions} */
    private NDArray placed(ForwardPass pass, Layer norm, NDArray x, int length) {
        return spec.rotaryFirst()
                ? norm.forward(pass, rotate(pass, x, length))
                : rotate(pass, norm.forward(pass, x), length);
    }

    private NDArray rotate(ForwardPass pass, NDArray x, int length) {
        if (learnedRotary instanceof LearnedRotaryBlock) {
            return learnedRotary.forward(pass, x);
        }
        return spec.position() instanceof Rotation rotation
                ? RotaryTable.rotate(pass, rotation, x, length)
                : x;
    }

    private AttentionBias.Settings bias(
            ForwardPass pass, NDArray x, int queries, KeyPositions positions) {
        boolean cross = spec.memory() > 0;
        return new AttentionBias.Settings(
                spec.causal(),
                spec.window(),
                spec.position() instanceof PositionSpec.Alibi slopes ? slopes.scale() : 0,
                heads.queries(),
                heads.groups(),
                Math.toIntExact(x.getShape().get(0)),
                cross ? 0 : pass.firstPosition(),
                queries,
                positions,
                cross ? Attention.MEMORY_MASK : Attention.MASK,
                x.getDataType());
    }

    @Override
    public SideInputs sideInputs() {
        return spec.memory() == 0
                ? SideInputs.NONE.and(SideInput.mask(Attention.MASK, "attention_mask"))
                : SideInputs.NONE.and(
                        SideInput.numbers(Attention.MEMORY).asRequired(),
                        SideInput.mask(Attention.MEMORY_MASK, "encoder_attention_mask"));
    }

    @Override
    public Shape outputShape(Shape in) {
        return new Shape(in.get(0), queryCount(in.get(1)), in.get(2));
    }

    /** Counts the two products. A memory counts as long as the input. */
    @Override
    public long macs(Shape in) {
        long length = in.get(1);
        // Products with vectors of distances have twice as many columns.
        long products = 2 + 2L * (spec.position().terms() - 1);
        return Shapes.product(
                Shapes.batch(in), products, heads.joinedWidth(), queryCount(length), length);
    }

    /** Counts queries, keys, values and joined heads, then scores and weights. */
    @Override
    public long activations(Shape in) {
        long length = in.get(1);
        long queryCount = queryCount(length);
        long queries = Shapes.product(2, heads.joinedWidth(), queryCount);
        long keysAndValues = Shapes.product(2, heads.groups(), length, heads.width());
        long perScore = seesAllKeys() ? 2 : 3;
        long scores = Shapes.product(perScore, heads.queries(), queryCount, length);
        long sum =
                LongStream.of(queries, keysAndValues, scores, otherGroups())
                        .reduce(0, Math::addExact);
        return Shapes.product(Shapes.batch(in), sum);
    }

    /** Counts norms and dropout of all head groups except the one that they count themselves. */
    private long otherGroups() {
        long one =
                Stream.of(queryNorm, keyNorm, product.weightDropout)
                        .filter(layer -> !(layer instanceof IdentityBlock))
                        .mapToLong(layer -> layer.activations(layer.inputShape()))
                        .reduce(0, Math::addExact);
        return Shapes.product(heads.groups() - 1, one);
    }

    /** {@return the length of texts beyond which cached keys must be computed again} */
    public int switchLength() {
        return spec.position() instanceof PositionSpec.Rotary rotary
                ? rotary.scaling().switchLength()
                : Integer.MAX_VALUE;
    }

    /** {@return true if scores depend on positions, not only on distances between tokens} */
    public boolean normalizesAfterRotation() {
        return spec.rotaryFirst() && spec.position() instanceof Rotation;
    }

    /** {@return true if a position reads later ones: neither causal nor cross-attention} */
    public boolean readsAhead() {
        return !spec.causal() && spec.memory() == 0;
    }

    private boolean seesAllKeys() {
        return !spec.causal()
                && spec.window() == 0
                && !(spec.position() instanceof PositionSpec.Alibi)
                && !spec.position().isRelative();
    }

    @Override
    public String lastMap() {
        return "output";
    }

    @Override
    public String describe() {
        StringBuilder out = new StringBuilder("Attention(");
        out.append(heads.queries()).append(" heads of ").append(heads.width());
        if (heads.groups() != heads.queries()) {
            out.append(", ").append(heads.groups()).append(" key-value heads");
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
        if (spec.cosine()) {
            out.append(", cosine");
        }
        if (spec.talkingHeads()) {
            out.append(", talking");
        }
        if (spec.sinks()) {
            out.append(", sinks");
        }
        if (spec.sharedValues()) {
            out.append(", keys are values");
        }
        if (spec.window() > 0) {
            out.append(", window ").append(spec.window());
        }
        if (!(spec.position() instanceof PositionSpec.None)) {
            out.append(", ").append(spec.position().describe());
        }
        return out.append(')').toString();
    }
}
