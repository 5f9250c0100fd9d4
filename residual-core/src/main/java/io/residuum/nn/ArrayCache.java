package io.residuum.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A cache that holds arrays. It writes new rows in place, so that a token does not copy earlier
 * rows. Rows after the last position hold undefined values. A cache begins empty and belongs to one
 * thread.
 */
public final class ArrayCache implements Cache, AutoCloseable {
    /** The growth of the capacity: few copies and few unused rows. */
    private static final int BLOCK = 128;

    private final NDManager manager;
    private final Map<Layer, Runs> kept = new LinkedHashMap<>();
    private final int first;
    private final DataType type;
    private int length;
    private long samples;

    /** The state of each run of a layer, several in one pass for tied weights. */
    private static final class Runs {
        private final List<State> states = new ArrayList<>();
        private int next;
    }

    /** The arrays of one run of a layer. They may grow with the positions. */
    private record State(NDList arrays, boolean grows) {}

    /**
     * A place of arrays.
     *
     * @param layer the layer that stores them
     * @param grows true if they have a row for each position
     * @param count the number of arrays
     */
    public record Slot(Layer layer, boolean grows, int count) {}

    /**
     * Creates an empty cache.
     *
     * @param owner a manager of the network's engine and device, which closes this cache when it
     *     closes
     */
    public ArrayCache(NDManager owner) {
        this(owner, 0);
    }

    /**
     * Creates an empty cache whose sequences begin at a later position, so that they can {@link
     * #join} longer ones. A mask must hide the positions before.
     *
     * @param owner a manager of the network's engine and device, which closes this cache when it
     *     closes
     * @param first the index of the first position, 0 or more
     */
    public ArrayCache(NDManager owner, int first) {
        this(owner, first, DataType.FLOAT32);
    }

    /**
     * Creates an empty cache that stores the rows that layers append in a type.
     *
     * @param owner as in {@link #ArrayCache(NDManager)}
     * @param first as in {@link #ArrayCache(NDManager, int)}
     * @param type float32, or float16 for half the memory: layers then read copies in their own
     *     type, and programs convert as they read
     * @throws IllegalArgumentException if it is another type
     */
    public ArrayCache(NDManager owner, int first, DataType type) {
        if (type != DataType.FLOAT32 && type != DataType.FLOAT16) {
            throw new IllegalArgumentException(
                    "a cache must store float32 or float16, got %s: engines have no other arrays of"
                                    .formatted(type.name().toLowerCase(Locale.ROOT))
                            + " 16 bits");
        }
        manager = owner.newSubManager();
        this.first = first;
        this.type = type;
        this.length = first;
    }

    @Override
    public int length() {
        return length;
    }

    /** {@return the type in which rows are stored; float32 also for networks of float64} */
    public DataType type() {
        return type;
    }

    /** {@return the type in which an array is stored} */
    private DataType stored(NDArray array) {
        return type == DataType.FLOAT16 ? type : array.getDataType();
    }

    /** {@return true before the first pass is complete} */
    public boolean isEmpty() {
        return length == first;
    }

    /** {@return the number of sequences, 0 before the first pass} */
    public long samples() {
        return samples;
    }

    @Override
    public void begin(long batch) {
        if (isEmpty()) {
            // A first pass that failed left arrays of other inputs.
            kept.clear();
            samples = batch;
        }
        if (batch != samples) {
            throw new IllegalArgumentException(
                    String.format(
                            "the batch must stay at the cache's %d samples, got %d; use a new"
                                    + " cache",
                            samples, batch));
        }
        kept.values().forEach(runs -> runs.next = 0);
    }

    @Override
    public Rows append(ForwardPass pass, Layer layer, NDList rows) {
        NDList all = store(pass, layer, rows);
        return new Rows(read(pass, all, rows.head().getDataType()), length);
    }

