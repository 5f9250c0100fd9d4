package io.residuum.train.rows;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.ParquetReader;
import com.google.common.base.Throwables;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveStringifier;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** Reads Parquet files by the library parquet-floor, which is optional. */
final class ParquetRows {
    private ParquetRows() {}

    /** Receives the columns and rows of a file. */
    interface Rows {
        void columns(List<String> names);

        void row(Map<String, Json> values);
    }

    private record ByColumn(Map<String, PrimitiveStringifier> annotated)
            implements Hydrator<Map<String, Json>, Map<String, Json>, String> {
        @Override
        public Map<String, Json> start() {
            return new LinkedHashMap<>();
        }

        @Override
        public Map<String, Json> add(Map<String, Json> row, String column, @Nullable Object value) {
            // NaN is pandas' missing number.
            boolean missing =
                    value == null || (value instanceof Number n && Double.isNaN(n.doubleValue()));
            PrimitiveStringifier text = annotated.get(column);
            if (text != null && value instanceof Integer number) {
                row.put(column, Json.of(text.stringify(number)));
                return row;
            }
            if (text != null && value instanceof Long number) {
                row.put(column, Json.of(text.stringify(number)));
                return row;
            }
            boolean known = value instanceof Number || value instanceof Boolean;
            if (!missing) {
                row.put(column, Json.of(known ? value : String.valueOf(value)));
            }
            return row;
        }

        @Override
        public Map<String, Json> finish(Map<String, Json> row) {
            return row;
        }
    }

    /**
     * Reads a file.
     *
     * @throws DataException if the library is not on the class path, or a column is nested
     */
    static void read(Path path, Rows rows) throws IOException {
        try {
            readFlat(path, rows);
        } catch (NoClassDefFoundError e) {
            throw new DataException(
                    path
                            + ": Parquet needs the library blue.strategic.parquet:parquet-floor on"
                            + " the class path; add it, or convert the table to CSV",
                    e);
        }
    }

    private static void readFlat(Path path, Rows rows) throws IOException {
        File file = path.toFile();
        MessageType schema;
        try {
            schema = ParquetReader.readMetadata(file).getFileMetaData().getSchema();
        } catch (RuntimeException e) {
            throw new DataException(path + ": must be a Parquet file: " + e.getMessage(), e);
        }
        for (Type field : schema.getFields()) {
            if (!field.isPrimitive() || field.isRepetition(Type.Repetition.REPEATED)) {
                throw new DataException(
                        "%s: a column must hold one value a row, found \"%s\" with lists or fields: write one column for each"
                                .formatted(path, field.getName()));
            }
        }
        Map<String, PrimitiveStringifier> annotated = new HashMap<>();
        for (Type field : schema.getFields()) {
            LogicalTypeAnnotation type = field.getLogicalTypeAnnotation();
            // Stored as whole numbers: 12.34 as 1234, and unsigned ones may be negative.
            if (type instanceof LogicalTypeAnnotation.DecimalLogicalTypeAnnotation
                    || type instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation) {
                annotated.put(field.getName(), field.asPrimitiveType().stringifier());
            }
        }
        rows.columns(schema.getFields().stream().map(Type::getName).toList());
        try (Stream<Map<String, Json>> stream =
                ParquetReader.streamContent(file, new ByColumn(annotated), column -> column[0])) {
            stream.forEach(rows::row);
        } catch (DataException e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError e) {
            // The library throws unchecked exceptions for damaged pages. It allocates the size that
            // a page states, however small the file is.
            throw new DataException(
                    "%s: a page is damaged: %s".formatted(path, Throwables.getRootCause(e)), e);
        }
    }
}
