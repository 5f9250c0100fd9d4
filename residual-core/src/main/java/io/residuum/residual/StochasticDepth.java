package io.residuum.residual;

import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.Shorthand;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.List;

/**
 * Stochastic depth for a network: a drop-path rate for each unit by its depth. In JSON a number is
 * a rate.
 *
 * @param rate the rate of the last unit (of every unit with a constant schedule), in [0, 1).
 *     Default: 0
 * @param schedule the growth of the rate with depth: {@code constant}, {@code linear}, {@code
 *     linear-from-zero} or {@code linear-below}. Default: linear
 * @param mode as in {@link DropPathSpec}. Default: sample
 * @param rescale as in {@link DropPathSpec}. Default: training
 * @param per {@code unit} to drop the branch of each residual unit, {@code block} to drop the units
 *     of a transformer block together (LayerDrop, Fan et al. 2019, arXiv:1909.11556). Default: unit
 */
@WithBuilder
public record StochasticDepth(
        @Default("0.0") double rate,
        @Default("\"linear\"") Schedule schedule,
        @Default("\"sample\"") Mode mode,
        @Default("\"training\"") Rescale rescale,
        @Default("\"unit\"") Per per)
        implements StochasticDepthBuilder.With {

    /** No stochastic depth. */
    public static final StochasticDepth NONE = Defaults.of(StochasticDepth.class);

    /** The growth of the rate from unit 1 to unit L. */
    public enum Schedule {
        /** One rate for all units. */
        CONSTANT,
        /** {@code rate * l / L}: Huang et al. 2016, Equation 4. */
        LINEAR,
        /** {@code rate * (l - 1) / (L - 1)}, which never drops the first unit: timm. */
        LINEAR_FROM_ZERO,
        /** {@code rate * (l - 1) / L}, which never reaches the rate: EfficientNet. */
        LINEAR_BELOW;

        /**
         * {@return the share of the last unit's rate that a unit has}
         *
         * @param unit its index, from 0
         * @param units the number of units
         */
        double share(int unit, int units) {
            return switch (this) {
                case CONSTANT -> 1;
                case LINEAR -> (unit + 1.0) / units;
                case LINEAR_BELOW -> (double) unit / units;
                case LINEAR_FROM_ZERO -> units == 1 ? 0 : (double) unit / (units - 1);
            };
        }
    }

    /** The layers that are dropped together. */
    public enum Per {
        /** The branch of a residual unit. */
        UNIT,
        /** The units of a block. */
        BLOCK
    }

    public StochasticDepth {
        Check.rate("rate", rate);
    }

    /**
     * Creates stochastic depth per unit.
     *
     * @param rate the rate of the last unit, in [0, 1)
     * @param schedule the growth of the rate with depth
     * @param mode the samples that are dropped together
     * @param rescale the rescaling of the branch
     */
    public StochasticDepth(double rate, Schedule schedule, Mode mode, Rescale rescale) {
        this(rate, schedule, mode, rescale, Per.UNIT);
    }

    /**
     * {@return the linear schedule of the paper, by samples}
     *
     * @param rate the rate of the last unit, in [0, 1)
     */
    @Shorthand
    public static StochasticDepth of(double rate) {
        return Defaults.of(StochasticDepth.class).withRate(rate);
    }

    /**
     * {@return the layers of one block, which are dropped together if this is per block}
     *
     * @param name the name of the block
     * @param block the index of the block, from 0
     * @param blocks the number of blocks
     * @param units the residual units of the block
     */
    public LayerSpec block(String name, int block, int blocks, List<LayerSpec> units) {
        boolean together = per == Per.BLOCK && rate > 0;
        return together
                ? new LayerDrop(name, withPer(Per.UNIT).at(block, blocks), units)
                : new Sequential(name, units);
    }

    /**
     * Requires drop paths per unit.
     *
     * @param family a family whose blocks are residual units, with its article
     */
    public void requirePerUnit(String family) {
        Check.that(
                per == Per.UNIT,
                "stochasticDepth.per must be unit in %s, whose blocks are units, got block",
                family);
    }

    /**
     * {@return the drop path of one unit; none if blocks are dropped}
     *
     * @param unit its index, from 0
     * @param units the number of units
     */
    public DropPathSpec at(int unit, int units) {
        return rate == 0 || per == Per.BLOCK
                ? DropPathSpec.NONE
                : new DropPathSpec(rate * schedule.share(unit, units), mode, rescale);
    }
}
