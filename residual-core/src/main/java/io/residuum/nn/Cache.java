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
     * Returns the number of positions computed so far.
     *
     * @return the number, which is the index of the first new position
     */
    int length();

    /**
     * Called when a pass begins.
     *
     * @param samples the batch, the same in every pass
     * @throws IllegalArgumentException if the cache has another number of samples
     */
    void begin(long samples);

    /**
     * Appends a layer's rows for the new positions.
     *
     * @param pass the pass that computes them
     * @param layer the layer
     * @param rows arrays {@code (B, T, D)} for T new positions each; the caller may close them
     * @return one array {@code (B, K, D)} per input with all K positions so far. The cache owns
     *     them; do not close them.
     */
    Rows append(ForwardPass pass, Layer layer, NDList rows);

    /**
     * Returns arrays that a layer computes in the first pass and reads in all.
     *
     * @param pass the pass
     * @param layer the layer
     * @param first computes them, {@code (B, S, ...)} for S positions that stay; the cache takes
     *     ownership
     * @return the arrays of the first pass
     */
    NDList once(ForwardPass pass, Layer layer, Supplier<NDList> first);

    /**
     * Makes what depends on the indices of the new positions.
     *
     * @param pass the pass
     * @param recipe makes it
     * @param <T> the type of the result
     * @return the result
     */
    <T> T positionDependent(ForwardPass pass, PositionDependent<T> recipe);

    /**
     * Arrays of all positions so far.
     *
     * @param arrays {@code (B, K, D)} each; K is at least the number of positions, and other rows
     *     must not be read
     * @param fresh the row of the first new position; earlier positions begin at row 0
     */
    record Rows(NDList arrays, int fresh) {}

    /**
     * The place of a pass in its sequences.
     *
     * @param samples the number of sequences
     * @param first the first new position
     * @param rows the number of rows of {@link Rows#arrays}; 0 without any
     */
    record Place(long samples, int first, int rows) {}

    /**
     * A recipe that depends on the positions of a pass, such as that of a mask or a table of
     * positions.
     *
     * @param <T> the type of the result
     */
    interface PositionDependent<T> extends ForwardPass.Shared<T> {

        /**
         * Returns the recipe for a pass over one new position.
         *
         * @param place the place of that pass
         * @return this or an equal recipe if the result is the same there
         */
        PositionDependent<T> at(Place place);

        /**
         * Splits a result into its arrays. Their shapes do not depend on the position, except for
         * dimensions equal to {@link Place#rows} or {@link Place#samples}.
         *
         * @param made a result of {@link #make}
         * @return its arrays
         */
        NDList arrays(T made);

        /**
         * Joins arrays to a result.
         *
         * @param arrays as returned by {@link #arrays}
         * @return the result
         */
        T of(NDList arrays);
    }

    /** A recipe of one array. */
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
