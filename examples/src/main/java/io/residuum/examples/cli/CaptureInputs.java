package io.residuum.examples.cli;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Capture;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.stack.EncoderDecoder;
import io.residuum.transformer.stack.EncoderDecoderBlock;
import java.util.ArrayList;
import java.util.List;

/** What a network must be given for {@link Capture}. */
final class CaptureInputs {

    private CaptureInputs() {}

    /** The input of the spec; for an encoder with a decoder, the source that rides along, too. */
    static List<Capture.Source> of(ModelSpec spec) {
        boolean ids = spec.input() instanceof InputSpec.Tokens;
        DataType type = ids ? DataType.INT64 : DataType.FLOAT32;
        List<Capture.Source> sources = new ArrayList<>();
        sources.add(new Capture.Source(Capture.DATA, spec.input().batchShape(), type));
        spec.newBlock()
                .walk(
                        (path, layer) -> {
                            if (layer instanceof EncoderDecoderBlock && sources.size() == 1) {
                                sources.add(source(layer));
                            }
                        });
        return List.copyOf(sources);
    }

    private static Capture.Source source(Layer encoderDecoder) {
        Layer encoder = encoderDecoder.children().values().iterator().next();
        return new Capture.Source(EncoderDecoder.SOURCE, encoder.inputShape(), DataType.INT64);
    }
}
