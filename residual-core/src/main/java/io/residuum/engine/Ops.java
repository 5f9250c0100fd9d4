package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The operations that differ between engines. Stateless, with one instance per engine. */
public interface Ops extends SpatialOps, HeadOps {

    /** Returns the operations of a manager's engine. */
    static Ops of(NDManager manager) {
        if (manager instanceof Source source) {
            return source.ops();
        }
        String name = manager.getEngine().getEngineName();
        return switch (name) {
            case "MXNet" -> MxOps.INSTANCE;
            case "PyTorch" -> PtOps.INSTANCE;
            default ->
                    throw new BackendException(
                            "engine must be MXNet or PyTorch, got %s: choose one with --engine"
                                    .formatted(name));
        };
    }

    /** Returns the number of threads that one operation may use on the CPU. */
    int threads();

    /**
     * Returns true if closing an array waits until it has been computed. MXNet computes
     * asynchronously, so a close right after the use of an array would block the caller.
     */
    boolean closingWaits();

    /** Returns true if this thread records operations for gradients. */
    boolean recording();

    /** Stops recording until the result is closed. Includes {@link #exclusive}. */
    Pause pauseRecording();

    /**
     * Blocks other callers of this method until the result is closed, if the engine needs that.
     * MXNet adds an operation to the queue of each array that it writes, one array after another.
     * Without the lock, operations of two threads that write the same arrays (even scratch memory)
     * can deadlock. The lock covers the enqueueing of operations, not their computation.
     */
    Pause exclusive();

    /**
     * Returns true if a backward pass replaces gradients instead of adding to them, as MXNet does.
     * The gradients of unused parameters then stay as they were.
     */
    boolean overwritesGradients();

    /**
     * Starts to copy an array to Java. On a GPU the result waits for the array only, and not for
     * operations that were enqueued after this call.
     *
     * @param array a float32 array, which must stay open until the result is read
     * @return a call that waits for the values and returns them in row-major order
     */
    default Supplier<float[]> fetch(NDArray array) {
        return array::toFloatArray;
    }

    /** Returns memory of a GPU that the engine keeps for later arrays. */
    default void freeCachedMemory() {}

    /** Returns true if programs that recompute activations save memory. MXNet needs more. */
    default boolean recomputingSavesMemory() {
        return true;
    }

    /**
     * {@return fused updates of fixed arrays; empty if the engine has none}
     *
     * @param owner the manager that owns the updates' own memory
     * @param weights the trained arrays, all of one type
     * @param gradients one gradient per weight
     * @param first one velocity or first moment per weight, or none
     * @param second one second moment per weight, or none
     */
    default Optional<FusedOptimizer> fusedOptimizer(
            NDManager owner,
            List<NDArray> weights,
            List<NDArray> gradients,
            List<NDArray> first,
            List<NDArray> second) {
        return Optional.empty();
    }

    /**
     * Normalizes by the batch's statistics and immediately updates the running ones: {@code running
     * = (1 - momentum) * running + momentum * batch}, with the unbiased variance (Ioffe and Szegedy
     * 2015, Algorithms 1 and 2; PyTorch's definition of momentum).
     *
     * @param x {@code (N, C)} or {@code (N, C, ...)}
     * @param gamma {@code (C)}
     * @param beta {@code (C)}
     * @param runningMean {@code (C)}, changed in place
     * @param runningVar {@code (C)}, changed in place
     * @param eps added to the variance
     * @param momentum the weight of the batch's statistics
     * @return an array in the shape of x
     */
    NDArray batchNormTraining(
            NDArray x,
            NDArray gamma,
            NDArray beta,
            NDArray runningMean,
            NDArray runningVar,
            float eps,
            float momentum);

    /**
     * {@return x normalized by given statistics} Gradients flow in training as well (frozen batch
     * norm).
     *
     * @param x {@code (N, C)} or {@code (N, C, ...)}
     * @param gamma {@code (C)}
     * @param beta {@code (C)}
     * @param mean {@code (C)}
     * @param variance {@code (C)}
     * @param eps added to the variance
     */
    NDArray batchNormInference(
            NDArray x, NDArray gamma, NDArray beta, NDArray mean, NDArray variance, float eps);

