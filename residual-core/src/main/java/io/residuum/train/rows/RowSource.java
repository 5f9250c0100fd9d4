package io.residuum.train.rows;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.data.Parts;
import io.residuum.files.AtomicFiles;
import io.residuum.loss.BinaryCrossEntropyLoss;
import io.residuum.loss.LossSpec;
import io.residuum.model.ClassActivation;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.samples.SampleLayout;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Tables, as named by {@code --data}:
 *
 * <pre>
 * rows:FILE                             .csv, .tsv, .jsonl or .parquet
 * rows:FILE:HEADER                      with the JSON file of its header
 * rows:train=FILE,val=FILE,test=FILE    one for each part; a header may follow
 * </pre>
 *
 * <p>Without a header, the file {@code NAME.header.json} beside the table is read, else the header
 * that the model was trained with. If there is neither, one is inferred and written there.
 *
 * @param parts the tables
 * @param header the header
 */
public record RowSource(Parts parts, Optional<Path> header) {

    private static final LossSpec LABELS = new BinaryCrossEntropyLoss(1, List.of(), 0, null);

    /**
     * Parses the text after {@code rows:}.
     *
     * @param text as in the table above
     * @return the source; no file is opened yet
     * @throws DataException if it names no table, or a file that does not exist
     */
    public static RowSource parse(String text) {
        int colon = text.lastIndexOf(':');
        boolean named = text.toLowerCase(Locale.ROOT).endsWith(".json") && colon > 0;
        Parts parts = Parts.parse("rows", named ? text.substring(0, colon) : text);
        parts.all().forEach(RowSource::requireTable);
        return new RowSource(
                parts,
                named ? Optional.of(Locations.path(text.substring(colon + 1))) : Optional.empty());
    }

    private static void requireTable(Path file) {
        if (!RowTable.isTable(file) || Files.isDirectory(file)) {
            throw new DataException(
                    file + ": a table must be a .csv, .tsv, .jsonl or .parquet file");
        }
    }

    /** {@return the file where a header is found, or written if it is inferred} */
    public Path headerFile() {
        String name = String.valueOf(parts.train().getFileName());
        String stem = name.substring(0, name.lastIndexOf('.'));
        return header.orElseGet(() -> parts.train().resolveSibling(stem + ".header.json"));
    }

    /**
     * The rows of a training run.
     *
     * @param spec the network, whose only vector of features has the length of the columns, and
     *     whose only output that of the targets
     * @param header the header, fitted to the training rows
     * @param task the training task
     */
    public record Opened(ModelSpec spec, RowHeader header, SampleTask task) {}

    /**
     * Reads the rows for training.
     *
     * @param spec the network
     * @param metadata its metadata, with the tokenizer if it has one
     * @param resizable true if a network whose only input is a vector of features may get another
     *     length, as one without trained weights does
     * @param share the share of the rows to hold out if there are no validation rows
     * @param notes receives a line if a header was inferred, and where it was written
     * @return the rows, whose data are to be closed by the caller
     * @throws DataException with file, line and column if a value is not as the header says
     */
    public Opened open(
            ModelSpec spec,
            ModelMetadata metadata,
            boolean resizable,
            double share,
            Consumer<String> notes) {
        RowTable table = RowTable.read(parts.train());
        RowHeader found = header(table, new SampleLayout(spec), metadata, notes);
        table.require(found, true, List.of());
        int[] training = IntStream.range(0, table.size()).toArray();
        if (parts.validation().isEmpty() && share > 0) {
            training = Samples.split(table.size(), share, SampleSplits.HELD_OUT_SEED).get(0);
        }
        RowHeader fitted = found.fitted(table, training);
        ModelSpec sized = withOutputs(resizable ? withInputs(spec, fitted) : spec, fitted);
        SampleLayout layout = new SampleLayout(sized);
        SampleSplits data =
                SampleSplits.open(
                        "rows of",
                        parts,
                        share,
                        file ->
                                file.equals(parts.train())
                                        ? new RowSamples(table, fitted, layout, metadata, true)
                                        : samples(file, fitted, layout, metadata));
        return new Opened(sized, fitted, task(data, fitted, metadata));
    }

