package io.residuum.inspect.ablation;

import io.residuum.data.Seeds;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Finding;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.Unit;
import io.residuum.inspect.UnitHook;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Measures the test error after units are deleted or swapped (Veit et al. 2016, arXiv:1605.06431,
 * Section 4). Of a deleted unit only the shortcut remains; a unit without a shortcut becomes the
 * identity. Units of equal shapes are swapped in random pairs, and Kendall's tau says how much of
 * the order is left.
 *
 * @param draws the number of random choices of each number of units. Default: 5
 * @param steps the largest number of different numbers of units, spread evenly. Default: 12
 */
@TypeName("lesion")
public record Lesion(@Default("5") int draws, @Default("12") int steps) implements Analysis {

    public Lesion {
        Check.positive("draws", draws);
        Check.positive("steps", steps);
    }

    @Override
    public Data data() {
        return Data.EVALUATION;
    }

    /** A network with other layers in the place of some. */
    private record Case(int units, double tau, List<Map<Layer, Layer>> replaced) {}

    /** A case with its result. */
    private record Measured(Case made, ErrorAndLoss found) {}

    /** A pair of units, by their numbers. */
    private record Pair(int first, int second) {}

    @Override
    public Finding run(Subject subject) {
        List<Unit> units = subject.units();
        SplittableRandom random = Seeds.random(subject.seed());
        List<Case> cases = new ArrayList<>();
        cases.add(new Case(0, 1, unchanged(units)));
        int[] deletable =
                IntStream.range(0, units.size())
                        .filter(i -> Substitutes.canLoseBranch(units.get(i)))
                        .toArray();
        List<Case> deletions = deletions(units, deletable, random);
        List<Case> swaps = swaps(units, random);
        cases.addAll(deletions);
        cases.addAll(swaps);
        if (cases.size() == 1) {
            throw new InspectionException(
                    "lesion needs a unit that can be deleted or swapped, found none in %s: all"
                                    .formatted(subject.network().spec().name())
                            + " change the shape and none has a shortcut");
        }
        List<Measured> measured = new ArrayList<>();
        subject.repeat(
                "lesion",
                cases.size(),
                i -> measured.add(new Measured(cases.get(i), evaluate(subject, cases.get(i)))));
        ErrorAndLoss whole = measured.get(0).found();
        int end = 1 + deletions.size();
        List<Measured> deleted = measured.subList(1, end);
        ErrorAndLoss[] single = new ErrorAndLoss[units.size()];
        Arrays.fill(single, ErrorAndLoss.NONE);
        for (int i = 0; i < deletable.length; i++) {
            single[deletable[i]] = deleted.get(i).found();
        }
        Table table = units(units, List.of(single), whole);
        return finding(
                whole,
                ErrorAndLoss.ofChance(subject.network(), whole),
                table,
                deletions(deleted),
                swaps(measured.subList(end, measured.size())));
    }

    private static List<Map<Layer, Layer>> unchanged(List<Unit> units) {
        return new ArrayList<>(units.stream().map(u -> Map.<Layer, Layer>of()).toList());
    }

    private static List<Map<Layer, Layer>> deleted(List<Unit> units, int... chosen) {
        List<Map<Layer, Layer>> replaced = unchanged(units);
        for (int unit : chosen) {
            replaced.set(unit, Substitutes.withoutBranch(units.get(unit)));
        }
        return replaced;
    }

    /** Deletes each single unit, in order, and then several at random. */
    private List<Case> deletions(List<Unit> units, int[] deletable, SplittableRandom random) {
        List<Case> cases = new ArrayList<>();
        for (int unit : deletable) {
            cases.add(new Case(1, Double.NaN, deleted(units, unit)));
        }
        for (int k : numbers(deletable.length)) {
            // All single units are there already, and there is one way to delete all.
            int ways = k == 1 ? 0 : k == deletable.length ? 1 : draws;
            for (int draw = 0; draw < ways; draw++) {
                int[] order = Seeds.permutation(deletable.length, random);
                int[] chosen = Arrays.stream(order, 0, k).map(i -> deletable[i]).toArray();
                cases.add(new Case(k, Double.NaN, deleted(units, chosen)));
            }
        }
        return cases;
    }

    /** Returns numbers from 1 to n, not more than {@link #steps}. */
    private int[] numbers(int n) {
        int count = Math.min(n, steps);
        return IntStream.rangeClosed(1, count)
                .map(i -> count == 1 ? 1 : 1 + (int) Math.round((i - 1.0) * (n - 1) / (count - 1)))
                .toArray();
    }

    private List<Case> swaps(List<Unit> units, SplittableRandom random) {
        List<Pair> pairs = pairs(units);
        List<Case> cases = new ArrayList<>();
        for (int k : numbers(pairs.isEmpty() ? 0 : units.size())) {
            for (int draw = 0; draw < draws; draw++) {
                int[] order = IntStream.range(0, units.size()).toArray();
                for (int swap = 0; swap < k; swap++) {
                    Pair pair = pairs.get(random.nextInt(pairs.size()));
                    int moved = order[pair.first()];
                    order[pair.first()] = order[pair.second()];
                    order[pair.second()] = moved;
                }
                List<Map<Layer, Layer>> replaced = new ArrayList<>();
                for (int i = 0; i < order.length; i++) {
                    replaced.add(Map.of(units.get(i).layer(), units.get(order[i]).layer()));
                }
                cases.add(new Case(k, kendallTau(order), replaced));
            }
        }
        return cases;
    }

