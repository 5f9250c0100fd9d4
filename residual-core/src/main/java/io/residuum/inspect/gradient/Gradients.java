package io.residuum.inspect.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.Ops;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Plot;
import io.residuum.inspect.Plot.Curve;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.gradient.Leaves.UnitPart;
import io.residuum.model.Network;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Measures how the gradient of the loss E flows back through the units.
 *
 * <p>For each unit it splits dE/dx at the input x into the part that comes back through the
 * shortcut and the part through the branch. Units {@code x + F(x)} in sequence also have the terms
 * of He et al. 2016 (arXiv:1603.05027, Equation 5): dE/dx_l is the direct term dE/dx_L, from the
 * output of the last of these units, plus the sum over the branches between.
 */
@TypeName("gradients")
public record Gradients() implements Analysis {

    /** The parts of dE/dx of one unit, summed over samples. */
    private static final class Sums {
        private final Map<String, Magnitude> parts = new LinkedHashMap<>();
        private long elements;

        void add(String part, NDArray gradient, Ops ops, double factor) {
            parts.merge(
                    part,
                    Magnitude.ZERO.plus(Magnitude.of(gradient, ops), factor),
                    (a, b) -> a.plus(b, 1));
        }

        /** Returns the norm for a sample, the root mean square over samples. */
        @Nullable Double norm(String part, long samples) {
            Magnitude sum = parts.get(part);
            return sum == null ? null : Math.sqrt(sum.squares() / samples);
        }

        @Nullable Double mean(long samples) {
            Magnitude sum = parts.get(TOTAL);
            return sum == null ? null : sum.absolutes() / samples / elements;
        }
    }

    private static final String TOTAL = "dE/dx";
    private static final String MEAN = "mean |dE/dx|";
    private static final String SHORTCUT = "through shortcut";
    private static final String BRANCH = "through branch";
    private static final String GATE = "through gate";
    private static final String DIRECT = "direct term";
    private static final String SUM = "sum over branches";
    private static final List<String> ALWAYS = List.of(TOTAL, SHORTCUT, BRANCH);
    private static final List<String> PARTS = List.of(TOTAL, SHORTCUT, BRANCH, GATE, DIRECT, SUM);

    @Override
    public Finding run(Subject subject) {
        Network network = subject.network();
        List<UnitFlow> flows = UnitFlow.of(subject);
        List<Sums> sums = flows.stream().map(f -> new Sums()).toList();
        try (NDManager owner = network.backend().newManager()) {
            WeightGradients weights = new WeightGradients(network, owner);
            long[] samples = new long[1];
            try {
                network.clearGradients();
                subject.forEachBatch(
                        "gradients",
                        batch -> {
                            Leaves leaves = backward(subject, batch, flows);
                            try (Ops.Pause pause = network.backend().ops().pauseRecording()) {
                                add(leaves, batch, sums, network.backend().ops());
                                weights.add(batch.size());
                            }
                            network.clearGradients();
                            samples[0] += batch.size();
                        });
            } finally {
                network.clearGradients();
            }
            return finding(units(flows, sums, samples[0]), weights.table(samples[0]));
        }
    }

    /** Computes the gradients at all leaves and parameters. */
    static Leaves backward(Subject subject, Batch batch, List<UnitFlow> flows) {
        Backend backend = subject.network().backend();
        Leaves leaves = new Leaves(flows, backend.ops());
        try (GradientCollector collector = backend.newGradientCollector()) {
            NDList outputs = subject.observe(batch, leaves);
            collector.backward(subject.loss(outputs, batch.targets()));
        }
        return leaves;
    }

    private static void add(Leaves leaves, Batch batch, List<Sums> sums, Ops ops) {
        // E is the mean over the batch, so that this is the gradient of the sum.
        double factor = batch.size();
        for (int i = 0; i < leaves.units(); i++) {
            Sums of = sums.get(i);
            try (NDManager manager = batch.manager().newSubManager()) {
                leaves.gradient(i, UnitPart.SHORTCUT, manager)
                        .ifPresent(g -> of.add(SHORTCUT, g, ops, factor));
                leaves.gradient(i, UnitPart.BRANCH, manager)
                        .ifPresent(g -> of.add(BRANCH, g, ops, factor));
                leaves.gradient(i, UnitPart.GATE, manager)
                        .ifPresent(g -> of.add(GATE, g, ops, factor));
                NDArray all = leaves.gradient(i, UnitPart.INPUT, manager).orElse(null);
                if (all == null) {
                    continue;
                }
                of.add(TOTAL, all, ops, factor);
                of.elements = all.size() / batch.size();
                leaves.stageGradient(i, manager)
                        .ifPresent(
                                direct -> {
                                    of.add(DIRECT, direct, ops, factor);
                                    of.add(SUM, all.sub(direct), ops, factor);
                                });
            }
        }
    }

    private static Table units(List<UnitFlow> flows, List<Sums> sums, long samples) {
        List<String> shown =
                PARTS.stream()
                        .filter(
                                part ->
                                        ALWAYS.contains(part)
                                                || sums.stream()
                                                        .anyMatch(s -> s.parts.containsKey(part)))
                        .toList();
        List<String> columns = new ArrayList<>(List.of("unit"));
        columns.addAll(shown);
        columns.add(2, MEAN);
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int i = 0; i < sums.size(); i++) {
            List<@Nullable Object> row = new ArrayList<>();
            row.add(flows.get(i).unit().path());
            for (String part : shown) {
                row.add(sums.get(i).norm(part, samples));
            }
            row.add(2, sums.get(i).mean(samples));
            rows.add(row);
        }
        return new Table("units", columns, rows);
    }

    private static Finding finding(Table units, Table weights) {
        return new Finding(
                "gradients",
                "Gradients",
                "Norm of the gradient of a sample's loss E at the input of each unit, and the parts"
                        + " of it that come back through shortcut and branch. Units x + F(x) also"
                        + " have the direct term dE/dx_L, which no weight multiplies, and the sum"
                        + " over the branches up to the end of their stage. A gradient that"
                        + " grows or fades by a constant factor from unit to unit explodes or"
                        + " vanishes in a deep network.",
                List.of(units, weights),
                Figure.of(
                        plot(units, "gradient", "Norm of dE/dx by unit", SHORTCUT, BRANCH, TOTAL),
                        plot(units, "terms", "Norm of the terms of dE/dx by unit", DIRECT, SUM),
                        new Plot(
                                "weights",
                                "dE/dw relative to w, by weight",
                                "weight",
                                true,
                                List.of(
                                        Curve.byNumber(
                                                "|dE/dw| / |w|",
                                                WeightGradients.ratios(weights))))));
    }

    private static Plot plot(Table units, String name, String title, String... columns) {
        List<Curve> curves = new ArrayList<>();
        for (String column : columns) {
            if (units.columns().contains(column)
                    && DoubleStream.of(units.numbers(column)).anyMatch(Double::isFinite)) {
                curves.add(Curve.byNumber(column, units.numbers(column)));
            }
        }
        return new Plot(name, title, "unit", true, curves);
    }
}
