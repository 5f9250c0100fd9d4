package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.Residual;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageInputs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Transformers". */
class TransformersTest {

    private static ModelSpec spec(String name) {
        return SpecJson.standard().readModel(Guide.resource("specs/" + name + ".json"));
    }

    @Test
    void aStemOfConvolutionsCountsAsItsParts() {
        long stem = 3 * 16 * 9 + 2 * 16 + 16 * 32 * 9 + 2 * 32;
        long tokens = 8 * 8;
        long embedding = 32 * 64 + 64 + tokens * 64;
        long attention = 64 * 3 * 64 + 3 * 64 + 64 * 64 + 64;
        long mlp = 64 * 128 + 128 + 128 * 64 + 64;
        long norm = 2 * 64;
        long blocks = 3 * (attention + mlp + 2 * norm);
        assertEquals(
                stem + embedding + blocks + norm + 64 * 10 + 10,
                Cost.of(spec("conv-stem").newBlock()).parameters());
    }

    @EachEngine
    void aStemOfConvolutionsTrainsWithTheBlocksBehindIt(EngineChoice engine, @TempDir Path folder) {
        Backend backend = Engines.backend(engine);
        ModelSpec spec = spec("conv-stem");
        DataSplits data =
                DataSource.parse("digits:train=16,test=16").forTraining(ImageInputs.shape(spec));
        Recipe recipe = Recipe.builder().epochs(1).batch(16).learningRate(0.01).build();
        try (Network network = Network.create(spec, backend, 1)) {
            Map<String, double[]> before = Nets.values(network.parameters());
            new Trainer(
                            network,
                            recipe,
                            new ImageClassification(data),
                            folder,
                            ProgressListener.NONE)
                    .start();
            Map<String, double[]> after = Nets.values(network.parameters());
            for (String path : List.of("stem.conv1.weight", "blocks.2.mlp.branch.up.weight")) {
                assertTrue(!Arrays.equals(before.get(path), after.get(path)), path);
                assertTrue(Arrays.stream(after.get(path)).allMatch(Double::isFinite), path);
            }
        }
    }

    private static double shortcutWeight(LayerSpec side, int unit) {
        Sequential blocks = (Sequential) ((Sequential) side).layers().get(1);
        Residual first = (Residual) ((Sequential) blocks.layers().get(0)).layers().get(unit);
        return ((MergeSpec.Add) first.merge()).shortcut();
    }

    @Test
    void aTranslatorTakesDeepNormsConstantsOfEachSide() {
        EncoderDecoder both = (EncoderDecoder) spec("deep-translator").expand().network();
        double power = Math.pow(Math.pow(18, 4) * 18, 1.0 / 16);
        assertEquals(0.81 * power, shortcutWeight(both.encoder(), 0), 1e-12);
        assertEquals(0.81 * power, shortcutWeight(both.encoder(), 1), 1e-12);
        for (int unit = 0; unit < 3; unit++) {
            assertEquals(Math.pow(54, 0.25), shortcutWeight(both.decoder(), unit), 1e-12);
        }
    }

    @EachEngine
    void aDeepTranslatorRuns(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        try (Network network = Network.create(spec("deep-translator"), backend, 1);
                NDManager manager = backend.newManager()) {
            NDArray target = manager.create(new long[] {1, 2, 3, 4}, new Shape(1, 4));
            NDArray source = manager.create(new long[] {5, 6, 7}, new Shape(1, 3));
            source.setName(EncoderDecoder.SOURCE);
            NDArray logits = network.predict(new NDList(target, source));
            assertEquals(new Shape(1, 4, 100), logits.getShape());
            for (float logit : logits.toFloatArray()) {
                assertTrue(Float.isFinite(logit));
            }
        }
    }

    @EachEngine
    void aDecoderWithWindowsRuns(EngineChoice engine) {
        try (Network network = Network.create(spec("decoder"), Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            long[] ids = LongStream.range(0, 40).toArray();
            NDArray logits = network.predict(new NDList(manager.create(ids, new Shape(2, 20))));
            assertEquals(new Shape(2, 20, 100), logits.getShape());
            for (float logit : logits.toFloatArray()) {
                assertTrue(Math.abs(logit) < 30);
            }
        }
    }
}
