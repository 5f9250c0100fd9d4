package io.residuum.train.rows;

import ai.djl.ndarray.types.Shape;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.residuum.data.DataException;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.InputSpec;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleLayout;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The rows of a table as samples of a network. Closing releases tokenizers of text columns. */
public final class RowSamples implements Samples {
    private final RowTable table;
    private final RowHeader header;
    private final List<Part> inputs = new ArrayList<>();
    private final List<Part> targets = new ArrayList<>();

    /** The columns of one input or output. */
    private record Part(
            String name, Shape shape, List<String> columns, List<ColumnEncoder> encoders) {}

    /**
     * Reads rows for a network.
     *
     * @param header the header, fitted
     * @param layout the inputs and outputs of the network
     * @param metadata the metadata of the model, for columns that need a tokenizer
     * @param withTargets false for rows to predict
     * @throws DataException if the header names what the network does not have, or a value is
     *     something else than the header says; with file, line and column
     */
    public RowSamples(
            RowTable table,
            RowHeader header,
            SampleLayout layout,
            ModelMetadata metadata,
            boolean withTargets) {
        this.table = table;
        this.header = header;
        Path folder = table.file().toAbsolutePath().resolveSibling("");
        try {
            header.inputs()
                    .forEach((name, columns) -> addInput(name, columns, layout, folder, metadata));
            if (withTargets) {
                header.targets().forEach((name, columns) -> addTarget(name, columns, layout));
            }
            for (int row = 0; row < table.size(); row++) {
                check(row, inputs);
                check(row, targets);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void addInput(
            String name,
            List<String> columns,
            SampleLayout layout,
            Path folder,
            ModelMetadata metadata) {
        InputSpec input = layout.inputs().get(name);
        if (input == null) {
            throw new DataException(
                    "the inputs of the header must be inputs of the network, %s, got \"%s\""
                            .formatted(layout.inputs().keySet(), name));
        }
        ColumnContext context = new ColumnContext(input, folder, metadata);
        Part part = new Part(name, input.batchShape().slice(1), columns, new ArrayList<>());
        inputs.add(part);
        addEncoders(part, column -> column.input(context));
    }

    private void addTarget(String name, List<String> columns, SampleLayout layout) {
        Shape output = layout.outputs().get(name);
        if (output == null) {
            throw new DataException(
                    "the targets of the header must be outputs of the network, %s, got \"%s\""
                            .formatted(layout.outputs().keySet(), name));
        }
        Part part = new Part(name, output.slice(1), columns, new ArrayList<>());
        targets.add(part);
        addEncoders(part, ColumnSpec::target);
        List<String> names = header.names(name);
        if (output.dimension() != 2 || output.get(1) != names.size()) {
            throw new DataException(
                    "the output \"%s\" must have one number for each of the %d values of its targets, %s, got %s: change the network or the header"
                            .formatted(name, names.size(), names, output));
        }
    }

    private void addEncoders(Part part, Function<ColumnSpec, ColumnEncoder> encoder) {
        for (String column : part.columns()) {
            try {
                part.encoders().add(encoder.apply(header.column(column)));
            } catch (DataException e) {
                throw new DataException("column \"%s\": %s".formatted(column, e.getMessage()), e);
            }
        }
    }

    private void check(int row, List<Part> parts) {
        for (Part part : parts) {
            for (int i = 0; i < part.columns().size(); i++) {
                part.encoders()
                        .get(i)
                        .check(table.cell(row, part.columns().get(i), header.missing()));
            }
        }
    }

    @Override
    public int size() {
        return table.size();
    }

    @Override
    public Sample get(int index) {
        Map<String, Tensor> read = new LinkedHashMap<>();
        inputs.forEach(part -> read.put(part.name(), tensor(part, index)));
        Map<String, Tensor> wanted = new LinkedHashMap<>();
        targets.forEach(part -> wanted.put(part.name(), tensor(part, index)));
        return new Sample(read, wanted);
    }

    private Tensor tensor(Part part, int row) {
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < part.columns().size(); i++) {
            Cell cell = table.cell(row, part.columns().get(i), header.missing());
            tensors.add(part.encoders().get(i).encode(cell));
        }
        Tensor joined = tensors.size() == 1 ? tensors.get(0) : Tensor.joined(part.name(), tensors);
        boolean filling =
                joined instanceof Tensor.Numbers
                        && joined.shape().dimension() == 1
                        && part.shape().dimension() > 1
                        && part.shape().size() == joined.shape().size();
        // A vector fills an input of more axes row by row.
        return filling
                ? new Tensor.Numbers(((Tensor.Numbers) joined).values(), part.shape())
                : joined;
    }

    @Override
    public void close() {
        inputs.forEach(part -> part.encoders().forEach(ColumnEncoder::close));
        targets.forEach(part -> part.encoders().forEach(ColumnEncoder::close));
    }

    /** {@return a hash of the header and of every value that it uses} */
    @Override
    public String fingerprint() {
        Hasher hasher = Hashing.sha256().newHasher().putUnencodedChars(header.json());
        for (int row = 0; row < size(); row++) {
            for (String column : header.columns().keySet()) {
                Cell cell = table.cell(row, column, header.missing());
                hasher.putUnencodedChars(
                                String.valueOf(
                                        cell.value() == null ? null : cell.value().compact()))
                        .putChar('\n');
            }
        }
        return hasher.hash().toString();
    }
}
