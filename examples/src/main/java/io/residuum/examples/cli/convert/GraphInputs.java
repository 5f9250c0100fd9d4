package io.residuum.examples.cli.convert;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.Layer;
import io.residuum.nn.OneOutput;
import io.residuum.nn.composite.RecurrentBlock;
import io.residuum.spec.InputSpec;
import io.residuum.spec.NamedInput;
import io.residuum.spec.SpecException;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.blocks.EncoderDecoderBlock;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.AttentionBlock;
import io.residuum.transformer.layers.TokenEmbedding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The inputs of a network's graph: its main input and the side inputs. */
final class GraphInputs {
    private final Layer network;
    private final Capture.Source data;
    private final Capture.@Nullable Source source;
    private final List<Capture.Source> others;

    private GraphInputs(Layer network, Capture.Source data, Capture.@Nullable Source source) {
        this(network, data, source, List.of());
    }

    private GraphInputs(
            Layer network,
            Capture.Source data,
            Capture.@Nullable Source source,
            List<Capture.Source> others) {
        this.network = network;
        this.data = data;
        this.source = source;
        this.others = others;
    }

    /**
     * {@return the inputs at the network's own size}
     *
     * @param network the network to capture
     */
    static GraphInputs of(Layer network, InputSpec input) {
        return of(network, input, input instanceof InputSpec.Tokens t ? t.length() : 0);
    }

    /**
     * {@return the inputs, with sequences of the given length}
     *
     * @param network the network to capture
     * @param length the sequence length in tokens, ignored for other inputs
     * @throws SpecException if the network has several heads, of which a graph would have one
     */
    static GraphInputs of(Layer network, InputSpec input, int length) {
        try {
            OneOutput.requireNoUnreadHead(network, "a graph");
        } catch (IllegalArgumentException e) {
            throw new SpecException(String.valueOf(e.getMessage()), e);
        }
        if (input instanceof InputSpec.Several several) {
            List<Capture.Source> all = several.inputs().stream().map(GraphInputs::source).toList();
            Capture.Source data = source(Capture.DATA, several.inputs().get(0).input());
            return new GraphInputs(network, data, null, all.subList(1, all.size()));
        }
        if (!(input instanceof InputSpec.Tokens tokens)) {
            return new GraphInputs(network, source(Capture.DATA, input), null);
        }
        Shape shape = new Shape(-1, length);
        List<Shape> sources = new ArrayList<>();
        network.walk(
                (path, layer) -> {
                    if (layer instanceof EncoderDecoderBlock both && !both.readsOneText()) {
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

    private static Capture.Source source(NamedInput named) {
        return source(named.name(), named.input());
    }

    private static Capture.Source source(String name, InputSpec input) {
        return source(name, input.batchShape(), input instanceof InputSpec.Tokens);
    }

    private static Capture.Source source(String name, Shape shape, boolean ids) {
        return new Capture.Source(name, shape, ids ? DataType.INT64 : DataType.FLOAT32);
    }

    /**
     * {@return these inputs with a dynamic image size or sequence length, up to the current one;
     * several declared inputs keep their sizes}
     */
    GraphInputs dynamic() {
        if (!others.isEmpty()) {
            return this;
        }
        Dims shape = data.shape();
        DimExpr length = DimExpr.of(SymbolicDim.LENGTH);
        Dims dims =
                switch (shape.dimension()) {
                    case 4 ->
                            shape.with(2, DimExpr.of(SymbolicDim.HEIGHT))
                                    .with(3, DimExpr.of(SymbolicDim.WIDTH));
                    case 3 -> shape.with(1, length);
                    default -> data.type() == DataType.INT64 ? shape.with(1, length) : shape;
                };
        return new GraphInputs(
                network,
                withDims(data, dims),
                source == null
                        ? null
                        : withDims(source, Dims.open(SymbolicDim.BATCH, SymbolicDim.SOURCE)));
    }

    private static Capture.Source withDims(Capture.Source fixed, Dims dims) {
        return new Capture.Source(fixed.name(), dims, fixed.type(), fixed.shape());
    }

    /** {@return a side input with one number for each position of an input} */
    private static Capture.Source sideInput(Capture.Source input, String name, boolean ids) {
        DataType type = ids ? DataType.INT64 : DataType.FLOAT32;
        Dims built = input.builtFor();
        return new Capture.Source(
                name, input.shape().slice(0, 2), type, built == null ? null : built.slice(0, 2));
    }

    /** Captures the network with its required inputs: an encoder-decoder with its source. */
    Graph plain() {
        return capture(source == null ? List.of() : List.of(source));
    }

    /** {@return true if the network reads sequences and their mask, or that of a source} */
    boolean readsMask() {
        boolean sequences = data.type() == DataType.INT64 || data.shape().dimension() == 3;
        return source != null
                || sequences && others.isEmpty() && network.sideInputs().contains(Attention.MASK);
    }

    /**
     * Captures the network for batches with padding. An encoder-decoder has the source and its
     * mask, and an encoder of tokens has segments if it reads them. A network has a mask if asked,
     * or if it reads tokens and padding would change its results: a decoder of tokens does not see
     * the padding after a token.
     *
     * @param masked true to keep a mask in any case
     */
    Graph padded(boolean masked) {
        if (source != null) {
            return capture(List.of(source, sideInput(source, EncoderDecoder.SOURCE_MASK, false)));
        }
        if (!readsMask()) {
            return plain();
        }
        Capture.Source mask = sideInput(data, Attention.MASK, false);
        if (data.type() != DataType.INT64) {
            return masked ? capture(List.of(mask)) : plain();
        }
        Capture.Source segments = sideInput(data, TokenEmbedding.SEGMENTS, true);
        Graph all = capture(List.of(mask, segments));
        if (all.inputs().containsKey(segments.name())) {
            return all;
        }
        boolean pooled = all.outputs().get(0).shape().dimension() == 2;
        return masked || pooled || readsAhead() ? capture(List.of(mask)) : plain();
    }

    /** {@return true if results at a position depend on later ones} */
    private boolean readsAhead() {
        List<Layer> ahead = new ArrayList<>();
        network.walk(
                (path, layer) -> {
                    if (layer instanceof AttentionBlock attention && attention.readsAhead()
                            || layer instanceof RecurrentBlock recurrent
                                    && recurrent.readsAhead()) {
                        ahead.add(layer);
                    }
                });
        return !ahead.isEmpty();
    }

    private Graph capture(List<Capture.Source> sideInputs) {
        List<Capture.Source> sources = new ArrayList<>(List.of(data));
        sources.addAll(others);
        sources.addAll(sideInputs);
        return Capture.of(network, sources, false);
    }
}