    /** {@return the arrays to which rows were appended, in the type of the cache} */
    public NDList store(ForwardPass pass, Layer layer, NDList rows) {
        NDList all = next(layer, true, NDList::new);
        for (NDArray added : rows.subNDList(all.size())) {
            Shape s = added.getShape();
            Shape room = new Shape(s.get(0), rounded(length + s.get(1)), s.get(2));
            all.add(zeros(room, stored(added)));
        }
        makeRoom(all, rows.head().getShape().get(1));
        write(pass.ops(), all, rows);
        return all;
    }

    /** {@return arrays in the type of a layer: these, or copies that end with the layer} */
    private static NDList read(ForwardPass pass, NDList arrays, DataType wanted) {
        NDList read = new NDList(arrays.size());
        for (NDArray array : arrays) {
            NDArray one = array.toType(wanted, false);
            if (one != array) {
                one.attach(pass.manager());
            }
            read.add(one);
        }
        return read;
    }

    private NDArray zeros(Shape shape, DataType stored) {
        if (stored != DataType.FLOAT16) {
            return manager.zeros(shape, stored);
        }
        // MXNet fills no arrays of float16.
        try (NDArray wide = manager.zeros(shape)) {
            return wide.toType(stored, true);
        }
    }

    private static long rounded(long positions) {
        return (positions + BLOCK - 1) / BLOCK * BLOCK;
    }

    /**
     * Grows all arrays that grow with the positions, so that new positions fit.
     *
     * @param positions the number of new positions
     */
    public void makeRoom(int positions) {
        states().filter(State::grows).forEach(state -> makeRoom(state.arrays(), positions));
    }

    private void makeRoom(NDList arrays, long positions) {
        long end = length + positions;
        for (int i = 0; i < arrays.size(); i++) {
            NDArray array = arrays.get(i);
            Shape s = array.getShape();
            if (end > s.get(1)) {
                Shape more = new Shape(s.get(0), rounded(end) - s.get(1), s.get(2));
                try (NDArray zeros = zeros(more, array.getDataType())) {
                    NDArray longer = NDArrays.concat(new NDList(array, zeros), 1);
                    longer.attach(manager);
                    array.close();
                    arrays.set(i, longer);
                }
            }
        }
    }

    /**
     * Writes rows of new positions in place.
     *
     * @param ops the operations of the engine
     * @param arrays arrays from {@link #state}, with room for the rows
     * @param rows one {@code (B, T, D)} per array
     */
    public void write(Ops ops, NDList arrays, NDList rows) {
        for (int i = 0; i < arrays.size(); i++) {
            NDArray row = rows.get(i).toType(arrays.get(i).getDataType(), false);
            ops.write(arrays.get(i), length, row);
            if (row != rows.get(i)) {
                row.close();
            }
        }
    }

    @Override
    public NDList once(ForwardPass pass, Layer layer, Supplier<NDList> first) {
        return next(
                layer,
                false,
                () -> {
                    NDList made = first.get();
                    made.attach(manager);
                    return made;
                });
    }

    @Override
    public <T> T positionDependent(ForwardPass pass, PositionDependent<T> recipe) {
        return recipe.make(pass);
    }

    private NDList next(Layer layer, boolean grows, Supplier<NDList> beginning) {
        Runs runs = kept.computeIfAbsent(layer, l -> new Runs());
        int run = runs.next++;
        if (run == runs.states.size()) {
            runs.states.add(new State(beginning.get(), grows));
        }
        return runs.states.get(run).arrays();
    }

    private Stream<State> states() {
        return kept.values().stream().flatMap(runs -> runs.states.stream());
    }

    /**
     * {@return the arrays that a layer stored with {@link #append} or {@link #once}}
     *
     * @param run the index of the layer's run in a pass, from 0
     * @throws IllegalArgumentException if the layer has not used this cache
     */
    public NDList state(Layer layer, int run) {
        Runs runs = kept.get(layer);
        if (runs == null || run >= runs.states.size()) {
            throw new IllegalArgumentException(
                    "the cache must hold arrays of run "
                            + run
                            + " of "
                            + layer.describe()
                            + ", got none; compute a first pass with this cache");
        }
        return runs.states.get(run).arrays();
    }

