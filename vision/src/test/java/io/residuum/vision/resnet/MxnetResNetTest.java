package io.residuum.vision.resnet;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.emit.mxnet.MxnetTarget;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Graphs;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Residual networks compute as MXNet symbols what they compute layer by layer. */
@ExtendWith(Seeds.class)
class MxnetResNetTest {
    private static final InputSpec IMAGES =
            new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of());

    static Stream<ModelSpec> specs() {
        return Stream.of(
                        "'stem': 'cifar', 'depth': 20, 'shortcut': 'A'",
                        "'units': [1, 2, 1, 1], 'width': 8, 'shortcut': 'D',"
                                + " 'unit': {'kind': 'bottleneck', 'squeezeExcitation': 4}",
                        "'units': [1, 1, 2, 1], 'width': 8,"
                                + " 'unit': {'kind': 'basic', 'order': 'pre-activation'}")
                .map(
                        settings ->
                                "{'type': 'resnet', 'classes': 7, %s}"
                                        .formatted(settings)
                                        .replace('\'', '"'))
                .map(json -> SpecJson.standard().parse(json, "case", LayerSpec.class))
                .map(layer -> new ModelSpec("case", IMAGES, layer));
    }

    private static NDList images(NDManager manager, Network network, int batch) {
        long[] dims = network.block().inputShape().getShape().clone();
        dims[0] = batch;
        return new NDList(Tensors.random(manager, Seeds.SEED + batch, dims));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void evaluatesAndTrainsTheSame(ModelSpec spec) {
        Backend backend = Engines.backend(EngineChoice.MXNET);
        try (Network network = Network.create(spec, backend, Seeds.SEED);
                NDManager manager = backend.newManager()) {
            List<NDList> batches =
                    List.of(images(manager, network, 3), images(manager, network, 2));
            Graphs.assertSameOutputs(new MxnetTarget(true), network, batches);
            Graphs.assertSameOutputs(new MxnetTarget(false), network, batches);
            Graphs.assertSameTraining(new MxnetTarget(), network, batches);
        }
    }
}
