package io.residuum.inspect.representation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.draw.Numbers;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Finding;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.Plot;
import io.residuum.inspect.Plot.Curve;
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
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the stream after each unit with the layers that follow the last one: final norm, pooling,
 * head (the logit lens, nostalgebraist 2020; Belrose et al. 2023, arXiv:2303.08112). It shows how
 * early the prediction is there, and how much each unit adds to the stream.
 *
 * @param share the share of predictions that must be final at the effective depth, in (0, 1].
 *     Default: 0.9
 */
@TypeName("lens")
public record Lens(@Default("0.9") double share) implements Analysis {
    private static final List<String> COLUMNS =
            List.of("number", "unit", "loss", "accuracy", "kl", "agreement", "final");
    private static final List<String> CONTRIBUTIONS =
            List.of("number", "unit", "branch norm", "stream norm", "ratio", "cosine");

    public Lens {
        Check.that(share > 0 && share <= 1, "share must be in (0, 1], got %s", share);
    }

    @Override
    public Finding run(Subject subject) {
        List<Unit> units = subject.units();
        Unit last = units.get(units.size() - 1);
        if (last.layer().outputNames().size() != 1) {
            throw new InspectionException(
                    "a lens needs a last unit with one output, got %s of \"%s\": use a network whose last unit is a residual block"
                            .formatted(last.layer().outputNames(), last.path()));
        }
        LensCounts counts = new LensCounts(units.size(), subject.network().outputShapes());
        Contributions contributions = new Contributions(units);
        boolean[] read = new boolean[units.size()];
        Ops ops = subject.network().backend().ops();
        subject.forEachBatch(
                "lens",
                batch -> {
                    try (Ops.Pause pause = ops.pauseRecording()) {
                        List<NDArray> streams = new ArrayList<>();
                        Rest rest = new Rest(units, streams(units, streams, contributions));
                        NDList outputs = subject.observe(batch, rest);
                        Shape shape = streams.get(units.size() - 1).getShape();
                        LensCounts.Reader reader = counts.new Reader(batch, outputs);
                        for (int u = 0; u < units.size(); u++) {
                            NDArray stream = streams.get(u);
                            read[u] = stream.getShape().equals(shape);
                            if (read[u]) {
                                read(subject, batch, rest, stream, u, reader);
                            }
                        }
                        reader.finish();
                    }
                });
        int[] fitting = IntStream.range(0, read.length).filter(u -> read[u]).toArray();
        if (fitting.length < 2) {
            throw new InspectionException(
                    "a lens needs two units or more with the output shape of the last one, but in %s only \"%s\" has it: use a network with several units in its last stage"
                            .formatted(subject.network().spec().name(), last.path()));
        }
        return finding(units, fitting, counts, contributions);
    }

    private static ForwardHook streams(
            List<Unit> units, List<NDArray> streams, Contributions contributions) {
        return new UnitHook(units) {
            @Override
            protected void branch(int unit, Layer layer, NDList outputs) {
                contributions.branch(outputs);
            }

            @Override
            protected void shortcut(int unit, Layer layer, NDList outputs) {
                contributions.shortcut(unit, outputs);
            }

            @Override
            protected void unit(int unit, Layer layer, NDList outputs) {
                streams.add(outputs.head());
            }
        };
    }

    private static void read(
            Subject subject,
            Batch batch,
            Rest rest,
            NDArray stream,
            int unit,
            LensCounts.Reader reader) {
        try (NDManager manager = subject.network().backend().newManager()) {
            // Results belong to the manager of the first operand, so that they are freed here.
            NDArray view = stream.reshape(stream.getShape());
            view.attach(manager);
            NDList outputs = subject.observe(batch, rest.with(view));
            double loss = Values.floats(subject.loss(outputs, batch.targets()))[0];
            reader.add(unit, outputs, loss);
        }
    }

    private Finding finding(
            List<Unit> units, int[] fitting, LensCounts counts, Contributions contributions) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int u : fitting) {
            List<@Nullable Object> row = new ArrayList<>(List.of(u + 1, units.get(u).path()));
            row.addAll(counts.row(u));
            rows.add(row);
        }
        Table table = new Table("units", COLUMNS, rows);
        List<List<@Nullable Object>> added = new ArrayList<>();
        for (int u = 0; u < units.size(); u++) {
            List<@Nullable Object> row = new ArrayList<>(List.of(u + 1, units.get(u).path()));
            row.addAll(contributions.row(u));
            added.add(row);
        }
        Table contribution = new Table("contributions", CONTRIBUTIONS, added);
        double[] settled = table.numbers("final");
        int depth =
                IntStream.range(0, fitting.length)
                        .filter(i -> settled[i] >= share)
                        .findFirst()
                        .orElse(fitting.length - 1);
        String found =
                counts.hasClasses()
                        ? " Effective depth: from unit %s of %s (%s) on, %s of the predictions are final."
                                .formatted(
                                        fitting[depth] + 1,
                                        units.size(),
                                        units.get(fitting[depth]).path(),
                                        Numbers.coarsePercent(settled[depth]))
                        : "";
        return new Finding(
                "lens",
                "Lens",
                "Output of the layers after the last unit, applied to the stream after each unit of"
                        + " the same shape."
                        + found,
                List.of(table, contribution),
                figures(table, contribution));
    }

    private static List<Figure> figures(Table table, Table contribution) {
        double[] x = table.numbers("number");
        Curve right = new Curve("accuracy", x, table.numbers("accuracy"));
        Curve settled = new Curve("final", x, table.numbers("final"));
        return Figure.of(
                plot("predictions", "Predictions by unit", right, settled),
                plot(
                        "kl",
                        "KL divergence from the final output",
                        new Curve("KL in nats", x, table.numbers("kl"))),
                plot("loss", "Loss by unit", new Curve("loss", x, table.numbers("loss"))),
                plot(
                        "ratio",
                        "Norm of the branch relative to the stream",
                        Curve.byNumber("ratio", contribution.numbers("ratio"))),
                plot(
                        "cosine",
                        "Cosine of branch and stream",
                        Curve.byNumber("cosine", contribution.numbers("cosine"))));
    }

    private static Plot plot(String name, String title, Curve... curves) {
        return new Plot(name, title, "unit", false, List.of(curves));
    }
}
