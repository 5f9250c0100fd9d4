package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.function.Supplier;

/**
 * What the layers of one network keep of the positions that earlier passes over the same sequences
 * have computed, so that a pass computes only the new ones: keys and values of attention, what a
 * decoder reads of its source.
 *
 * <p>A layer that asks for it in every pass, in the same order, is computed with or without a past
 * and captured as a graph by the same lines; see {@link ArrayCache} for one that holds arrays.
 */
public interface Cache {

    /**
     * How many positions have been computed.
     *
     * @return the number, also the index of the first new one
     */
    int length();

    /**
     * Called as a pass begins.
     *
     * @param samples how many it has, the same in every pass
     * @throws IllegalArgumentException if it has another number of samples
     */
    void begin(long samples);

    /**
     * Takes in what a layer has computed for new positions.
     *
     * @param pass the pass that computes it
     * @param layer the layer
     * @param rows arrays {@code (B, T, D)}, of T new positions each; the caller may close them
     * @return as many arrays {@code (B, K, D)} with all positions so far, which stay the past's
     */
    Rows append(ForwardPass pass, Layer layer, NDList rows);

    /**
     * What a layer computes in the first pass and reads in all.
     *
     * @param pass the pass
     * @param layer the layer
     * @param first computes it, {@code (B, S, ...)} of S positions that stay; the past takes the
     *     arrays over
     * @return what was computed in the first pass
     */
    NDList once(ForwardPass pass, Layer layer, Supplier<NDList> first);

    /**
     * What depends on where the new positions are.
     *
     * @param pass the pass
     * @param recipe how to make it
     * @param <T> what it makes
     * @return what it has made
     */
    <T> T placed(ForwardPass pass, Placed<T> recipe);

    /**
     * Arrays of all positions so far.
     *
     * @param arrays {@code (B, K, D)} each; K is at least the number of positions, and rows that
     *     hold none must not be read
     * @param fresh the row of the first new position; those of the past begin at row 0
     */
    record Rows(NDList arrays, int fresh) {}

    /**
     * Where a pass is.
     *
     * @param samples how many sequences
     * @param first the first new position
     * @param rows how many rows {@link Rows#arrays} have; 0 if there are none
     */
    record Place(long samples, int first, int rows) {}

    /**
     * A recipe that depends on where the pass is, as that of a table of positions or a mask.
     *
     * @param <T> what it makes
     */
    interface Placed<T> extends ForwardPass.Shared<T> {

        /**
         * The recipe for another pass over one new position.
         *
         * @param place where that pass is
         * @return the same, or an equal recipe, if it makes the same there
         */
        Placed<T> at(Place place);

        /**
         * The arrays of what it has made.
         *
         * @param made by {@link #make}
         * @return as many of the same shape at every place, but for what is as long as {@link
         *     Place#rows} or {@link Place#samples}
         */
        NDList arrays(T made);

        /**
         * The other way round.
         *
         * @param arrays as from {@link #arrays}
         * @return what holds them
         */
        T of(NDList arrays);
    }

    /** A recipe of one array. */
    interface PlacedArray extends Placed<NDArray> {
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
