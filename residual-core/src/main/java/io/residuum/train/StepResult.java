package io.residuum.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Backend;
import io.residuum.loss.ClassLoss;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The result of one forward and backward pass, or of several together.
 *
 * @param samples the number of images, tokens or texts
 * @param outputs the losses of the outputs that learn, in the order of the network
 */
public record StepResult(long samples, List<OutputLoss> outputs) {
    /** The result of no pass. */
    public static final StepResult NONE = new StepResult(0, List.of());

    public StepResult {
        outputs = List.copyOf(outputs);
    }

    /** {@return the result of these passes and others, with means over the targets of all} */
    public StepResult plus(StepResult other) {
        Map<String, OutputLoss> sums = new LinkedHashMap<>();
        outputs.forEach(o -> sums.put(o.output(), o));
        other.outputs.forEach(o -> sums.merge(o.output(), o, OutputLoss::plus));
        return new StepResult(samples + other.samples, List.copyOf(sums.values()));
    }

    /** {@return true if no target counts} */
    public boolean isEmpty() {
        return outputs.stream().allMatch(o -> o.count() == 0);
    }

    /** {@return the loss that training minimizes: the weighted sum of the outputs' means} */
    public double loss() {
        return outputs.stream().mapToDouble(o -> o.weight() * o.mean()).sum();
    }

    /** {@return the number of labels that are not ignored, over all outputs with classes} */
    public long labels() {
        return outputs.stream().mapToLong(OutputLoss::labels).sum();
    }

    /**
     * {@return the number of labels that have the highest output, over all outputs with classes;
     * for mixed images, the label of the first image counts}
     */
    public long correct() {
        return outputs.stream().mapToLong(OutputLoss::correct).sum();
    }

    /** {@return the accuracy of all labels, NaN if there are none} */
    public double accuracy() {
        return (double) correct() / labels();
    }

    /**
     * The loss of one output.
     *
     * @param output the name of the output; with {@code teacher} or {@code features} after it for a
     *     loss of distillation
     * @param weight the factor of the loss in the sum over all outputs
     * @param sum the summed loss
     * @param count what the sum is divided by to give the mean, see {@link
     *     io.residuum.loss.Loss#count}
     * @param labels the number of labels that are not ignored; 0 without classes
     * @param correct the number of these that have the highest output
     */
    public record OutputLoss(
            String output, double weight, double sum, double count, long labels, long correct) {

        /**
         * {@return the loss of the targets of both}
         *
         * @param other the loss of the same output in another pass
         */
        public OutputLoss plus(OutputLoss other) {
            return new OutputLoss(
                    output,
                    weight,
                    sum + other.sum,
                    count + other.count,
                    labels + other.labels,
                    correct + other.correct);
        }

        /** {@return the mean loss; 0 if nothing counts} */
        public double mean() {
            return count == 0 ? 0 : sum / count;
        }

        /** {@return the accuracy of the labels, NaN if there are none} */
        public double accuracy() {
            return (double) correct / labels;
        }
    }

    /**
     * A pass whose result is not read yet. Closing {@code results} also closes its children.
     *
     * @param numbers waits for the losses of the terms, which are the sums divided by the divisors,
     *     then the numbers of right answers of the terms with classes
     */
    record Pending(
            NDManager results,
            Supplier<double[]> numbers,
            int samples,
            List<Objective.Term> terms,
            double[] divisors) {

        /** Returns a call that waits for some numbers. On a GPU one copy fetches them. */
        static Supplier<double[]> fetched(NDList numbers, Backend backend) {
            if (!backend.device().isGpu()) {
                return () -> numbers.stream().mapToDouble(Pending::number).toArray();
            }
            NDList flat = new NDList();
            numbers.forEach(number -> flat.add(number.reshape(1)));
            Supplier<float[]> all = backend.ops().fetch(NDArrays.concat(flat));
            return () -> {
                float[] values = all.get();
                return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
            };
        }

        private static double number(NDArray scalar) {
            return scalar.getDataType() == DataType.FLOAT64
                    ? scalar.getDouble()
                    : scalar.getFloat();
        }

        /** Waits for the result and frees the arrays of the pass. */
        StepResult result() {
            double[] found = numbers.get();
            results.close();
            List<StepResult.OutputLoss> outputs = new ArrayList<>();
            int next = terms.size();
            for (int i = 0; i < terms.size(); i++) {
                Objective.Term term = terms.get(i);
                double sum = found[i] * divisors[i];
                int labels = term.loss() instanceof ClassLoss classes ? classes.counted() : 0;
                int correct =
                        term.loss() instanceof ClassLoss ? (int) Math.round(found[next++]) : 0;
                outputs.add(
                        new StepResult.OutputLoss(
                                term.name(),
                                term.weight(),
                                sum,
                                term.loss().count(),
                                labels,
                                correct));
            }
            return new StepResult(samples, outputs);
        }
    }
}
