package io.residuum.inspect.representation;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.data.Seeds;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Plot;
import io.residuum.inspect.Plot.Curve;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.Unit;
import io.residuum.model.Network;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes singular values of the Jacobian of each unit, the derivative of its output by its input,
 * for single samples, in float64. A unit near the identity has values near 1 (dynamical isometry,
 * Pennington et al. 2017, arXiv:1711.04735). Of small units it computes all values. Of others it
 * estimates the extreme ones and the distribution by Lanczos steps (Golub and Kahan 1965;
 * stochastic quadrature, Ubaru et al. 2017), which need a product with the Jacobian and one with
 * its transpose each.
 *
 * @param samples the largest number of samples. Default: 4
 * @param steps the number of Lanczos steps. Default: 24
 * @param exact the largest number of inputs and outputs of a unit for which all values are
 *     computed. Default: 512
 */
@TypeName("jacobian")
public record Jacobian(
        @Default("4") int samples, @Default("24") int steps, @Default("512") int exact)
        implements Analysis {
    private static final List<String> COLUMNS =
            List.of(
                    "number",
                    "unit",
                    "inputs",
                    "outputs",
                    "method",
                    "largest",
                    "mean",
                    "smallest",
                    "condition",
                    "mean log",
                    "zeros");

    /** Copies of a sample in one pass, each of which gives a row of the Jacobian. */
    private static final int ROWS = 64;

    public Jacobian {
        Check.positive("samples", samples);
        Check.that(steps >= 2, "steps must be 2 or more, got %s", steps);
        Check.notNegative("exact", exact);
    }

    @Override
    public Finding run(Subject subject) {
        try (Network network = doubles(subject.network())) {
            Subject given = subject.on(network).limited(samples);
            List<Unit> units = given.units();
            List<List<Spectrum>> found = new ArrayList<>();
            units.forEach(unit -> found.add(new ArrayList<>()));
            int[] before = {0};
            Subject[] independent = new Subject[1];
            given.forEachBatch(
                    "jacobian",
                    units.size(),
                    (batch, u) -> {
                        if (u == 0) {
                            independent[0] = given.withStatisticsOf(batch);
                        }
                        int most = (int) Math.min(samples - before[0], batch.size());
                        for (int s = 0; s < most; s++) {
                            long seed = before[0] + s;
                            spectrum(independent[0], units, u, batch, s, seed, found.get(u));
                        }
                        before[0] += u == units.size() - 1 ? most : 0;
                    });
            return finding(units, found.stream().map(Spectrum::of).toList());
        }
    }

    private static Network doubles(Network network) {
        Network copy = Network.create(network.spec(), network.backend(), 0, DataType.FLOAT64);
        try {
            Map<String, Supplier<float[]>> values = new HashMap<>();
            network.state()
                    .forEach((path, p) -> values.put(path, () -> Values.floats(p.getArray())));
            copy.loadValues(values);
            return copy;
        } catch (RuntimeException e) {
            copy.close();
            throw e;
        }
    }

    private void spectrum(
            Subject subject,
            List<Unit> units,
            int u,
            Batch batch,
            int sample,
            long seed,
            List<Spectrum> found) {
        Unit unit = units.get(u);
        int run =
                (int)
                        units.subList(0, u + 1).stream()
                                .filter(o -> o.layer() == unit.layer())
                                .count();
        boolean all = isExact(unit);
        long copies = all ? Math.min(ROWS, Shapes.sampleSize(unit.layer().outputShape())) : 1;
        Ops ops = subject.network().backend().ops();
        UnitProbe probe =
                new UnitProbe(
                        unit.layer(),
                        run,
                        map ->
                                found.add(
                                        all
                                                ? Spectrum.of(map.matrix())
                                                : Spectrum.of(
                                                        map.moved(
                                                                Seeds.random(
                                                                        subject.seed(),
                                                                        u,
                                                                        seed,
                                                                        0)),
                                                        steps,
                                                        Seeds.random(subject.seed(), u, seed, 1))),
                        subject.network().backend());
        try (NDManager manager = subject.network().backend().newManager();
                Ops.Pause pause = ops.pauseRecording()) {
            subject.observe(batch.repeated(sample, copies, manager), probe);
        }
    }

    private boolean isExact(Unit unit) {
        long inputs = Shapes.sampleSize(unit.layer().inputShape());
        return Math.max(inputs, Shapes.sampleSize(unit.layer().outputShape())) <= exact;
    }

    private Finding finding(List<Unit> units, List<Spectrum> spectra) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int u = 0; u < units.size(); u++) {
            Unit unit = units.get(u);
            Spectrum s = spectra.get(u);
            List<@Nullable Object> row =
                    new ArrayList<>(
                            List.of(
                                    u + 1,
                                    unit.path(),
                                    Shapes.sampleSize(unit.layer().inputShape()),
                                    Shapes.sampleSize(unit.layer().outputShape())));
            row.addAll(
                    s.isEmpty()
                            ? Arrays.asList("none", null, null, null, null, null, null)
                            : List.of(
                                    isExact(unit) ? "exact" : "Lanczos",
                                    s.largest(),
                                    Math.exp(s.meanLog()),
                                    s.smallest(),
                                    s.largest() / s.smallest(),
                                    s.meanLog(),
                                    s.zeros()));
            rows.add(row);
        }
        Table table = new Table("units", COLUMNS, rows);
        Plot plot =
                new Plot(
                        "singular-values",
                        "Singular values of the Jacobian by unit",
                        "unit",
                        true,
                        List.of(
                                Curve.byNumber("smallest", table.numbers("smallest")),
                                Curve.byNumber("largest", table.numbers("largest")),
                                Curve.byNumber("mean", table.numbers("mean"))));
        return new Finding(
                "jacobian",
                "Jacobian",
                "Singular values of the derivative of each unit's output by its input, over"
                    + " samples. The mean is the geometric mean of those above zero. Values near 1"
                    + " keep signals and gradients as they are. Zeros is the share of values below"
                    + " 1e-6 of the largest.",
                List.of(table),
                Figure.of(plot));
    }
}
