package io.residuum.examples.cli.convert;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.blocks.EncoderDecoderBlock;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the graph of a network reads: its input, and what rides along of that. */
final class GraphInputs {
    private final Layer network;
    private final Capture.Source data;
    private final Capture.@Nullable Source source;

    private GraphInputs(Layer network, Capture.Source data, Capture.@Nullable Source source) {
        this.network = network;
        this.data = data;
        this.source = source;
    }

    /**
     * The input at the size that a network was made for.
     *
     * @param network to be captured
     * @param input what it reads
     */
    static GraphInputs of(Layer network, InputSpec input) {
        return of(network, input, input instanceof InputSpec.Tokens t ? t.length() : 0);
    }

    /**
     * The input, with sequences of some length.
     *
     * @param network to be captured
     * @param input what it reads
     * @param length tokens of a sequence; for other inputs of no account
     */
    static GraphInputs of(Layer network, InputSpec input, int length) {
        if (!(input instanceof InputSpec.Tokens tokens)) {
            return new GraphInputs(network, source(Capture.DATA, input.batchShape(), false), null);
        }
        Shape shape = new Shape(-1, length);
        List<Shape> sources = new ArrayList<>();
        network.walk(
                (path, layer) -> {
                    if (layer instanceof EncoderDecoderBlock) {
                        sources.add(layer.children().values().iterator().next().inputShape());
                    }
                });
        Capture.Source source = null;
        if (!sources.isEmpty()) {
            long own = sources.get(0).get(1);
            Shape read = own == tokens.length() ? shape : new Shape(-1, own);
            source = source(EncoderDecoder.SOURCE, read, true);
        }
        return new GraphInputs(network, source(Capture.DATA, shape, true), source);
    }

    private static Capture.Source source(String name, Shape shape, boolean ids) {
        return new Capture.Source(name, shape, ids ? DataType.INT64 : DataType.FLOAT32);
    }

    /** The same inputs, with images of any size or sequences of any length up to what they were. */
    GraphInputs ofAnySize() {
        Dims shape = data.shape();
        DimExpr length = DimExpr.of(SymbolicDim.LENGTH);
        Dims free =
                switch (shape.dimension()) {
                    case 4 ->
                            shape.with(2, DimExpr.of(SymbolicDim.HEIGHT))
                                    .with(3, DimExpr.of(SymbolicDim.WIDTH));
                    case 3 -> shape.with(1, length);
                    default -> data.type() == DataType.INT64 ? shape.with(1, length) : shape;
                };
        return new GraphInputs(
                network,
                freed(data, free),
                source == null
                        ? null
                        : freed(source, Dims.open(SymbolicDim.BATCH, SymbolicDim.SOURCE)));
    }

    private static Capture.Source freed(Capture.Source fixed, Dims free) {
        return new Capture.Source(fixed.name(), free, fixed.type(), fixed.shape());
    }

    /** What rides along of an input, of its shape. */
    private static Capture.Source beside(Capture.Source input, String name, boolean ids) {
        DataType type = ids ? DataType.INT64 : DataType.FLOAT32;
        return new Capture.Source(name, input.shape(), type, input.made());
    }

    /** Captures the network with what it cannot do without: a decoder with its source. */
    Graph plain() {
        return capture(source == null ? List.of() : List.of(source));
    }

    /**
     * Captures the network for batches with padding: a decoder with its source and that one's mask;
     * an encoder that knows segments with these and a mask; a classifier of texts with a mask. A
     * decoder alone needs none, since it does not see what follows.
     */
    Graph padded() {
        if (source != null) {
            return capture(List.of(source, beside(source, EncoderDecoder.SOURCE_MASK, false)));
        }
        if (data.type() != DataType.INT64) {
            return plain();
        }
        Capture.Source mask = beside(data, Attention.MASK, false);
        Capture.Source segments = beside(data, TokenEmbedding.SEGMENTS, true);
        Graph all = capture(List.of(mask, segments));
        Set<String> read = all.inputs().keySet();
        if (read.contains(segments.name())) {
            return all;
        }
        boolean pooled = all.outputs().get(0).shape().dimension() == 2;
        return pooled && read.contains(mask.name()) ? capture(List.of(mask)) : plain();
    }

    private Graph capture(List<Capture.Source> sideInputs) {
        List<Capture.Source> sources = new ArrayList<>(List.of(data));
        sources.addAll(sideInputs);
        return Capture.of(network, sources, false);
    }
}
