package io.residuum.inspect;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.inspect.Plot.Curve;
import io.residuum.model.Cost;
import io.residuum.nn.Layer;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.nn.trait.RepeatsChildren;
import io.residuum.residual.ResidualBlock;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Counts the parameters and multiply-accumulates of each unit, of its branch and its shortcut, and
 * compares the basic with the bottleneck unit at the network's widths (He et al. 2015,
 * arXiv:1512.03385, Figure 5). It needs only the spec.
 */
@TypeName("cost")
public record UnitCosts() implements Analysis {
    private static final Cost NOTHING = new Cost(new Shape(), 0, 0, 0, 0);

    @Override
    public Data data() {
        return Data.NONE;
    }

    @Override
    public Finding run(Subject subject) {
        return of(subject.network().block());
    }

    /**
     * {@return the costs of a network, without weights and data}
     *
     * @param spec the network
     */
    public static Finding of(ModelSpec spec) {
        return of(spec.newBlock());
    }

    private static Finding of(Layer network) {
        Map<Layer, String> units = Unit.candidates(network);
        Map<Layer, Long> runs = new HashMap<>();
        countRuns(network, 1, runs);
        Table table = units(units, runs);
        List<Table> tables = new ArrayList<>(List.of(table, kinds(units, runs)));
        List<Figure> figures =
                new ArrayList<>(
                        Figure.of(
                                plot(table, "parameters", "Parameters by unit"),
                                plot(table, "MACs", "Multiply-accumulates by unit")));
        BasicAndBottleneck pairs = BasicAndBottleneck.in(units.keySet());
        if (!pairs.isEmpty()) {
            tables.add(pairs.table());
            figures.add(pairs.figure());
        }
        return new Finding(
                "cost",
                "Cost",
                "Parameters and multiply-accumulates (MACs) of each unit for one sample. Weights"
                        + " are the values of kernels and matrices, without norms and biases."
                        + (pairs.isEmpty()
                                ? ""
                                : " A bottleneck whose outer width is 4.5 times the inner one has"
                                        + " exactly the cost of two 3x3 convolutions of the inner"
                                        + " width; the published factor is 4."),
                tables,
                figures);
    }

    private static void countRuns(Layer layer, long times, Map<Layer, Long> runs) {
        runs.merge(layer, times, Long::sum);
        layer.children()
                .forEach(
                        (name, child) ->
                                countRuns(
                                        child,
                                        layer instanceof RepeatsChildren repeats
                                                ? Math.multiplyExact(times, repeats.runs(name))
                                                : times,
                                        runs));
    }

    private static Table units(Map<Layer, String> units, Map<Layer, Long> runs) {
        List<List<Object>> rows = new ArrayList<>();
        units.forEach(
                (unit, path) -> {
                    Cost whole = Cost.of(unit);
                    Cost branch = part(unit, "branch").orElse(whole);
                    Cost shortcut = part(unit, "shortcut").orElse(NOTHING);
                    rows.add(
                            List.of(
                                    path,
                                    runs.getOrDefault(unit, 1L),
                                    whole.parameters(),
                                    branch.parameters(),
                                    shortcut.parameters(),
                                    whole.parameters()
                                            - branch.parameters()
                                            - shortcut.parameters(),
                                    weights(unit),
                                    whole.macs(),
                                    branch.macs(),
                                    shortcut.macs()));
                });
        return new Table(
                "units",
                List.of(
                        "unit",
                        "runs",
                        "parameters",
                        "branch parameters",
                        "shortcut parameters",
                        "other parameters",
                        "weights",
                        "MACs",
                        "branch MACs",
                        "shortcut MACs"),
                List.copyOf(rows));
    }

    /** Returns the cost of a part of a residual unit; empty for any other layer. */
    private static Optional<Cost> part(Layer unit, String name) {
        return unit instanceof ResidualBlock
                ? Optional.of(
                        Optional.ofNullable(unit.children().get(name))
                                .map(Cost::of)
                                .orElse(NOTHING))
                : Optional.empty();
    }

    /** Groups equal units. */
    private static Table kinds(Map<Layer, String> units, Map<Layer, Long> runs) {
        Map<List<Object>, List<Layer>> kinds = new LinkedHashMap<>();
        for (Layer unit : units.keySet()) {
            List<Object> kind = List.of(unit.toString(), unit.inputShapes(), unit.outputShapes());
            kinds.computeIfAbsent(kind, k -> new ArrayList<>()).add(unit);
        }
        double all = units.keySet().stream().mapToDouble(u -> macs(u, runs)).sum();
        List<List<Object>> rows = new ArrayList<>();
        for (List<Layer> equal : kinds.values()) {
            Layer first = equal.get(0);
            Cost cost = Cost.of(first);
            double macs = equal.stream().mapToDouble(u -> macs(u, runs)).sum();
            rows.add(
                    List.of(
                            String.valueOf(units.get(first)),
                            (long) equal.size(),
                            products(first),
                            cost.output().toString().replace("-1", "N"),
                            cost.parameters(),
                            weights(first),
                            cost.macs(),
                            all == 0 ? 0 : macs / all));
        }
        return new Table(
                "kinds",
                List.of(
                        "first unit",
                        "units",
                        "convolutions and products",
                        "output",
                        "parameters",
                        "weights",
                        "MACs",
                        "share of MACs"),
                List.copyOf(rows));
    }

    private static double macs(Layer unit, Map<Layer, Long> runs) {
        return (double) Cost.of(unit).macs() * runs.getOrDefault(unit, 1L);
    }

    private static String products(Layer unit) {
        List<String> found = new ArrayList<>();
        unit.walk(
                (path, layer) -> {
                    if (layer instanceof CountsMacs) {
                        found.add(layer.describe());
                    }
                });
        return found.stream().collect(Collectors.joining(" "));
    }

    /** Returns the number of values in kernels and matrices. */
    static long weights(Layer layer) {
        return layer.namedParameters().values().stream()
                .filter(p -> !Cost.isBuffer(p))
                .map(Parameter::getShape)
                .filter(shape -> shape.dimension() > 1)
                .mapToLong(shape -> shape.size())
                .sum();
    }

    private static Plot plot(Table table, String column, String title) {
        return new Plot(
                column.toLowerCase(Locale.ROOT),
                title,
                "unit",
                true,
                List.of(
                        Curve.byNumber("shortcut", table.numbers("shortcut " + column)),
                        Curve.byNumber("branch", table.numbers("branch " + column)),
                        Curve.byNumber("unit", table.numbers(column))));
    }
}
