package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.residual.stream.MixBlock;
import io.residuum.residual.stream.StreamBlock;
import io.residuum.residual.stream.StreamWeights;
import io.residuum.residual.stream.StreamWeights.Fixed;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Layers in sequence on n streams, which share saved states. The streams lie side by side in the
 * channels, {@code (N, T, n C)} or {@code (N, n C, H, W)}. The layers see all streams, and units
 * read, carry and write them. The names of {@code save} layers belong to the innermost stream.
 *
 * @param streams the number of streams n. Default: 1
 * @param expand the streams at the start: copies of the input, the input and zeros ({@code first}),
 *     or equal parts of the input's channels ({@code split}). Default: copy
 * @param reduce the output: the streams' mean, sum, the first, all side by side ({@code concat}),
 *     or a weighted sum. Default: mean
 * @param layers the layers, in order
 */
@TypeName("stream")
public record Stream(
        @Default("\"\"") String name,
        @Default("1") int streams,
        @Default("\"copy\"") Expand expand,
        @Default("\"mean\"") Reduce reduce,
        List<LayerSpec> layers)
        implements LayerSpec {

    /** The streams at the start. */
    public enum Expand {
        /** Each is the input. */
        COPY,
        /** The first is the input, others are 0. */
        FIRST,
        /** The input's channels are those of all streams. */
        SPLIT
    }

    /** The output, computed from the streams at the end. */
    public sealed interface Reduce
            permits Reduce.Mean, Reduce.Sum, Reduce.First, Reduce.Concat, Reduce.Weighted {

        /**
         * {@return the weights of the sum, or null for all streams}
         *
         * @param streams the number of streams
         */
        @Nullable StreamWeights weights(int streams);

        /** The mean. */
        @TypeName("mean")
        record Mean() implements Reduce {
            @Override
            public StreamWeights weights(int streams) {
                return equal(streams, 1.0 / streams);
            }
        }

        /** The sum (hyper-connections, Zhu et al. 2024, Section 2.1). */
        @TypeName("sum")
        record Sum() implements Reduce {
            @Override
            public StreamWeights weights(int streams) {
                return equal(streams, 1);
            }
        }

        /** The first stream. */
        @TypeName("first")
        record First() implements Reduce {
            @Override
            public StreamWeights weights(int streams) {
                return Fixed.one(0, streams);
            }
        }

        /** All streams side by side. */
        @TypeName("concat")
        record Concat() implements Reduce {
            @Override
            public @Nullable StreamWeights weights(int streams) {
                return null;
            }
        }

        /**
         * A weighted sum. DeepSeek-V4 has sigmoid weights.
         *
         * @param weights n weights
         */
        @TypeName("weighted")
        record Weighted(StreamWeights weights) implements Reduce {
            @Override
            public StreamWeights weights(int streams) {
                return weights;
            }
        }

        private static StreamWeights equal(int streams, double weight) {
            return new Fixed(Collections.nCopies(streams, weight));
        }
    }

    public Stream {
        layers = List.copyOf(layers);
        Check.positive("streams", streams);
        Build.requireDistinctNames(layers);
        if (streams > 1) {
            for (int i = 0; i < layers.size(); i++) {
                requireNoWideNorm("layers[" + i + "]", layers.get(i), streams);
            }
        }
    }

    private static void requireNoWideNorm(String place, LayerSpec layer, int streams) {
        if (layer instanceof Sequential sequential) {
            sequential.layers().forEach(l -> requireNoWideNorm(place, l, streams));
        } else if (layer instanceof LayerDrop drop) {
            drop.layers().forEach(l -> requireNoWideNorm(place, l, streams));
        } else if (layer instanceof Repeat repeat) {
            requireNoWideNorm(place, repeat.layer(), streams);
        }
        boolean unit =
                layer instanceof Residual residual
                        && (residual.read().isInput()
                                        && !residual.before().norm().equals(NormSpec.NONE)
                                || !residual.after().norm().equals(NormSpec.NONE));
        Check.that(
                !unit && !(layer instanceof Normalization),
                "%s must not normalize all %s streams together: read one stream, or put the norm"
                        + " into an eachStream layer",
                place,
                streams);
    }

    /**
     * {@return layers on one stream}
     *
     * @param name its name; may be empty
     * @param layers the layers, in order
     */
    public static Stream of(String name, List<LayerSpec> layers) {
        return new Stream(name, 1, Expand.COPY, new Reduce.Mean(), layers);
    }

    @Override
    public long layerCount() {
        return Build.layerCount(layers) + 2;
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return new Stream(name, streams, expand, reduce, layers.stream().map(change).toList());
    }

    @Override
    public Layer newBlock(Shape input) {
        Map<String, Layer> blocks = new LinkedHashMap<>();
        Shape shape = input;
        if (streams > 1 && expand != Expand.SPLIT) {
            Fixed factors =
                    expand == Expand.FIRST
                            ? Fixed.one(0, streams)
                            : new Fixed(Collections.nCopies(streams, 1.0));
            Layer copy = MixBlock.expand(input, factors);
            blocks.put("expand", copy);
            shape = copy.outputShape();
        }
        Check.that(
                Shapes.channels(shape) % streams == 0,
                "streams must divide the input's channels to split them, got %s streams of %s",
                streams,
                shape);
        for (int i = 0; i < layers.size(); i++) {
            String child = Build.nameOf(layers.get(i), i);
            Layer block = Build.child(child, layers.get(i), shape);
            Check.that(
                    blocks.put(child, block) == null,
                    "layers[%s].name must not be \"%s\", the name of a part of the stream",
                    i,
                    child);
            shape = block.outputShape();
        }
        boolean same = streams == 1 && !(reduce instanceof Reduce.Weighted);
        @Nullable StreamWeights weights = same ? null : reduce.weights(streams);
        if (weights != null) {
            Check.that(
                    !blocks.containsKey("reduce"),
                    "layers must have no layer named \"reduce\", the name of a part of the stream");
            blocks.put("reduce", MixBlock.read(shape, streams, weights));
        }
        return new StreamBlock(input, streams, blocks);
    }
}
