package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.metric.Evaluation;
import io.residuum.vision.data.DataSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs every example on little data. */
class ExamplesTest {

    @Test
    void customArchitectureTrains() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU)) {
            Evaluation evaluation =
                    CustomArchitecture.run(
                            backend,
                            DataSource.parse("digits:train=640,test=100"),
                            new PrintStream(out, true, StandardCharsets.UTF_8));
            assertEquals(100, evaluation.samples());
            assertTrue(Double.isFinite(evaluation.loss()), evaluation.toString());
        }
        String text = out.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("step 10: loss "), text);
        assertTrue(text.contains("unseen digits: loss "), text);
    }

    @Test
    void featuresShowWhatShortcutsDo() {
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU)) {
            List<InspectFeatures.Feature> resnet = InspectFeatures.features(backend, "resnet20");
            List<InspectFeatures.Feature> plain = InspectFeatures.features(backend, "plain20");
            assertEquals("stage3", resnet.get(3).name());
            assertEquals(new Shape(16, 64, 8, 8), resnet.get(3).shape());
            assertEquals(resnet.get(0), plain.get(0));
            assertTrue(
                    resnet.get(3).deviation() > 2 * plain.get(3).deviation(),
                    resnet + "\n" + plain);
        }
    }
}