    /**
     * {@return the layer norm of x over the last axis (Ba et al. 2016, arXiv:1607.06450)}
     *
     * @param x {@code (..., C)}
     * @param gamma {@code (C)}
     * @param beta {@code (C)}
     * @param eps added to the variance
     */
    NDArray layerNorm(NDArray x, NDArray gamma, NDArray beta, float eps);

    /**
     * {@return x times factors plus offsets along one axis}
     *
     * @param x any shape, with size F on the axis
     * @param axis the axis, from 0
     * @param factors {@code (F)}
     * @param offsets {@code (F)}, or null for none
     */
    default NDArray affine(NDArray x, int axis, NDArray factors, @Nullable NDArray offsets) {
        long[] dims = new long[x.getShape().dimension()];
        Arrays.fill(dims, 1);
        dims[axis] = factors.size();
        Shape broadcast = new Shape(dims);
        NDArray scaled = x.mul(shaped(x, factors, broadcast));
        return offsets == null ? scaled : scaled.add(shaped(x, offsets, broadcast));
    }

    /** Reshapes in x's manager: a result in the parameter's manager would never be freed. */
    private static NDArray shaped(NDArray x, NDArray values, Shape shape) {
        NDArray shaped = values.reshape(shape);
        shaped.attach(x.getManager());
        return shaped;
    }

    /**
     * Applies dropout as in training, recorded or not: zeroes random elements and divides the rest
     * by {@code 1 - rate}.
     *
     * @param x any shape
     * @param rate the share of elements to drop, in (0, 1)
     * @return an array in the shape of x
     */
    NDArray dropout(NDArray x, float rate);

    /**
     * {@return the batched matrix product {@code (B, N, M)}, by the engine's fastest kernel}
     *
     * @param a {@code (B, N, K)}
     * @param b {@code (B, K, M)}
     */
    NDArray batchedProduct(NDArray a, NDArray b);

    /**
     * {@return the batched matrix product {@code a b'}, {@code (B, N, M)}, without a copy of b}
     *
     * @param a {@code (B, N, K)}
     * @param b {@code (B, M, K)}
     */
    NDArray batchedProductTransposed(NDArray a, NDArray b);

    /**
     * Updates a weight and its moments in place by Adam (Kingma and Ba 2015, arXiv:1412.6980,
     * Algorithm 1): {@code weight -= step * mean / (sqrt(square) + eps)} with the updated moments.
     *
     * @param weight the trained array
     * @param gradient its gradient, not changed
     * @param mean the running mean of gradients
     * @param square the running mean of their squares
     * @param settings the numbers of this step, with bias correction
     * @param scratch the owner of temporary arrays
     */
    default void adam(
            NDArray weight,
            NDArray gradient,
            NDArray mean,
            NDArray square,
            Adam settings,
            NDManager scratch) {
        NDArray part = gradient.mul(1 - settings.beta1());
        part.attach(scratch);
        mean.muli(settings.beta1()).addi(part);
        NDArray squared = gradient.square();
        squared.attach(scratch);
        square.muli(settings.beta2()).addi(squared.muli(1 - settings.beta2()));
        NDArray root = square.sqrt();
        root.attach(scratch);
        NDArray change = mean.div(root.addi(settings.eps()));
        change.attach(scratch);
        weight.subi(change.muli(settings.step()));
    }

    /**
     * The numbers of one Adam step.
     *
     * @param step the learning rate, with bias correction
     * @param beta1 the decay rate of the mean
     * @param beta2 the decay rate of the mean square
     * @param eps added to the root, with bias correction
     */
    record Adam(double step, double beta1, double beta2, double eps) {}

    /** Computes the mean over all pixels, {@code (N, C, H, W) -> (N, C, 1, 1)}. */
    default NDArray meanOfImages(NDArray x) {
        Shape image = x.getShape().slice(2);
        return x.getNDArrayInternal().avgPool(image, new Shape(1, 1), new Shape(0, 0), false, true);
    }

