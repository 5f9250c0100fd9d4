package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import io.residuum.train.rows.RowHeader;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Data of your own". */
class DataTest {
    @TempDir private Path temporary;

    @Test
    void samplesTrain() {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/visits.json"));
        Path folder = temporary.resolve("run");
        Trainer.Result result;
        // tag::samples
        List<Sample> visits = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            visits.add(
                    new Sample(
                            Map.of(
                                    "person", Tensor.numbers(i % 3, 1, 0, 0),
                                    "visit", Tensor.numbers(i / 64f, 0.5f)),
                            Map.of(
                                    "topic", Tensor.label(i % 3),
                                    "minutes", Tensor.numbers(i / 64f))));
        }
        Recipe recipe = Recipe.builder().epochs(2).batch(16).learningRate(0.05).build();
        SampleSplits data =
                SampleSplits.holdingOut(
                        "visits", Samples.of(visits), Optional.empty(), recipe.validation());
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, recipe.seed())) {
            Trainer trainer =
                    new Trainer(
                            network, recipe, SampleTask.on(data), folder, ProgressListener.NONE);
            result = trainer.start();
        }
        // end::samples
        assertEquals(2, result.epochs());
    }

    @Test
    void theHeaderIsRead() {
        RowHeader header = RowHeader.read(Guide.resource("rows/visits.header.json"));
        assertEquals(List.of("age", "plan"), header.inputs().get("person"));
    }
}
