package io.residuum.examples.cli;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Capture;
import io.residuum.graph.Graph;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.layers.TokenEmbedding;
import io.residuum.transformer.stack.EncoderDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What the graph of a network reads: its input, and what rides along of that. */
final class GraphInputs {
    private static final List<String> MASKS = List.of(Attention.MASK, EncoderDecoder.SOURCE_MASK);
    private static final List<String> IDS = List.of(TokenEmbedding.SEGMENTS, EncoderDecoder.SOURCE);

    private final Layer network;
    private final Capture.Source data;

    private GraphInputs(Layer network, Capture.Source data) {
        this.network = network;
        this.data = data;
    }

    /**
     * Prepares.
     *
     * @param network to be captured
     * @param input what it reads
     * @param length tokens of a sequence
     */
    static GraphInputs of(Layer network, InputSpec input, int length) {
        boolean tokens = input instanceof InputSpec.Tokens;
        Shape shape = tokens ? new Shape(-1, length) : input.batchShape();
        DataType type = tokens ? DataType.INT64 : DataType.FLOAT32;
        return new GraphInputs(network, new Capture.Source(Capture.DATA, shape, type));
    }

    /**
     * Captures the network with what it cannot do without: a translator with its source and that
     * one's mask; an encoder that knows segments with these and a mask; a classifier of texts with
     * a mask. A decoder needs none, since it does not see what follows.
     */
    Graph capture() {
        Set<String> riders = new TreeSet<>();
        if (data.type() == DataType.INT64) {
            List<String> all = new ArrayList<>(MASKS);
            all.addAll(IDS);
            Set<String> read = capture(all).inputs().keySet();
            boolean pooled = network.outputShape(data.shape()).dimension() == 2;
            if (read.contains(EncoderDecoder.SOURCE)) {
                riders.addAll(Set.of(EncoderDecoder.SOURCE, EncoderDecoder.SOURCE_MASK));
            } else if (read.contains(TokenEmbedding.SEGMENTS)) {
                riders.addAll(Set.of(TokenEmbedding.SEGMENTS, Attention.MASK));
            } else if (pooled && read.contains(Attention.MASK)) {
                riders.add(Attention.MASK);
            }
        }
        return capture(riders);
    }

    private Graph capture(Iterable<String> riders) {
        List<Capture.Source> sources = new ArrayList<>(List.of(data));
        for (String rider : riders) {
            DataType type = IDS.contains(rider) ? DataType.INT64 : DataType.FLOAT32;
            sources.add(new Capture.Source(rider, data.shape(), type));
        }
        return Capture.of(network, sources, false);
    }
}
