package io.residuum.inspect.representation;

import ai.djl.ndarray.NDList;
import io.residuum.draw.HeatMap;
import io.residuum.draw.HeatMap.Side;
import io.residuum.engine.Ops;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Finding;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.Unit;
import io.residuum.inspect.UnitHook;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Compares the outputs of all pairs of units by linear CKA (Kornblith et al. 2019,
 * arXiv:1905.00414), with the unbiased estimator over minibatches of Nguyen et al. 2021
 * (arXiv:2010.15327, Equation 3). The features of a sample are all numbers of a unit's output.
 *
 * @param other a second network with the same input, whose units are the columns: a preset, a spec
 *     file, a saved model or the folder of a run. Default: empty, the network itself
 */
@TypeName("similarity")
public record Similarity(@Default("\"\"") String other) implements Analysis {

    @Override
    public Finding run(Subject subject) {
        if (other.isEmpty()) {
            return compare(subject, subject);
        }
        ModelSource source = ModelSource.of(other);
        try (Network second = source.open(subject.network().backend())) {
            if (!second.spec().input().equals(subject.network().spec().input())) {
                throw new InspectionException(
                        "similarity needs networks with equal inputs, got %s for %s and %s for %s"
                                .formatted(
                                        subject.network().spec().input(),
                                        subject.network().spec().name(),
                                        second.spec().input(),
                                        other));
            }
            return compare(
                    subject, subject.on(second).withBatchStatistics(source.weights().isEmpty()));
        }
    }

    private Finding compare(Subject first, Subject second) {
        List<Unit> rows = first.units();
        List<Unit> columns = second.units();
        Kernels kernels = new Kernels(rows.size(), columns.size());
        Ops ops = first.network().backend().ops();
        first.forEachBatch(
                "similarity",
                batch -> {
                    try (Ops.Pause pause = ops.pauseRecording()) {
                        List<double[]> a = kernels(first, batch, ops);
                        List<double[]> b = second == first ? a : kernels(second, batch, ops);
                        kernels.add(a, b, batch.size());
                    }
                });
        return finding(first, second, kernels.cka());
    }

    private static List<double[]> kernels(Subject subject, Batch batch, Ops ops) {
        List<double[]> kernels = new ArrayList<>();
        subject.observe(
                batch,
                new UnitHook(subject.units()) {
                    @Override
                    protected void unit(int unit, Layer layer, NDList outputs) {
                        kernels.add(Kernels.centred(outputs.head(), ops));
                    }
                });
        return kernels;
    }

    private static Finding finding(Subject first, Subject second, double[][] cka) {
        List<String> rows = names(first.units());
        List<String> columns = names(second.units());
        List<String> header = new ArrayList<>(List.of("unit"));
        IntStream.rangeClosed(1, columns.size()).forEach(i -> header.add(Integer.toString(i)));
        List<List<Object>> table = new ArrayList<>();
        for (int i = 0; i < cka.length; i++) {
            List<Object> row = new ArrayList<>(List.of(rows.get(i)));
            for (double value : cka[i]) {
                row.add(value);
            }
            table.add(row);
        }
        List<Table> tables = new ArrayList<>(List.of(new Table("cka", header, table)));
        boolean two = second != first;
        String of = two ? "unit of " + second.network().spec().name() : "unit";
        if (two) {
            tables.add(
                    new Table(
                            "columns",
                            List.of("unit"),
                            columns.stream().<List<Object>>map(List::of).toList()));
        }
        HeatMap map =
                new HeatMap(
                                "Linear CKA between units",
                                cka,
                                Side.of(
                                        of,
                                        IntStream.rangeClosed(1, columns.size())
                                                .mapToObj(Integer::toString)
                                                .toList()),
                                Side.of("", rows))
                        .range(0, 1);
        return new Finding(
                "similarity",
                "Similarity",
                "Linear CKA of the outputs of units: 1 for equal representations up to rotation and"
                    + " scale, about 0 for independent ones. Blocks of high values are units that"
                    + " change the representation little.",
                tables,
                List.of(Figure.of("cka", map)));
    }

    /** Returns the paths, numbered as the columns. */
    private static List<String> names(List<Unit> units) {
        return IntStream.range(0, units.size())
                .mapToObj(i -> i + 1 + " " + units.get(i).path())
                .toList();
    }
}
