package io.residuum.optim;

import static io.residuum.optim.ParameterGroups.in;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Updates one parameter from its gradient and its state. */
interface Rule {

    /** Returns the names of the arrays of state, each in the shape of the parameter. */
    List<String> slots();

    /** Returns the first value of an array of state. */
    default double initial(String slot) {
        return 0;
    }

    /** Changes the parameter and its state in place. */
    void update(Step step);

    /**
     * An update of one parameter.
     *
     * @param ops the operations
     * @param weight the parameter, changed in place
     * @param gradient its gradient, not to be changed; results belong to the scratch manager
     * @param state its live state by slot
     * @param rate the learning rate of the parameter
     * @param decay the weight decay of the parameter, 0 for none
     * @param number the index of the update, from 1
     * @param scratch owns temporary arrays
     */
    record Step(
            Ops ops,
            NDArray weight,
            NDArray gradient,
            Map<String, NDArray> state,
            double rate,
            double decay,
            long number,
            NDManager scratch) {

        /** Returns a copy whose results belong to the scratch manager. */
        NDArray copy(NDArray array) {
            return in(scratch, array.duplicate());
        }

        NDArray slot(String name) {
            return Objects.requireNonNull(state.get(name));
        }

        /** Moves a slot to {@code beta slot + (1 - beta) x} and returns a copy. */
        NDArray average(String name, double beta, NDArray x) {
            return accumulate(name, beta, ops.mul(x, 1 - beta));
        }

        /** Moves a slot to {@code factor slot + x} and returns a copy. */
        NDArray accumulate(String name, double factor, NDArray x) {
            return copy(slot(name).muli(factor).addi(x));
        }

        /** Divides an average that began at zero by its weights' sum. */
        NDArray corrected(NDArray average, double beta) {
            return ops.div(average, 1 - Math.pow(beta, number));
        }

        /** Subtracts the share {@code rate decay} from the weight (decoupled weight decay). */
        void decayWeight() {
            if (decay > 0) {
                weight.muli(1 - rate * decay);
            }
        }

        /** Returns the gradient plus {@code decay weight}. */
        NDArray decayedGradient() {
            return decay > 0 ? gradient.add(in(scratch, ops.mul(weight, decay))) : gradient;
        }

        void subtract(NDArray direction, double factor) {
            weight.subi(ops.mul(direction, factor));
        }
    }
}