    /** Returns the pairs of different units with parameters that read and return equal shapes. */
    private static List<Pair> pairs(List<Unit> units) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            for (int j = i + 1; j < units.size(); j++) {
                Layer a = units.get(i).layer();
                Layer b = units.get(j).layer();
                if (a != b
                        && a.inputShapes().equals(b.inputShapes())
                        && a.outputShapes().equals(b.outputShapes())
                        && !a.namedParameters().isEmpty()
                        && !b.namedParameters().isEmpty()) {
                    pairs.add(new Pair(i, j));
                }
            }
        }
        return pairs;
    }

    /** Returns the rank correlation of an order with 0, 1, 2, ...: 1 for the same, -1 reversed. */
    static double kendallTau(int[] order) {
        int n = order.length;
        int inverted = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                inverted += order[i] > order[j] ? 1 : 0;
            }
        }
        return 1 - 4.0 * inverted / (n * (n - 1.0));
    }

    private static ErrorAndLoss evaluate(Subject subject, Case made) {
        UnitHook hook =
                new UnitHook(subject.units()) {
                    @Override
                    protected Layer replace(int unit, Layer layer) {
                        return made.replaced().get(unit).getOrDefault(layer, layer);
                    }
                };
        try (ForwardHook.Handle handle = subject.network().registerForwardHook(hook)) {
            return ErrorAndLoss.of(subject);
        }
    }

    private static Finding finding(
            ErrorAndLoss whole, ErrorAndLoss chance, Table units, Table deletions, Table swaps) {
        Table summary =
                new Table(
                        "network",
                        List.of("case", "error", "loss"),
                        List.of(
                                Arrays.asList("whole network", whole.error(), whole.loss()),
                                Arrays.asList("chance", chance.error(), chance.loss())));
        LesionFigures pictures = new LesionFigures(whole, chance);
        List<Figure> figures = new ArrayList<>(List.of(pictures.units(units)));
        if (!deletions.rows().isEmpty()) {
            figures.add(pictures.deletions(deletions));
        }
        if (!swaps.rows().isEmpty()) {
            figures.add(pictures.swaps(swaps));
        }
        return new Finding(
                "lesion",
                "Lesions",
                "Error and loss on unseen data after a unit is deleted, so that only its shortcut"
                        + " remains, after several are, and after units of equal shapes are"
                        + " swapped. A network that is an ensemble of paths loses little by one"
                        + " unit, and more the more units change.",
                List.of(summary, units, deletions, swaps),
                figures);
    }

    private static Table units(List<Unit> units, List<ErrorAndLoss> single, ErrorAndLoss whole) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        int stage = 1;
        for (int i = 0; i < units.size(); i++) {
            Unit unit = units.get(i);
            Layer layer = unit.layer();
            if (i > 0 && !layer.outputShape().equals(units.get(i - 1).layer().outputShape())) {
                stage++;
            }
            ErrorAndLoss found = single.get(i);
            rows.add(
                    Arrays.asList(
                            i + 1,
                            unit.path(),
                            stage,
                            found.error(),
                            found.loss(),
                            difference(found.error(), whole.error()),
                            Substitutes.canLoseBranch(unit)
                                    ? ""
                                    : "no shortcut, and changes the shape: "
                                            + Substitutes.shapes(layer)));
        }
        return new Table(
                "units",
                List.of("number", "unit", "stage", "error", "loss", "added error", "not deleted"),
                rows);
    }

    private static @Nullable Double difference(@Nullable Double a, @Nullable Double b) {
        return a == null || b == null ? null : (Double) (a - b);
    }

    private static Table deletions(List<Measured> all) {
        Map<Integer, List<ErrorAndLoss>> byNumber = new LinkedHashMap<>();
        for (Measured some : all) {
            byNumber.computeIfAbsent(some.made().units(), k -> new ArrayList<>()).add(some.found());
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        byNumber.forEach(
                (k, found) -> {
                    double[] errors =
                            found.stream().mapToDouble(ErrorAndLoss::errorOrNaN).toArray();
                    double[] losses = found.stream().mapToDouble(ErrorAndLoss::lossOrNaN).toArray();
                    rows.add(
                            Arrays.asList(
                                    k,
                                    found.size(),
                                    number(DoubleStream.of(errors).average()),
                                    number(DoubleStream.of(errors).min()),
                                    number(DoubleStream.of(errors).max()),
                                    number(DoubleStream.of(losses).average()),
                                    number(DoubleStream.of(losses).min()),
                                    number(DoubleStream.of(losses).max())));
                });
        return new Table(
                "deletions",
                List.of(
                        "units deleted",
                        "draws",
                        "error",
                        "lowest error",
                        "highest error",
                        "loss",
                        "lowest loss",
                        "highest loss"),
                rows);
    }

    private static @Nullable Double number(OptionalDouble value) {
        double number = value.orElse(Double.NaN);
        return Double.isNaN(number) ? null : number;
    }

    private static Table swaps(List<Measured> all) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (Measured some : all) {
            ErrorAndLoss found = some.found();
            rows.add(
                    Arrays.asList(
                            some.made().units(), some.made().tau(), found.error(), found.loss()));
        }
        return new Table("swaps", List.of("pairs swapped", "Kendall tau", "error", "loss"), rows);
    }
}
