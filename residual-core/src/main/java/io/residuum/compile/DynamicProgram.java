package io.residuum.compile;

import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A program for images or sequences of any size, and the sizes at which it has been checked. */
final class DynamicProgram {
    /** At how many sizes a program is compared with its network. */
    private static final int CHECKS = 2;

    /** Masks for longer sequences than this are too large to be kept. */
    private static final long LONGEST = 1024;

    private final CompiledProgram compiled;
    private final Graph captured;
    private final Set<List<Capture.Source>> checked = new HashSet<>();
    private boolean refuted;
    private volatile boolean proven;

    /**
     * A program that nothing has been compared with.
     *
     * @param compiled the program
     * @param captured the graph that it was made of
     */
    DynamicProgram(CompiledProgram compiled, Graph captured) {
        this.compiled = compiled;
        this.captured = captured;
    }

    CompiledProgram compiled() {
        return compiled;
    }

    Graph captured() {
        return captured;
    }

    /**
     * Returns true if the program serves inputs of a size.
     *
     * @param signature of the inputs
     * @param difference how its output is not the network's; empty if it is
     * @return false from the first difference on
     */
    boolean serves(List<Capture.Source> signature, Supplier<Optional<String>> difference) {
        return proven || check(signature, difference);
    }

    private synchronized boolean check(
            List<Capture.Source> signature, Supplier<Optional<String>> difference) {
        if (!refuted && checked.add(signature)) {
            refuted = difference.get().isPresent();
            proven = !refuted && checked.size() == CHECKS;
        }
        return !refuted;
    }

    /**
     * Returns the inputs that a program for any size is captured with.
     *
     * @param exact the inputs as they are, the batch free
     * @param made the input shape of the network
     * @return nothing for inputs that have no free size, or are longer than the network was made
     *     for
     */
    static Optional<List<Capture.Source>> freed(List<Capture.Source> exact, Shape made) {
        Dims data = exact.get(0).shape();
        int rank = data.dimension();
        if (made.dimension() != rank || rank < 2) {
            return Optional.empty();
        }
        if (rank == 4) {
            Dims images =
                    data.with(2, DimExpr.of(SymbolicDim.HEIGHT))
                            .with(3, DimExpr.of(SymbolicDim.WIDTH));
            return exact.size() > 1
                    ? Optional.empty()
                    : Optional.of(List.of(source(exact.get(0), images, null)));
        }
        DimExpr length = data.get(1);
        long longest = Math.min(LONGEST, made.get(1));
        Set<DimExpr> lengths = new HashSet<>();
        List<Capture.Source> freed = new ArrayList<>();
        for (Capture.Source source : exact) {
            Dims shape = source.shape();
            if (shape.dimension() < 2 || shape.get(1).value() > longest) {
                return Optional.empty();
            }
            lengths.add(shape.get(1));
            SymbolicDim symbol =
                    shape.get(1).equals(length) ? SymbolicDim.LENGTH : SymbolicDim.SOURCE;
            Dims most = Dims.of(DimExpr.BATCH, longest);
            freed.add(source(source, shape.with(1, DimExpr.of(symbol)), most));
        }
        return lengths.size() > 2 ? Optional.empty() : Optional.of(freed);
    }

    private static Capture.Source source(Capture.Source source, Dims shape, @Nullable Dims made) {
        return new Capture.Source(source.name(), shape, source.type(), made);
    }
}
