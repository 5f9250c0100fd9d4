package io.residuum.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.training.GradientCollector;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Garbage;
import io.residuum.testing.Seeds;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing that autograd records refers to memory that Java frees. */
@ExtendWith(Seeds.class)
class JavaMemoryTest {
    private static final Shape SHAPE = new Shape(2, 3);

    /** Several, since what reuses freed memory is left to chance. */
    private static final int ROUNDS = 3;

    private static final int COMPILED = 3000;
    private static final int COLLECTIONS = 12;

    private static final float[] INPUT = {.5f, 1, 2, 3, 4, 5};
    private static final float[] OTHER = {3, 1, .25f, 2, .5f, -1};
    private static final float[] ONES = {1, 1, 1, 1, 1, 1};

    /**
     * A recorded operation on an input and its gradient.
     *
     * @param apply computes from the input; closes whatever else it makes, as a layer may
     * @param gradient of the sum of the output
     */
    private record Case(Function<NDArray, NDArray> apply, float... gradient) {}

    private static final Map<String, Case> CASES = new LinkedHashMap<>();

    static {
        CASES.put("times 3", new Case(x -> ops(x).mul(x, 3f), 3, 3, 3, 3, 3, 3));
        CASES.put("times 0.1", new Case(x -> ops(x).mul(x, .1), .1f, .1f, .1f, .1f, .1f, .1f));
        CASES.put("by 4", new Case(x -> ops(x).div(x, 4), .25f, .25f, .25f, .25f, .25f, .25f));
        CASES.put("plus", new Case(x -> ops(x).add(x, 2).square(), 5, 6, 8, 10, 12, 14));
        CASES.put("minus", new Case(x -> ops(x).sub(x, 2).square(), -3, -2, 0, 2, 4, 6));
        CASES.put(
                "power", new Case(x -> ops(x).pow(x, -1), -4, -1, -.25f, -1 / 9f, -1 / 16f, -.04f));
        CASES.put("at least", new Case(x -> ops(x).maximum(x, 2.5), 0, 0, 0, 1, 1, 1));
        CASES.put("at most", new Case(x -> ops(x).minimum(x, 2.5), 1, 1, 1, 0, 0, 0));
        CASES.put("array", new Case(x -> with(x, floats(x, OTHER), NDArray::mul), OTHER));
        CASES.put("view", new Case(x -> with(x, view(x), NDArray::mul), OTHER));
        CASES.put("divisor", new Case(x -> with(x, floats(x, ONES), NDArray::div), ONES));
        CASES.put(
                "product of matrices",
                new Case(
                        x -> {
                            try (NDArray b = floats(x, OTHER).reshape(3, 2)) {
                                return x.matMul(b);
                            }
                        },
                        4,
                        2.25f,
                        -.5f,
                        4,
                        2.25f,
                        -.5f));
        CASES.put("axis", new Case(JavaMemoryTest::scaledRows, 2, 2, 2, -3, -3, -3));
        CASES.put("pick", new Case(JavaMemoryTest::picked, 0, 0, 1, 0, 1, 0));
        CASES.put("rows", new Case(JavaMemoryTest::rows, 1, 1, 1, 2, 2, 2));
        CASES.put("embedding", new Case(JavaMemoryTest::embedded, 1, 1, 1, 2, 2, 2));
        CASES.put("concatenated", new Case(JavaMemoryTest::concatenated, 3, 1, .25f, 2, .5f, -1));
    }

    private static Ops ops(NDArray x) {
        return Ops.of(x.getManager());
    }

    private static NDArray floats(NDArray x, float[] values) {
        return Values.create(x.getManager(), values, SHAPE, DataType.FLOAT32);
    }

    private static NDArray view(NDArray x) {
        try (NDArray whole = floats(x, OTHER)) {
            return whole.reshape(6, 1).reshape(SHAPE);
        }
    }

    private static NDArray with(NDArray x, NDArray other, BinaryOperator<NDArray> operation) {
        try (other) {
            return operation.apply(x, other);
        }
    }

    private static NDArray scaledRows(NDArray x) {
        try (NDArray factors =
                Values.create(
                        x.getManager(), new float[] {2, -3}, new Shape(2), DataType.FLOAT32)) {
            return ops(x).affine(x, 0, factors, null);
        }
    }

