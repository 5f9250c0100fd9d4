package io.residuum.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class DynamicProgramTest {
    private static final Graph EMPTY = Graph.of(List.of(), List.of(), Map.of());

    private final AtomicInteger checks = new AtomicInteger();

    private static DynamicProgram any() {
        return new DynamicProgram(
                new CompiledProgram(
                        x -> ForwardResult.of(x.head()),
                        () -> {},
                        List.of(),
                        List.of(),
                        new IdRanges(EMPTY)),
                EMPTY);
    }

    private static List<Capture.Source> ids(long... lengths) {
        List<Capture.Source> sources = new ArrayList<>();
        for (long length : lengths) {
            String name = sources.isEmpty() ? Capture.DATA : "sideInput" + sources.size();
            sources.add(new Capture.Source(name, new Shape(-1, length), DataType.INT64));
        }
        return sources;
    }

    private Supplier<Optional<String>> finding(Optional<String> difference) {
        return () -> {
            checks.incrementAndGet();
            return difference;
        };
    }

    @Test
    void twoSizesAreChecked() {
        DynamicProgram any = any();
        for (int length : new int[] {7, 7, 5, 6, 3}) {
            assertTrue(any.serves(ids(length), finding(Optional.empty())));
        }
        assertEquals(2, checks.get());
    }

    @Test
    void aDifferenceEndsIt() {
        DynamicProgram any = any();
        assertTrue(any.serves(ids(7), finding(Optional.empty())));
        assertFalse(any.serves(ids(5), finding(Optional.of("other values"))));
        assertFalse(any.serves(ids(7), finding(Optional.empty())));
        assertEquals(2, checks.get());
    }

    @Test
    void lengthsThatDifferAreFreeApart() {
        List<Dims> symbolic =
                DynamicProgram.withSymbolicSizes(ids(7, 7, 5), new Shape(-1, 16))
                        .orElseThrow()
                        .stream()
                        .map(Capture.Source::shape)
                        .toList();
        Dims own = Dims.open(SymbolicDim.BATCH, SymbolicDim.LENGTH);
        assertEquals(List.of(own, own, Dims.open(SymbolicDim.BATCH, SymbolicDim.SOURCE)), symbolic);
        assertTrue(
                DynamicProgram.withSymbolicSizes(ids(7, 6, 5), new Shape(-1, 16)).isEmpty(),
                "three lengths");
        assertTrue(
                DynamicProgram.withSymbolicSizes(ids(17), new Shape(-1, 16)).isEmpty(),
                "longer than made for");
    }
}
