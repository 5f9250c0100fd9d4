package io.residuum.graph.compile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.graph.Capture;
import io.residuum.graph.Program;
import java.util.List;
import java.util.function.LongFunction;

/**
 * A program, and in which order it wants its inputs.
 *
 * @param program the program
 * @param order the names of its inputs
 * @param draws what Java draws for each run
 */
record Compiled(Program program, List<String> order, List<LongFunction<float[]>> draws) {

    NDArray run(NDList inputs) {
        NDList ordered = new NDList(order.size() + draws.size());
        for (String name : order) {
            ordered.add(name.equals(Capture.DATA) ? inputs.head() : rider(inputs, name));
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
        return program.run(ordered).head();
    }

    private static NDArray rider(NDList inputs, String name) {
        for (NDArray input : inputs) {
            if (name.equals(input.getName())) {
                return input;
            }
        }
        throw new IllegalStateException("no rider " + name);
    }
}
