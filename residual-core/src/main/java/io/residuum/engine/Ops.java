package io.residuum.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The operations that the engines do differently, in one vocabulary. Stateless; one instance an
 * engine.
 */
public interface Ops {

    /** Returns the operations of the engine that a manager belongs to. */
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
                            "engine must be MXNet or PyTorch, got "
                                    + name
                                    + ": choose one with --engine");
        };
    }

    /** Returns the number of threads that one operation may use on the CPU. */
    int threads();

    /**
     * Returns true if closing an array waits until it has been computed. MXNet runs behind its
     * caller, so a close right after the use of an array would make the caller wait for the engine.
     */
    boolean closingWaits();

    /** Returns true if this thread records operations for gradients. */
    boolean recording();

    /** Stops recording until it is closed, and is {@link #exclusive} as well. */
    Pause pauseRecording();

    /**
     * Makes other threads that ask for the same wait until it is closed, if the engine needs that.
     * MXNet takes an operation into the queue of each array that it writes, one array after
     * another. Two operations from two threads that write the same arrays, be it scratch memory,
     * may so wait for each other for ever. Operations are only handed over meanwhile, not computed.
     */
    Pause exclusive();

    /**
     * Returns true if a backward pass replaces gradients (and leaves those of unused parameters as
     * they were) instead of adding to them, as MXNet does.
     */
    boolean overwritesGradients();

    /**
     * Returns true if training takes less memory when activations are computed again for the
     * backward pass. MXNet takes more.
     */
    default boolean recomputingSavesMemory() {
        return true;
    }

    /**
     * Prepares fused updates of arrays that stay.
     *
     * @param owner frees what they need
     * @param weights what is trained, all of one type
     * @param gradients one for each
     * @param first the velocities or first moments, one for each, or none
     * @param second the second moments, one for each, or none
     * @return the updates; empty if the engine has none
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
     * Batch normalization over the statistics of the batch, which are also folded into the running
     * ones at once: {@code running = (1 - momentum) * running + momentum * batch}, with the
     * unbiased variance, on both engines (Ioffe and Szegedy 2015, Algorithms 1 and 2; PyTorch's
     * definition of momentum).
     *
     * @param x {@code (N, C)} or {@code (N, C, ...)}
     * @param gamma {@code (C)}
     * @param beta {@code (C)}
     * @param runningMean {@code (C)}, changed in place
     * @param runningVar {@code (C)}, changed in place
     * @param eps added to the variance
     * @param momentum the weight of the new statistics
     * @return the shape of x
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
     * Batch normalization by given statistics, differentiable in training as well (a frozen norm).
     *
     * @param x {@code (N, C)} or {@code (N, C, ...)}
     * @param gamma {@code (C)}
     * @param beta {@code (C)}
     * @param mean {@code (C)}
     * @param variance {@code (C)}
     * @param eps added to the variance
     * @return the shape of x
     */
    NDArray batchNormInference(
            NDArray x, NDArray gamma, NDArray beta, NDArray mean, NDArray variance, float eps);

    /**
     * Layer normalization over the last axis (Ba et al. 2016, arXiv:1607.06450).
     *
     * @param x {@code (..., C)}
     * @param gamma {@code (C)}
     * @param beta {@code (C)}
     * @param eps added to the variance
     * @return the shape of x
     */
    NDArray layerNorm(NDArray x, NDArray gamma, NDArray beta, float eps);

    /**
     * Multiplies and adds along one axis.
     *
     * @param x any shape, F long on the axis
     * @param axis the axis
     * @param factors {@code (F)}
     * @param offsets {@code (F)}, or null for none
     * @return the shape of x
     */
    default NDArray affine(NDArray x, int axis, NDArray factors, @Nullable NDArray offsets) {
        long[] dims = new long[x.getShape().dimension()];
        Arrays.fill(dims, 1);
        dims[axis] = factors.size();
        Shape broadcast = new Shape(dims);
        NDArray scaled = x.mul(shaped(x, factors, broadcast));
        return offsets == null ? scaled : scaled.add(shaped(x, offsets, broadcast));
    }

    /** A result belongs to the manager of its first operand: a parameter's would stay for ever. */
    private static NDArray shaped(NDArray x, NDArray values, Shape shape) {
        NDArray shaped = values.reshape(shape);
        shaped.attach(x.getManager());
        return shaped;
    }

    /**
     * Dropout as in training, recorded or not: zeroes elements drawn by the engine and divides the
     * rest by the share kept.
     *
     * @param x any shape
     * @param rate the share of elements dropped, in (0, 1)
     * @return the shape of x
     */
    NDArray dropout(NDArray x, float rate);

    /**
     * Matrix product of the last two axes of three-dimensional arrays, by the engine's fastest
     * kernel.
     *
     * @param a {@code (B, N, K)}
     * @param b {@code (B, K, M)}
     * @return {@code (B, N, M)}
     */
    NDArray batchedProduct(NDArray a, NDArray b);

    /**
     * Matrix product with the second operand transposed, which no engine needs to copy.
     *
     * @param a {@code (B, N, K)}
     * @param b {@code (B, M, K)}
     * @return {@code (B, N, M)}
     */
    NDArray batchedProductTransposed(NDArray a, NDArray b);

    /**
     * A step of Adam (Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1), in place: both moments
     * take in the gradient, then {@code weight -= step * mean / (sqrt(square) + eps)}.
     *
     * @param weight what is trained
     * @param gradient its gradient, which is left alone
     * @param mean the running mean of gradients
     * @param square the running mean of their squares
     * @param settings of the step, the corrections for the moments' start at zero among them
     * @param scratch owns what is only needed here
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
     * The numbers of a step of Adam.
     *
     * @param step the learning rate, corrected
     * @param beta1 how much of the mean is kept
     * @param beta2 how much of the mean square is kept
     * @param eps added to the root, corrected
     */
    record Adam(double step, double beta1, double beta2, double eps) {}

    /** Computes the mean over all pixels, {@code (N, C, H, W) -> (N, C, 1, 1)}. */
    default NDArray meanOfImages(NDArray x) {
        Shape image = x.getShape().slice(2);
        return x.getNDArrayInternal().avgPool(image, new Shape(1, 1), new Shape(0, 0), false, true);
    }

    /**
     * Multiplies every element by a number.
     *
     * <p>Layers and losses use this and its siblings below instead of {@code NDArray.mul(Number)}.
     * DJL's PyTorch engine turns a number into an array over Java memory and closes it at once, but
     * libtorch keeps the address for the backward pass. After a garbage collection that memory
     * holds something else, and so do the gradients.
     *
     * @param x any floating-point array
     * @param number the factor
     * @return the shape of x
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
     * Copies Java values into memory of the engine, which views and recorded operations may keep
     * for as long as they need it.
     *
     * @param manager owns the result
     * @param values a buffer of the type
     * @param shape of the result
     * @param type of the result, and of the buffer
     * @return a new array
     */
    default NDArray create(NDManager manager, Buffer values, Shape shape, DataType type) {
        return manager.create(values, shape, type);
    }

    /** Adds arrays of one shape; the sum belongs to the manager of the first. */
    default NDArray add(NDArray a, NDArray b) {
        return a.add(b);
    }

    /**
     * A constant as it is to be added to arrays of a shape with {@link #add}, or, where that is as
     * fast, by broadcasting.
     *
     * @param constant broadcasts to the shape
     * @param shape of what it is added to
     * @return the constant, or a copy in the shape
     */
    default NDArray addend(NDArray constant, Shape shape) {
        return constant;
    }

    /**
     * Replaces rows of a three-dimensional array in place, outside any recording.
     *
     * @param target {@code (B, N, K)}, changed
     * @param at the first row that is replaced
     * @param rows {@code (B, M, K)}, with {@code at + M <= N}
     */
    default void write(NDArray target, long at, NDArray rows) {
        target.set(new NDIndex(":, {}:{}", at, at + rows.getShape().get(1)), rows);
    }

    /**
     * Takes vectors of several heads apart and puts heads ahead of positions, as batched products
     * want them; heads of one group lie on top of each other.
     *
     * @param x {@code (N, T, (h1 + h2 + ...) width)}: queries, keys and values beside each other,
     *     or one of them
     * @param width the width of a head
     * @param groups G
     * @param heads how many heads each part has, multiples of G
     * @return each part {@code (N G, h / G T, width)}
     */
    NDList splitHeads(NDArray x, int width, int groups, int... heads);

    /**
     * One number a sample that Java draws for this pass.
     *
     * @param manager owns the result
     * @param draw is given the number of samples and draws as many numbers
     * @param samples N
     * @param type of the result
     * @return {@code (N)}
     */
    default NDArray drawn(
            NDManager manager, LongFunction<float[]> draw, long samples, DataType type) {
        return Values.create(manager, draw.apply(samples), new Shape(samples), type);
    }

    /**
     * Returns true if operations are only traced, to be computed often: what a layer then decides
     * in Java is decided for ever. False on the engines.
     */
    default boolean captures() {
        return false;
    }

    /** A manager that brings operations of its own. */
    interface Source {
        /** Returns the operations of its arrays. */
        Ops ops();
    }

    /** Ends a pause. */
    interface Pause extends AutoCloseable {
        @Override
        void close();
    }
}
