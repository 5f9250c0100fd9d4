package io.residuum.spark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.compile.CompileOptions;
import io.residuum.data.DataException;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.HostSettings;
import io.residuum.engine.Values;
import io.residuum.model.ClassProbability;
import io.residuum.model.Classification;
import io.residuum.model.Classifier;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model that is open in this process. Several tasks use it at once. */
final class OpenModel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenModel.class);

    private final OwnedResources owned;
    private final Backend backend;
    private final Network network;
    private final RowReader<?> reader;

    /** The output or the error of a row; one of them is null. */
    record Scored(@Nullable Object output, @Nullable String error) {}

    private OpenModel(OwnedResources owned, Backend backend, Network network) {
        this.owned = owned;
        this.backend = backend;
        this.network = network;
        Optional<Tokenizer> tokenizer =
                network.metadata()
                        .entry(Tokenizer.METADATA)
                        .map(json -> owned.add(Tokenizers.parse(json), Tokenizer::close));
        this.reader = RowReader.of(network, tokenizer);
    }

    /** Opens a model that the driver has sent. */
    static OpenModel open(Path file, String engine, boolean compile) {
        TaskContext task = TaskContext.get();
        // Spark schedules as many tasks at once as there are processors for them.
        HostSettings.useThreads(task == null ? 1 : task.cpus());
        return OwnedResources.build(
                owned -> {
                    Backend backend =
                            owned.add(
                                    Backend.open(EngineChoice.of(engine), DeviceChoice.AUTO),
                                    Backend::close);
                    Network network = owned.add(Network.load(file, backend), Network::close);
                    if (compile) {
                        network.compile(CompileOptions.DEFAULT, note -> LOG.warn("{}", note));
                    }
                    LOG.info("opened {} on {}", file, backend);
                    return new OpenModel(owned, backend, network);
                });
    }

    /** Scores the rows of one forward pass. Rows that cannot be read are left out of it. */
    List<Scored> score(ScoringPlan plan, List<Row> rows, int[] columns) {
        return score(reader.prompted(plan.prompt()), plan, rows, columns);
    }

    private <T> List<Scored> score(
            RowReader<T> by, ScoringPlan plan, List<Row> rows, int[] columns) {
        List<Scored> scored = new ArrayList<>();
        List<T> read = new ArrayList<>();
        for (Row row : rows) {
            Scored error = null;
            try {
                read.add(by.read(row, columns));
            } catch (DataException e) {
                if (!plan.keepErrors()) {
                    throw e;
                }
                error = new Scored(null, e.getMessage());
            }
            scored.add(error);
        }
        if (!read.isEmpty()) {
            List<?> outputs =
                    plan.output() == ScoringPlan.Output.CLASSES
                            ? classes(by, read)
                            : values(by, plan, read);
            int next = 0;
            for (int i = 0; i < scored.size(); i++) {
                if (scored.get(i) == null) {
                    scored.set(i, new Scored(outputs.get(next++), null));
                }
            }
        }
        return scored;
    }

    private <T> List<Row> classes(RowReader<T> by, List<T> rows) {
        List<Classification> found =
                new Classifier<T>(network, by::inputs).classify(rows, rows.size());
        return found.stream().map(OpenModel::row).toList();
    }

    private static Row row(Classification found) {
        Double[] probabilities = new Double[found.classes().size()];
        for (ClassProbability each : found.classes()) {
            probabilities[each.index()] = each.probability();
        }
        ClassProbability best = found.best();
        return RowFactory.create(best.name(), best.index(), best.probability(), probabilities);
    }

    private <T> List<Float[]> values(RowReader<T> by, ScoringPlan plan, List<T> rows) {
        try (NDManager manager = backend.newManager()) {
            Map<String, NDArray> outputs =
                    plan.layer() == null
                            ? network.predictAll(by.inputs(manager, rows))
                            : network.features(by.inputs(manager, rows), List.of(plan.layer()));
            float[] all = Values.floats(outputs.values().iterator().next());
            int width = all.length / rows.size();
            List<Float[]> each = new ArrayList<>();
            for (int i = 0; i < rows.size(); i++) {
                Float[] row = new Float[width];
                for (int k = 0; k < width; k++) {
                    row[k] = all[i * width + k];
                }
                each.add(row);
            }
            return each;
        }
    }

    @Override
    public void close() {
        owned.close();
    }
}
