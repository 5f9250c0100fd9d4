package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.function.Supplier;

/**
 * A cache of what layers computed for earlier positions (keys, values, the encoder's output), so
 * that a forward pass computes only the new ones.
 *
 * <p>A layer must use it in every pass, in the same order. The same lines then compute with and
 * without a cache and are captured as a graph. {@link ArrayCache} holds arrays.
 */
public interface Cache {

    /**
     * {@return the number of positions computed so far, which is the index of the first new
     * position}
     */
    int length();

    /**
     * Prepares for a forward pass.
     *
     * @param samples the batch size, equal in all passes
     * @throws IllegalArgumentException if earlier passes had another batch size
     */
    void begin(long samples);

    /**
     * Appends a layer's rows for the new positions.
     *
     * @param pass the pass that computes them
     * @param rows arrays {@code (B, T, D)} for T new positions each; the caller may close them
     * @return one array {@code (B, K, D)} per input with all K positions so far. The cache or the
     *     pass owns them; do not close them.
     */
    Rows append(ForwardPass pass, Layer layer, NDList rows);

    /**
     * Returns arrays that a layer computes in the first pass and reads in all passes.
     *
     * @param first computes arrays {@code (B, S, ...)} for a fixed number S of positions; the cache
     *     takes ownership
     */
    NDList once(ForwardPass pass, Layer layer, Supplier<NDList> first);

    /**
     * {@return the object of a recipe that depends on the indices of the new positions}
     *
     * @param recipe makes the object
     * @param <T> the type of the object
     */
    <T> T positionDependent(ForwardPass pass, PositionDependent<T> recipe);

    /**
     * Rows of all positions so far.
     *
     * @param arrays {@code (B, K, D)} each. K may exceed the number of positions; do not read the
     *     rest.
     * @param firstNew the row of the first new position; earlier positions begin at row 0
     */
    record Rows(NDList arrays, int firstNew) {}

    /**
     * The position of a forward pass in its sequences.
     *
     * @param samples the number of sequences
     * @param first the index of the first new position
     * @param rows the number of rows of {@link Rows#arrays}; 0 without any
     */
    record Position(long samples, int first, int rows) {}

    /**
     * A recipe that depends on the positions of a pass, such as a causal mask or a position table.
     *
     * @param <T> the type of the object
     */
    interface PositionDependent<T> extends ForwardPass.Shared<T> {

        /**
         * {@return the recipe for a pass over one new position; this or an equal recipe if the
         * object does not change}
         *
         * @param position the position of that pass
         */
        PositionDependent<T> at(Position position);

        /**
         * Splits an object into its arrays. Their shapes do not depend on the position, except for
         * dimensions equal to {@link Position#rows} or {@link Position#samples}.
         *
         * @param made a result of {@link #make}
         */
        NDList arrays(T made);

        /**
         * {@return an object from its arrays}
         *
         * @param arrays as returned by {@link #arrays}
         */
        T of(NDList arrays);
    }

    /** A position-dependent recipe whose object is one array. */
    interface PositionDependentArray extends PositionDependent<NDArray> {
        @Override
        default NDList arrays(NDArray made) {
            return new NDList(made);
        }

        @Override
        default NDArray of(NDList arrays) {
            return arrays.head();
        }
    }
}
