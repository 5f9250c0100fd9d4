package io.residuum.nn.spatial;

import static io.residuum.testing.Tensors.assertClose;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SliceBlockTest {
    private static final String CONVOLUTION =
            "{'type': 'conv2d', 'name': 'conv', 'filters': 104, 'kernel': 3, 'padding': 1}";

    private static ModelSpec spec(String layers) {
        String text =
                ("{'format': 'residuum/1', 'name': 'net', 'input': {'type': 'features', 'shape':"
                                + " [16, 8, 8]}, 'network': ["
                                + layers
                                + "]}")
                        .replace('\'', '"');
        return SpecJson.standard().parse(text, "net", ModelSpec.class);
    }

    /**
     * On MXNet a convolution leaves its channels in blocks of 8 or 16, which 26 is no multiple of.
     */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void cutsChannelsWithinABlock(EngineChoice engine) {
        String slice = ", {'type': 'channelSlice', 'begin': 26, 'end': 52}";
        try (Network whole =
                        Nets.shaken(spec(CONVOLUTION), Engines.backend(engine), DataType.FLOAT32);
                Network part =
                        Nets.shaken(
                                spec(CONVOLUTION + slice),
                                Engines.backend(engine),
                                DataType.FLOAT32);
                NDManager manager = whole.backend().newManager()) {
            NDList x = new NDList(Tensors.random(manager, 1, 2, 16, 8, 8));
            double[] all = Tensors.values(whole.predict(x));
            double[] expected = new double[2 * 26 * 64];
            for (int sample = 0; sample < 2; sample++) {
                int from = (104 * sample + 26) * 64;
                System.arraycopy(all, from, expected, 26 * 64 * sample, 26 * 64);
            }
            assertClose(expected, Tensors.values(part.predict(x)), 1e-6, "slice");
        }
    }
}