    private static NDArray picked(NDArray x) {
        try (NDArray index = Values.create(x.getManager(), new long[] {2, 1}, new Shape(2, 1))) {
            return x.get(new NDIndex().addAllDim(1).addPickDim(index));
        }
    }

    private static NDArray rows(NDArray x) {
        try (NDArray index = Values.create(x.getManager(), new long[] {1, 0, 1}, new Shape(3))) {
            return x.get(index);
        }
    }

    private static NDArray embedded(NDArray x) {
        try (NDArray index = Values.create(x.getManager(), new int[] {1, 0, 1}, new Shape(3))) {
            return index.getNDArrayInternal().embedding(index, x, SparseFormat.DENSE).head();
        }
    }

    private static NDArray concatenated(NDArray x) {
        try (NDArray ones = floats(x, ONES);
                NDArray other = floats(x, OTHER)) {
            return NDArrays.concat(new NDList(x, ones), 0)
                    .mul(NDArrays.concat(new NDList(other, ones), 0));
        }
    }

    static Stream<Arguments> cases() {
        return Engines.with(CASES.keySet());
    }

    @ParameterizedTest(name = "{1} on {0}")
    @MethodSource("cases")
    void gradientsSurviveACollection(EngineChoice engine, String name) {
        Case c = CASES.get(name);
        Backend backend = Engines.backend(engine);
        for (int round = 0; round < ROUNDS; round++) {
            try (NDManager manager = backend.newManager();
                    NDArray x = Values.create(manager, INPUT, SHAPE, DataType.FLOAT32)) {
                x.setRequiresGradient(true);
                try (GradientCollector collector = backend.newGradientCollector()) {
                    NDArray sum = c.apply.apply(x).sum();
                    Garbage.collect();
                    collector.backward(sum);
                }
                try (NDArray gradient = x.getGradient()) {
                    assertArrayEquals(c.gradient, gradient.toFloatArray(), 1e-6f, name);
                }
            }
        }
    }

    @EachEngine
    void valuesAreCopied(EngineChoice engine) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            float[] floats = INPUT.clone();
            long[] longs = {1L << 40, -1};
            NDArray a = Values.create(manager, floats, SHAPE, DataType.FLOAT32);
            NDArray b = Values.create(manager, longs, new Shape(2));
            NDArray c =
                    Values.create(
                            manager, new double[] {.1, 1e300}, new Shape(2), DataType.FLOAT64);
            NDArray d = Values.create(manager, new int[0], new Shape(0, 4));
            floats[0] = 9;
            longs[0] = 9;
            Garbage.collect();
            assertArrayEquals(INPUT, a.toFloatArray());
            assertArrayEquals(new long[] {1L << 40, -1}, b.toLongArray());
            assertArrayEquals(new double[] {.1, 1e300}, c.toDoubleArray());
            assertEquals(new Shape(0, 4), d.getShape());
        }
    }

    /**
     * Many values, so that collections fall into the copy; a buffer freed then ends the process.
     */
    @EachEngine
    void valuesSurviveCollectionsWhileTheyAreCopied(EngineChoice engine) throws Exception {
        // Only compiled Java forgets a buffer at its last use.
        for (int i = 0; i < COMPILED; i++) {
            sumOfCopy(engine, INPUT);
        }
        float[] values = new float[1 << 23];
        Arrays.fill(values, 3);
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService other = Executors.newSingleThreadExecutor();
        Future<?> copies =
                other.submit(
                        () -> {
                            while (!done.get()) {
                                assertEquals(3 * (double) values.length, sumOfCopy(engine, values));
                            }
                        });
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        done.set(true);
        copies.get();
        other.shutdown();
    }

    private static double sumOfCopy(EngineChoice engine, float[] values) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            Shape shape = new Shape(values.length);
            return Values.create(manager, values, shape, DataType.FLOAT32).sum().getFloat();
        }
    }

    @EachEngine
    void asManyValuesAsElementsAreNeeded(EngineChoice engine) {
        try (NDManager manager = Engines.backend(engine).newManager()) {
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () ->
                                            Values.create(
                                                    manager, INPUT, new Shape(5), DataType.FLOAT32))
                            .getMessage();
            assertEquals("an array of shape (5) needs 5 values, got 6", message);
        }
    }
}
