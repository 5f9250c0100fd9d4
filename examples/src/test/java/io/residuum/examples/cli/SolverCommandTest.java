package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code solver} on the network for MNIST of the examples. */
class SolverCommandTest {
    private static final long LIMIT = 220_000;

    @TempDir private Path folder;

    @Test
    void aNetworkTrainedByEulerRunsByRungeKutta() {
        ModelSpec spec = ModelSource.of("specs/mnist-ode.json").spec();
        Path euler = folder.resolve("euler.safetensors");
        try (Network network = Network.create(spec, Engines.backend(EngineChoice.PYTORCH), 1)) {
            long parameters = network.cost().parameters();
            assertTrue(parameters <= LIMIT, parameters + " parameters");
            network.save(euler);
        }
        Path out = folder.resolve("rk4.safetensors");
        Cli.ok("solver", euler.toString(), "--method=rk4", "--steps=3", "-o", out.toString());
        String expected =
                SpecJson.standard()
                        .write(spec)
                        .replace("\"steps\": 6", "\"steps\": 3, \"method\": \"rk4\"");
        ModelSpec found = ModelSource.of(out).spec();
        assertEquals(SpecJson.standard().parse(expected, "spec", ModelSpec.class), found);
        Cli.ok("evaluate", out.toString(), "--data=digits:train=10,test=20", "--device=cpu");
    }
}
