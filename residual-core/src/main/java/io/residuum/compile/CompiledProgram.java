package io.residuum.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.graph.trace.Capture;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * A program of a network with the order of its inputs.
 *
 * @param forward computes the output from the inputs in that order, then the draws
 * @param closing frees the program
 * @param order the names of the inputs
 * @param draws the random numbers that Java draws for each run, by batch size
 * @param ids the inputs that are ids
 */
record CompiledProgram(
        Function<NDList, ForwardResult> forward,
        Runnable closing,
        List<String> order,
        List<LongFunction<float[]>> draws,
        IdRanges ids) {

    void close() {
        closing.run();
    }

    ForwardResult record(NDList inputs) {
        ids.require(Ops.of(inputs.head().getManager()), inputs);
        NDList ordered = new NDList(order.size() + draws.size());
        for (String name : order) {
            ordered.add(name.equals(Capture.DATA) ? inputs.head() : sideInput(inputs, name));
        }
        NDArray head = inputs.head();
        long batch = head.getShape().get(0);
        for (LongFunction<float[]> draw : draws) {
            ordered.add(
                    Values.create(
                            head.getManager(),
                            draw.apply(batch),
                            new Shape(batch),
                            DataType.FLOAT32));
        }
        return forward.apply(ordered);
    }

    private static NDArray sideInput(NDList inputs, String name) {
        for (NDArray input : inputs) {
            if (name.equals(input.getName())) {
                return input;
            }
        }
        throw new IllegalStateException(
                "the program needs the side input " + name + ", found none");
    }
}
