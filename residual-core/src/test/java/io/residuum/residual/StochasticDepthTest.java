package io.residuum.residual;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.residual.StochasticDepth.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StochasticDepthTest {
    private static DropPathSpec at(double rate, Schedule schedule, int unit, int units) {
        return new StochasticDepth(rate, schedule, Mode.BATCH, Rescale.EVALUATION).at(unit, units);
    }

    /**
     * Huang et al. 2016, Equation 4, survives with {@code p_l = 1 - l / L (1 - p_L)}, l from 1;
     * timm takes {@code linspace(0, rate, L)}.
     */
    @ParameterizedTest
    @CsvSource({
        "CONSTANT,         0, 54, 0.5",
        "CONSTANT,        53, 54, 0.5",
        "LINEAR,           0, 54, 0.0092592593",
        "LINEAR,          26, 54, 0.25",
        "LINEAR,          53, 54, 0.5",
        "LINEAR,           0,  1, 0.5",
        "LINEAR_FROM_ZERO, 0,  5, 0",
        "LINEAR_FROM_ZERO, 1,  5, 0.125",
        "LINEAR_FROM_ZERO, 4,  5, 0.5",
        "LINEAR_FROM_ZERO, 0,  1, 0"
    })
    void growsByItsSchedule(Schedule schedule, int unit, int units, double rate) {
        DropPathSpec drop = at(0.5, schedule, unit, units);
        assertEquals(rate, drop.rate(), 1e-9);
        assertEquals(Mode.BATCH, drop.mode());
        assertEquals(Rescale.EVALUATION, drop.rescale());
    }

    @Test
    void noRateIsNoDropPath() {
        assertEquals(DropPathSpec.NONE, at(0, Schedule.LINEAR, 3, 4));
    }
}