    /** {@return the places of all arrays, in the order in which layers first used this cache} */
    public List<Slot> slots() {
        List<Slot> slots = new ArrayList<>();
        kept.forEach(
                (layer, runs) ->
                        runs.states.forEach(
                                s -> slots.add(new Slot(layer, s.grows(), s.arrays().size()))));
        return slots;
    }

    /** {@return all arrays in the order of {@link #slots}, without free rows} */
    public NDList arrays() {
        NDList all = new NDList();
        NDIndex used = new NDIndex(":, {}:{}", first, length);
        states().forEach(s -> s.arrays().forEach(a -> all.add(s.grows() ? a.get(used) : a)));
        return all;
    }

    /**
     * Replaces the sequences by some of them in any order, perhaps several times, as a beam search
     * needs.
     *
     * @param sequences the index of the sequence that each new one copies
     */
    public void select(int... sequences) {
        try (NDManager scratch = manager.newSubManager()) {
            long[] ids = Arrays.stream(sequences).asLongStream().toArray();
            NDArray chosen = Values.create(scratch, ids, new Shape(ids.length));
            states().forEach(state -> state.arrays().replaceAll(a -> selected(a, chosen)));
        }
        samples = sequences.length;
    }

    private NDArray selected(NDArray array, NDArray chosen) {
        Shape shape = array.getShape();
        long[] dims = shape.getShape().clone();
        dims[0] = dims[0] / samples * chosen.size();
        // Heads of a sequence are neighbours in the first axis.
        try (NDArray rows = array.reshape(samples, -1)) {
            NDArray copies = rows.get(chosen).reshape(new Shape(dims));
            copies.attach(manager);
            array.close();
            return copies;
        }
    }

    /**
     * Adds the sequences of other caches after those of this one. Close the other caches
     * afterwards.
     *
     * @param others caches of the same network, which has no encoder, with as many positions
     * @throws IllegalArgumentException if they have another number of positions
     */
    public void join(List<ArrayCache> others) {
        List<ArrayCache> all = new ArrayList<>(List.of(this));
        all.addAll(others);
        int rows = all.stream().mapToInt(ArrayCache::rows).max().orElseThrow();
        for (ArrayCache cache : all) {
            if (cache.length != length) {
                throw new IllegalArgumentException(
                        String.format(
                                "sequences must have the %d positions of those that they join, got"
                                        + " %d; begin their cache %d positions later",
                                length, cache.length, length - cache.length));
            }
            cache.makeRoom(rows - length);
        }
        kept.forEach(
                (layer, runs) -> {
                    for (int run = 0; run < runs.states.size(); run++) {
                        NDList own = runs.states.get(run).arrays();
                        for (int i = 0; i < own.size(); i++) {
                            NDList parts = new NDList();
                            for (ArrayCache cache : all) {
                                parts.add(cache.state(layer, run).get(i));
                            }
                            NDArray joined = NDArrays.concat(parts, 0);
                            joined.attach(manager);
                            own.get(i).close();
                            own.set(i, joined);
                        }
                    }
                });
        samples = all.stream().mapToLong(ArrayCache::samples).sum();
    }

    private int rows() {
        long rows =
                states().filter(State::grows)
                        .mapToLong(state -> state.arrays().head().getShape().get(1))
                        .max()
                        .orElse(length);
        return Math.toIntExact(rows);
    }

    /** {@return the shapes of all arrays, in the order in which layers first used this cache} */
    public List<Shape> shapes() {
        return states().flatMap(s -> s.arrays().stream()).map(NDArray::getShape).toList();
    }

    /** {@return the memory of all arrays in bytes} */
    public long bytes() {
        return states().flatMap(s -> s.arrays().stream())
                .mapToLong(a -> a.getShape().size() * a.getDataType().getNumOfBytes())
                .sum();
    }

    /**
     * Records that a pass is complete.
     *
     * @param positions the number of positions it computed
     */
    public void advance(int positions) {
        length += positions;
    }

    @Override
    public void close() {
        manager.close();
    }
}
