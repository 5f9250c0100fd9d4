package io.residuum.vision.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residuum.engine.EngineChoice;
import io.residuum.metric.Evaluation;
import io.residuum.model.Network;
import io.residuum.train.Tiny;
import io.residuum.train.TrainingException;
import io.residuum.vision.data.ImageSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageEvaluatorTest {
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void batchSizeDoesNotMatter(EngineChoice engine) {
        ImageSet set = TinyImages.digits().evaluation();
        try (Network network = Network.create(Tiny.network(), Tiny.backend(engine), 5)) {
            Evaluation whole = ImageEvaluator.evaluate(network, set, set.size());
            Evaluation parts = ImageEvaluator.evaluate(network, set, 32);
            assertEquals(set.size(), parts.samples());
            assertEquals(whole.loss(), parts.loss(), 1e-6);
            assertEquals(whole.wrong(), parts.wrong());
            for (int i = 0; i < set.size(); i++) {
                assertEquals(set.label(i), parts.label(i));
                assertEquals(whole.prediction(i), parts.prediction(i));
            }
        }
    }

    @Test
    void otherClassesAreRefused() {
        try (Network network =
                Network.create(
                        Tiny.network().withClasses(7), Tiny.backend(EngineChoice.PYTORCH), 5)) {
            assertThrows(
                    TrainingException.class,
                    () -> ImageEvaluator.evaluate(network, TinyImages.digits().evaluation(), 32));
        }
    }
}