    /** Returns the elements of an axis from begin to before end. */
    default NDArray slice(NDArray x, int axis, long begin, long end) {
        return x.get(new NDIndex().addAllDim(axis).addSliceDim(begin, end));
    }

    /**
     * Multiplies every element by a number.
     *
     * <p>Layers and losses use this and the methods below instead of {@code NDArray.mul(Number)}.
     * DJL's PyTorch engine turns a number into an array over Java memory and closes it at once, but
     * libtorch keeps the address for the backward pass. After a garbage collection that memory
     * holds something else, and the gradients are wrong.
     */
    default NDArray mul(NDArray x, Number number) {
        return x.mul(number);
    }

    /** Divides every element by a number. */
    default NDArray div(NDArray x, Number number) {
        return x.div(number);
    }

    /** Adds a number to every element. */
    default NDArray add(NDArray x, Number number) {
        return x.add(number);
    }

    /** Raises every element to a power. */
    default NDArray pow(NDArray x, Number exponent) {
        return x.pow(exponent);
    }

    /** Subtracts a number from every element. */
    default NDArray sub(NDArray x, Number number) {
        return x.sub(number);
    }

    /** Replaces elements below a bound by the bound. */
    default NDArray maximum(NDArray x, Number bound) {
        return x.maximum(bound);
    }

    /** Replaces elements above a bound by the bound. */
    default NDArray minimum(NDArray x, Number bound) {
        return x.minimum(bound);
    }

    /** Computes {@code x sigmoid(x)}. PyTorch's {@code swish} multiplies by a Java number. */
    default NDArray silu(NDArray x) {
        return x.getNDArrayInternal().swish(1f);
    }

    /**
     * {@return a new array in engine memory, which views and recorded operations may keep}
     *
     * @param manager the owner of the result
     * @param values a buffer of the result's type
     * @param shape the shape of the result
     * @param type the type of the result
     */
    default NDArray create(NDManager manager, Buffer values, Shape shape, DataType type) {
        return manager.create(values, shape, type);
    }

    /**
     * {@return an array with new positions around it}
     *
     * @param x {@code (N, C)} and one to three axes of positions
     * @param before new positions before the first, one size per axis of positions
     * @param after new positions after the last
     * @param value the value of the new positions; negative infinity may become the lowest number
     *     of float32
     */
    NDArray pad(NDArray x, Shape before, Shape after, double value);

    /** Adds arrays of one shape. The sum belongs to the manager of the first. */
    default NDArray add(NDArray a, NDArray b) {
        return a.add(b);
    }

    /**
     * {@return a constant ready for {@link #add}: a broadcast copy, or itself if broadcasting is as
     * fast}
     *
     * @param constant an array that broadcasts to the shape
     * @param shape the shape of the other operand
     */
    default NDArray addend(NDArray constant, Shape shape) {
        return constant;
    }

    /**
     * Replaces rows of a three-dimensional array in place. Call it outside recording.
     *
     * @param target {@code (B, N, K)}, changed
     * @param at the first row to replace
     * @param rows {@code (B, M, K)}, with {@code at + M <= N}
     */
    default void write(NDArray target, long at, NDArray rows) {
        target.set(new NDIndex(":, {}:{}", at, at + rows.getShape().get(1)), rows);
    }

    /**
     * {@return one random number per sample, {@code (N)}, drawn in Java for this forward pass}
     *
     * @param manager the owner of the result
     * @param draw maps the number of samples to that many numbers
     * @param samples N
     * @param type the type of the result
     */
    default NDArray drawn(
            NDManager manager, LongFunction<float[]> draw, long samples, DataType type) {
        return Values.create(manager, draw.apply(samples), new Shape(samples), type);
    }

    /**
     * Returns true while operations are only traced for later runs. A layer's decisions in Java are
     * then fixed for all runs. False on the engines.
     */
    default boolean captures() {
        return false;
    }

    /** A manager with its own implementation of the operations. */
    interface Source {
        /** Returns the operations for this manager's arrays. */
        Ops ops();
    }

    /** A lock or pause that ends with close. */
    interface Pause extends AutoCloseable {
        @Override
        void close();
    }
}
