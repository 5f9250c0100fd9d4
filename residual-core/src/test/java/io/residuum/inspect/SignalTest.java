package io.residuum.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SignalTest {

    /**
     * He initialization keeps the second moment 1/2 of a ReLU of normal numbers; its mean 1/sqrt(2
     * pi) is the same for all samples. So a branch adds the variance 1 - 1/pi.
     */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void normsAndHeInitializationAddAConstantVariance(EngineChoice engine) {
        int units = 8;
        try (Network network =
                Network.create(Specs.preactivation(units, 64, 24), Engines.backend(engine), 1)) {
            Subject subject =
                    Subject.random(network, 8, 8, 2, InspectionListener.NONE)
                            .withBatchStatistics(true);
            Finding found = Inspection.run(subject, List.of(new Signal())).findings().get(0);
            double[] variance = found.table("units").numbers("variance");
            assertEquals(units, variance.length);
            double growth = (variance[units - 1] - variance[0]) / (units - 1);
            assertEquals(1 - 1 / Math.PI, growth, 0.03);
            float[] mean = network.buffers().values().iterator().next().getArray().toFloatArray();
            assertArrayEquals(new float[64], mean, "the running statistics are as they were");
        }
    }
}
