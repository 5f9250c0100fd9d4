package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.residual.StochasticDepth;
import io.residuum.residual.StochasticDepth.Schedule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The example, for a step of each mode. */
class StochasticDepthSavingsTest {

    @ParameterizedTest
    @EnumSource
    void everyModeTrainsAndIsTimed(Mode mode) {
        StochasticDepth half = new StochasticDepth(0.5, Schedule.LINEAR, mode, Rescale.TRAINING);
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU)) {
            assertTrue(StochasticDepthSavings.millis(backend, 8, half, 4, 1) > 0);
        }
    }
}