    /**
     * Reads the rows for the evaluation of a trained model: the test table, or else the validation
     * table, or else the only one.
     *
     * @param spec the network
     * @param metadata its metadata, with the header of its training
     * @return a task whose test data are these rows; the caller closes the data
     * @throws DataException if the model has no header, or a row does not fit it
     */
    public SampleTask forEvaluation(ModelSpec spec, ModelMetadata metadata) {
        if (header.isPresent()) {
            throw new DataException(
                    "a trained model is evaluated by the header that it was saved with, got %s: leave the header out (rows:%s)"
                            .formatted(header.get(), parts.evaluation()));
        }
        RowHeader known = RowHeader.required(metadata);
        Samples rows = samples(parts.evaluation(), known, new SampleLayout(spec), metadata);
        return task(
                SampleSplits.toEvaluate("rows of " + parts.evaluation(), rows), known, metadata);
    }

    private static SampleTask task(SampleSplits data, RowHeader header, ModelMetadata metadata) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        header.targets().keySet().forEach(output -> names.put(output, header.names(output)));
        Map<String, LossSpec> losses = new LinkedHashMap<>();
        header.targets().keySet().stream()
                .filter(header::isLabels)
                .forEach(output -> losses.put(output, LABELS));
        ModelMetadata saved =
                metadata.with(RowHeader.METADATA, SpecJson.standard().compact(header))
                        .withClassNames(List.of());
        if (names.size() == 1) {
            Map.Entry<String, List<String>> only = names.entrySet().iterator().next();
            if (header.isClass(only.getKey())) {
                saved = saved.withClassNames(only.getValue());
            } else {
                ClassActivation scores =
                        header.isLabels(only.getKey())
                                ? ClassActivation.SIGMOID
                                : ClassActivation.IDENTITY;
                saved = scores.on(saved.withClassNames(only.getValue()));
            }
        }
        return new SampleTask(data, names, Units.of(header), losses, saved);
    }

    private static Samples samples(
            Path file, RowHeader header, SampleLayout layout, ModelMetadata metadata) {
        RowTable table = RowTable.read(file);
        table.require(header, true, List.of());
        return new RowSamples(table, header, layout, metadata, true);
    }

    private RowHeader header(
            RowTable table, SampleLayout layout, ModelMetadata metadata, Consumer<String> notes) {
        Path file = headerFile();
        if (Files.exists(file)) {
            return RowHeader.read(file);
        }
        Optional<RowHeader> trained = header.isEmpty() ? RowHeader.of(metadata) : Optional.empty();
        if (trained.isPresent()) {
            return trained.get();
        }
        RowHeader inferred = HeaderInference.infer(table, layout);
        try {
            AtomicFiles.writeString(file, inferred.json());
        } catch (IOException e) {
            throw new DataException(
                    "cannot write the inferred header %s: %s; name another file (rows:%s:HEADER.json)"
                            .formatted(file, e.getMessage(), parts.train()),
                    e);
        }
        notes.accept(
                "%s: inferred from the rows, the target is %s; edit it if a column is something else%s"
                        .formatted(
                                file,
                                String.join(", ", inferred.targetColumns()),
                                inferred.ignore().isEmpty()
                                        ? ""
                                        : "; not used: " + String.join(", ", inferred.ignore())));
        for (String column : table.columns()) {
            if (!(inferred.columns().get(column) instanceof NumberColumn)) {
                table.exceptionAmongNumbers(column)
                        .ifPresent(
                                cell ->
                                        notes.accept(
                                                "the column \"%s\" is not one of numbers, because %s; if that is wrong, correct it and delete %s"
                                                        .formatted(column, cell.quoted(), file)));
            }
        }
        return inferred;
    }

    /** Gives the only input, if it is a vector, the length of its columns. */
    private static ModelSpec withInputs(ModelSpec spec, RowHeader header) {
        List<String> columns = header.inputs().getOrDefault(InputSpec.NAME, List.of());
        int width = columns.stream().mapToInt(name -> header.column(name).inputWidth()).sum();
        if (!(spec.input() instanceof InputSpec.Features features)
                || features.shape().size() != 1
                || width == 0
                || features.shape().get(0) == width) {
            return spec;
        }
        InputSpec input = new InputSpec.Features(List.of(width));
        return spec.withInput(input);
    }

    /** Gives the only output, if it is a vector, the length of its targets. */
    private static ModelSpec withOutputs(ModelSpec spec, RowHeader header) {
        Map<String, Shape> outputs = new SampleLayout(spec).outputs();
        Map.Entry<String, Shape> output = outputs.entrySet().iterator().next();
        int width = header.names(output.getKey()).size();
        boolean fits =
                outputs.size() > 1
                        || width == 0
                        || output.getValue().dimension() != 2
                        || output.getValue().get(1) == width;
        return fits ? spec : spec.withClasses(width);
    }
}
