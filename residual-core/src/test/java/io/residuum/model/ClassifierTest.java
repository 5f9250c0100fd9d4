package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.TranslateException;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.GlobalMaxPool;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Classes get the softmax of the logits, in batches of any size and through DJL's predictor. */
class ClassifierTest {
    /** Logits 0, ln 2, ln 4 give the probabilities 1/7, 2/7, 4/7. */
    private static final float[] LOGITS = {0, (float) Math.log(2), (float) Math.log(4)};

    private static Network network(EngineChoice engine) {
        Network network =
                Network.create(
                        Nets.spec(new GlobalAveragePool("", false), 1, 3),
                        Engines.backend(engine),
                        1);
        network.setMetadata(ModelMetadata.EMPTY.withClassNames(List.of("a", "b", "c")));
        return network;
    }

    private static NDList inputs(NDManager manager, List<float[]> samples) {
        float[] all = new float[samples.size() * LOGITS.length];
        for (int i = 0; i < samples.size(); i++) {
            System.arraycopy(samples.get(i), 0, all, i * LOGITS.length, LOGITS.length);
        }
        return new NDList(
                Values.create(manager, all, new Shape(samples.size(), 1, 3), DataType.FLOAT32));
    }

    @EachEngine
    void theMostProbableClassComesFirst(EngineChoice engine) {
        try (Network network = network(engine)) {
            Classifier<float[]> classifier = new Classifier<>(network, ClassifierTest::inputs);
            List<Classification> found =
                    classifier.classify(List.of(LOGITS, new float[] {9, 0, 0}, LOGITS), 2);
            assertEquals(List.of("c", "a", "c"), found.stream().map(f -> f.best().name()).toList());
            double[] expected = {4 / 7.0, 2 / 7.0, 1 / 7.0};
            for (int i = 0; i < 3; i++) {
                assertEquals(expected[i], found.get(2).classes().get(i).probability(), 1e-6);
            }
            assertEquals(2, found.get(0).top(2).size());
            assertEquals(List.of(), classifier.classify(List.of(), 2));
        }
    }

    @EachEngine
    void djlsPredictorGivesTheSameClasses(EngineChoice engine) throws TranslateException {
        try (Network network = network(engine);
                Model model =
                        Model.newInstance("classes", network.backend().engine().getEngineName())) {
            Classifier<float[]> classifier = new Classifier<>(network, ClassifierTest::inputs);
            model.setBlock(network.block());
            for (boolean stacks : new boolean[] {true, false}) {
                try (Predictor<float[], Classifications> predictor =
                        model.newPredictor(new ClassifierTranslator<>(classifier, stacks))) {
                    Classifications found = predictor.predict(LOGITS);
                    assertEquals("c", found.best().getClassName());
                    assertEquals(4 / 7.0, found.best().getProbability(), 1e-6);
                }
            }
        }
    }

    @EachEngine
    void oneOfSeveralOutputsHasTheClasses(EngineChoice engine) throws TranslateException {
        LayerSpec heads =
                new LayerGraph(
                        "",
                        Names.of("input"),
                        List.of(
                                LayerNode.of(new GlobalMaxPool("max")),
                                LayerNode.of(new GlobalAveragePool("mean", false)).from("input")),
                        Names.of(List.of("max", "mean")));
        ModelSpec spec = Nets.spec(heads, 2, 3);
        float[] sample = {0, 0, 4, 5, 0, 4};
        try (Network network = Network.create(spec, Engines.backend(engine), 1);
                Model model =
                        Model.newInstance("classes", network.backend().engine().getEngineName())) {
            model.setBlock(network.block());
            assertThrows(
                    SpecException.class, () -> new Classifier<>(network, ClassifierTest::pair));
            for (String head : List.of("max", "mean")) {
                Classifier<float[]> classifier =
                        new Classifier<>(network, ClassifierTest::pair, head);
                Classification found = classifier.classify(List.of(sample), 1).get(0);
                int best = head.equals("max") ? 0 : 2;
                assertEquals(best, found.best().index());
                try (Predictor<float[], Classifications> predictor =
                        model.newPredictor(new ClassifierTranslator<>(classifier, true))) {
                    assertEquals(
                            found.best().probability(),
                            predictor.predict(sample).best().getProbability(),
                            1e-6);
                }
            }
        }
    }

    private static NDList pair(NDManager manager, List<float[]> samples) {
        return new NDList(
                Values.create(manager, samples.get(0), new Shape(1, 2, 3), DataType.FLOAT32));
    }

    @Test
    void aNetworkWithoutClassesIsRefused() {
        try (Network maps =
                Network.create(
                        Nets.spec(new Dropout("", 0.5), 2, 3),
                        Engines.backend(Engines.all().get(0)),
                        1)) {
            assertThrows(SpecException.class, () -> new Classifier<>(maps, ClassifierTest::inputs));
        }
    }
}
