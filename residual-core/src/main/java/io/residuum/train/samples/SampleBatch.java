package io.residuum.train.samples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Values;
import io.residuum.loss.Target;
import io.residuum.train.TrainingBatch;
import java.util.Map;

/**
 * The arrays of several samples.
 *
 * @param samples the number of samples
 * @param inputs stacked arrays by name, the first input of the network first
 * @param targets the targets by the name of the output
 */
record SampleBatch(int samples, Map<String, Tensor> inputs, Map<String, Target> targets)
        implements TrainingBatch {

    @Override
    public NDList inputs(NDManager manager, DataType type) {
        NDList list = new NDList();
        inputs.forEach(
                (name, tensor) -> {
                    NDArray array = array(manager, tensor, type);
                    if (!list.isEmpty()) {
                        array.setName(name);
                    }
                    list.add(array);
                });
        return list;
    }

    private static NDArray array(NDManager manager, Tensor tensor, DataType type) {
        if (tensor instanceof Tensor.Numbers numbers) {
            return Values.create(manager, numbers.values(), numbers.shape(), type);
        }
        Tensor.Integers integers = (Tensor.Integers) tensor;
        return Values.create(manager, integers.values(), integers.shape());
    }
}
