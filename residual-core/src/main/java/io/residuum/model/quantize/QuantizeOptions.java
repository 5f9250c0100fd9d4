package io.residuum.model.quantize;

import io.residuum.spec.Check;
import java.util.List;

/**
 * Options of quantizing a network.
 *
 * @param calibration how ranges are chosen. Default: percentile
 * @param percentile the share of values other than zero to keep at each end of a range, in percent,
 *     in (50, 100]; for {@link Calibration#PERCENTILE}. Default: 99.99
 * @param floatLayers patterns of paths of weights that stay in float, for instance {@code stem.*}.
 *     The first and the last layer stay too. Default: none
 * @param sensitivity keeps layers in float whose error is above this multiple of the median error.
 *     Default: 4
 */
public record QuantizeOptions(
        Calibration calibration, double percentile, List<String> floatLayers, double sensitivity) {
    /** The defaults. */
    public static final QuantizeOptions DEFAULT =
            new QuantizeOptions(Calibration.PERCENTILE, 99.99, List.of(), 4);

    /** Checks the numbers. */
    public QuantizeOptions {
        floatLayers = List.copyOf(floatLayers);
        Check.that(
                percentile > 50 && percentile <= 100,
                "percentile must be in (50, 100], got %s",
                percentile);
        Check.positive("sensitivity", sensitivity);
    }
}
