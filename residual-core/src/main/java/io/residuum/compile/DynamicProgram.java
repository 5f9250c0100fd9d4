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

/** A program for images or sequences of any size, with the sizes at which it was checked. */
final class DynamicProgram {
    /** The number of sizes at which a program is compared with its network. */
    private static final int CHECKS = 2;

    /** The longest sequence; masks for longer ones are too large to keep. */
    private static final long LONGEST = 1024;

    private final CompiledProgram compiled;
    private final Graph captured;
    private final Set<List<Capture.Source>> checked = new HashSet<>();
    private boolean differs;
    private volatile boolean verified;

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
     * Returns true if the program serves inputs of a size. After the first difference it serves
     * none.
     *
     * @param signature the inputs
     * @param difference compares the program with the network; empty if they agree
     */
    boolean serves(List<Capture.Source> signature, Supplier<Optional<String>> difference) {
        return verified || check(signature, difference);
    }

    private synchronized boolean check(
            List<Capture.Source> signature, Supplier<Optional<String>> difference) {
        if (!differs && !checked.contains(signature)) {
            // Inputs that the network refuses check nothing.
            differs = difference.get().isPresent();
            checked.add(signature);
            verified = !differs && checked.size() == CHECKS;
        }
        return !differs;
    }

    /**
     * Returns the inputs with symbolic sizes, as a program for any size is captured.
     *
     * @param exact the inputs with their sizes and any batch size
     * @param network the input shape of the network
     * @return empty if the inputs have no size to vary, or are longer than the network allows
     */
    static Optional<List<Capture.Source>> withSymbolicSizes(
            List<Capture.Source> exact, Shape network) {
        Dims data = exact.get(0).shape();
        int rank = data.dimension();
        if (network.dimension() != rank || rank < 2) {
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
        long longest = Math.min(LONGEST, network.get(1));
        Set<DimExpr> lengths = new HashSet<>();
        List<Capture.Source> symbolic = new ArrayList<>();
        for (Capture.Source source : exact) {
            Dims shape = source.shape();
            if (shape.dimension() < 2 || shape.get(1).value() > longest) {
                return Optional.empty();
            }
            lengths.add(shape.get(1));
            SymbolicDim symbol =
                    shape.get(1).equals(length) ? SymbolicDim.LENGTH : SymbolicDim.SOURCE;
            Dims largest = Dims.of(DimExpr.BATCH, longest);
            symbolic.add(source(source, shape.with(1, DimExpr.of(symbol)), largest));
        }
        return lengths.size() > 2 ? Optional.empty() : Optional.of(symbolic);
    }

    private static Capture.Source source(
            Capture.Source source, Dims shape, @Nullable Dims largest) {
        return new Capture.Source(source.name(), shape, source.type(), largest);
    }
}
