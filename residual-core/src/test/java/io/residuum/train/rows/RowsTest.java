package io.residuum.train.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import blue.strategic.parquet.ParquetWriter;
import io.residuum.ResiduumException;
import io.residuum.loss.BinaryCrossEntropyLoss;
import io.residuum.loss.LossSpec;
import io.residuum.model.ClassActivation;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleLayout;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Tables as samples: types of columns, missing values, inference, and errors with their place. */
class RowsTest {
    private static final String HOUSES =
            """
            size,zone,rooms,price
            10,a,1,100
            20,b,,200
            30,a,3,300
            40,"c, d",4,
            """;

    private static final String HEADER =
            """
            {"columns": {"size": {"type": "number"}, "zone": {"type": "category"},
                         "rooms": {"type": "number", "normalize": "none", "missing": 2.5},
                         "price": {"type": "number"}},
             "inputs": {"input": ["size", "rooms", "zone"]}, "targets": {"output": ["price"]}}
            """;

    @TempDir private Path temp;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(temp.resolve("houses.csv"), HOUSES);
    }

    private static ModelSpec spec(int inputs, int outputs) {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "dense", "input": {"type": "features", "shape": [%d]},
                         "network": [{"type": "linear", "name": "hidden", "units": 4}, {"type": "linear", "name": "head", "units": %d}]}
                        """
                                .formatted(inputs, outputs),
                        "dense",
                        ModelSpec.class);
    }

    private static RowHeader header(String json) {
        return SpecJson.standard().parse(json, "header", RowHeader.class);
    }

    private static float[] numbers(Map<String, Tensor> arrays, String name) {
        return ((Tensor.Numbers) arrays.get(name)).values();
    }

    @Test
    void joinsTypedColumns() {
        RowTable table = RowTable.read(file);
        RowHeader fitted = header(HEADER).fitted(table, 0, 1, 2, 3);
        Samples rows =
                new RowSamples(
                        table, fitted, new SampleLayout(spec(5, 1)), ModelMetadata.EMPTY, true);
        // sizes 10, 20, 30, 40 have the mean 25 and the standard deviation sqrt(125)
        Sample second = rows.get(1);
        assertArrayEquals(
                new float[] {(float) (-5 / Math.sqrt(125)), 2.5f, 0, 1, 0},
                numbers(second.inputs(), "input"),
                1e-6f);
        // prices 100, 200, 300 have the mean 200; the last one is unknown
        assertArrayEquals(new float[] {0}, numbers(second.targets(), "output"), 1e-6f);
        assertArrayEquals(new float[] {Float.NaN}, numbers(rows.get(3).targets(), "output"), 1e-6f);
        assertArrayEquals(
                new float[] {(float) (15 / Math.sqrt(125)), 4, 0, 0, 1},
                numbers(rows.get(3).inputs(), "input"),
                1e-6f);
        // what was learned survives JSON
        assertEquals(fitted, header(fitted.json()));
    }

    @Test
    void learnsFromTheTrainingRowsOnly() {
        RowTable table = RowTable.read(file);
        RowHeader fitted = header(HEADER).fitted(table, 0, 2);
        NumberColumn size = (NumberColumn) fitted.columns().get("size");
        assertEquals(20.0, size.mean());
        assertEquals(10.0, size.std());
        assertRefused(
                "houses.csv: line 3, column \"zone\": must be one of the 1 values of the training"
                        + " rows or of the header, [a], found \"b\", did you mean \"a\"?",
                () ->
                        new RowSamples(
                                table,
                                fitted,
                                new SampleLayout(spec(3, 1)),
                                ModelMetadata.EMPTY,
                                true));
    }

    @Test
    void infersAHeaderAndWritesIt() {
        List<String> notes = new ArrayList<>();
        RowSource source = RowSource.parse(file.toString());
        RowSource.Opened opened = source.open(spec(1, 7), ModelMetadata.EMPTY, true, 0, notes::add);
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).contains("houses.header.json"), notes.get(0));
        RowHeader written = RowHeader.read(temp.resolve("houses.header.json"));
        assertEquals(List.of("size", "zone", "rooms"), written.inputs().get("input"));
        assertEquals(List.of("price"), written.targets().get("output"));
        assertEquals(
                new NumberColumn(
                        NumberColumn.Normalization.STANDARD, null, null, new Missing.Mean()),
                written.columns().get("rooms"));
        // one hot: a, b and "c, d"; the seven outputs become three classes or one number
        assertEquals("(-1, 5)", opened.spec().input().batchShape().toString());
        List<String> again = new ArrayList<>();
        source.open(spec(1, 7), ModelMetadata.EMPTY, true, 0, again::add);
        assertEquals(List.of(), again);
    }

    @Test
    void aTypingErrorInAColumnOfNumbersIsNoted() throws IOException {
        List<String> notes = new ArrayList<>();
        Path typed = temp.resolve("typed.csv");
        Files.writeString(typed, "size,zone,price\n10,a,1\n\"1,5\",b,2\n30,3,3\n40,a,4\n");
        RowSource.parse(typed.toString())
                .open(spec(1, 1), ModelMetadata.EMPTY, true, 0, notes::add);
        assertEquals(2, notes.size(), notes::toString);
        assertTrue(
                notes.get(1)
                        .startsWith(
                                "the column \"size\" is not one of numbers, because "
                                        + typed
                                        + ": line 3 has \"1,5\"; if that is wrong"),
                notes.get(1));
    }

    @Test
    void readsJsonLines() throws IOException {
        Path lines =
                Files.writeString(
                        temp.resolve("tags.jsonl"),
                        """
                        {"x": 1.5, "tags": ["red", "round"]}

                        {"x": -2, "tags": ["blue"]}
                        {"x": 0, "tags": null}
                        """);
        RowTable table = RowTable.read(lines);
        RowHeader fitted =
                header(
                                """
                                {"columns": {"x": {"type": "number", "normalize": "none"}, "tags": {"type": "labels"}},
                                 "inputs": {"input": ["x"]}, "targets": {"output": ["tags"]}}
                                """)
                        .fitted(table, 0, 1, 2);
        Samples rows =
                new RowSamples(
                        table, fitted, new SampleLayout(spec(1, 3)), ModelMetadata.EMPTY, true);
        assertArrayEquals(new float[] {0, 1, 1}, numbers(rows.get(0).targets(), "output"));
        assertArrayEquals(new float[] {1, 0, 0}, numbers(rows.get(1).targets(), "output"));
        assertTrue(Float.isNaN(numbers(rows.get(2).targets(), "output")[0]));
    }

    /** Predictions of labels are the sigmoid of the output, so another loss would not fit them. */
    @Test
    void labelsLearnByTheBinaryCrossEntropy() throws IOException {
        Path table = temp.resolve("tagged.csv");
        Files.writeString(table, "x,tags,y\n1,red;round,1\n2,blue,2\n3,red,3\n4,,4\n");
        String columns =
                """
                {"columns": {"x": {"type": "number"}, "tags": {"type": "labels"}, "y": "number"},
                 "inputs": {"input": ["x"]}, "targets": {"output": %s}, "ignore": %s}
                """;
        SampleTask labels =
                tagged(
                        table,
                        columns.replace(", \"y\": \"number\"", "")
                                .formatted("[\"tags\"]", "[\"y\"]"),
                        3);
        LossSpec loss = labels.completed(Recipe.defaults()).losses().get("output");
        assertEquals(new BinaryCrossEntropyLoss(1, List.of(), 0, null), loss);
        LossSpec named = new BinaryCrossEntropyLoss(2, List.of(), 0, null);
        Recipe recipe = Recipe.builder().losses(Map.of("output", named)).build();
        assertEquals(named, labels.completed(recipe).losses().get("output"));
        ModelMetadata saved = new ModelMetadata(labels.metadata());
        assertEquals(ClassActivation.SIGMOID, ClassActivation.of(saved));
        assertEquals(List.of("blue", "red", "round"), saved.classNames());
        RowHeader.requireClassifier(saved, "output");

        SampleTask numbers =
                tagged(
                        table,
                        columns.replace("\"tags\": {\"type\": \"labels\"}, ", "")
                                .formatted("[\"y\"]", "[\"tags\"]"),
                        1);
        assertEquals(Map.of(), numbers.completed(Recipe.defaults()).losses());
        ModelMetadata regression = new ModelMetadata(numbers.metadata());
        assertEquals(ClassActivation.IDENTITY, ClassActivation.of(regression));
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> RowHeader.requireClassifier(regression, "output"));
        assertTrue(e.getMessage().contains("\"output\" learned other columns"), e.getMessage());
    }

    @Test
    void labelsJoinNoOtherColumns() {
        String header =
                """
                {"columns": {"x": "number", "y": "number", "tags": "labels"},
                 "inputs": {"input": ["x"]}, "targets": {"output": ["y", "tags"]}}
                """;
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> SpecJson.standard().parse(header, "header", RowHeader.class));
        String message = String.valueOf(e.getMessage());
        assertTrue(
                message.contains(
                        "must not join labels with other columns, since no loss suits both, got the"
                                + " labels [tags] among [y, tags] of \"output\""),
                message);
    }

    private SampleTask tagged(Path table, String header, int outputs) throws IOException {
        Path json = Files.writeString(temp.resolve("header" + outputs + ".json"), header);
        return RowSource.parse(table + ":" + json)
                .open(spec(1, outputs), ModelMetadata.EMPTY, true, 0, note -> {})
                .task();
    }

    @Test
    void readsParquet() throws IOException {
        Path parquet = temp.resolve("houses.parquet");
        MessageType schema =
                Types.buildMessage()
                        .optional(PrimitiveType.PrimitiveTypeName.DOUBLE)
                        .named("size")
                        .optional(PrimitiveType.PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named("zone")
                        .optional(PrimitiveType.PrimitiveTypeName.INT64)
                        .named("rooms")
                        .optional(PrimitiveType.PrimitiveTypeName.INT64)
                        .as(LogicalTypeAnnotation.decimalType(2, 18))
                        .named("price")
                        .optional(PrimitiveType.PrimitiveTypeName.INT32)
                        .as(LogicalTypeAnnotation.intType(32, false))
                        .named("count")
                        .named("houses");
        try (ParquetWriter<Object[]> writer =
                ParquetWriter.writeFile(
                        schema,
                        parquet.toFile(),
                        (row, out) -> {
                            out.write("size", row[0]);
                            out.write("zone", row[1]);
                            if (row[2] != null) {
                                out.write("rooms", row[2]);
                                out.write("price", 123456L);
                                out.write("count", -1);
                            }
                        })) {
            writer.write(new Object[] {10.5, "a", 1L});
            writer.write(new Object[] {Double.NaN, "b, c", null});
        }
        RowTable table = RowTable.read(parquet);
        assertEquals(List.of("size", "zone", "rooms", "price", "count"), table.columns());
        assertEquals(1234.56, table.cell(0, "price", List.of()).number());
        assertEquals(4294967295.0, table.cell(0, "count", List.of()).number());
        assertTrue(table.isNumeric("price"));
        assertEquals(10.5, table.cell(0, "size", List.of()).number());
        assertEquals("b, c", table.cell(1, "zone", List.of()).text());
        assertEquals(1, table.cell(0, "rooms", List.of()).number());
        assertTrue(table.cell(1, "size", List.of()).isMissing());
        assertTrue(table.cell(1, "rooms", List.of()).isMissing());
        assertRefused(
                "houses.parquet: row 2, column \"zone\": must be a finite number",
                () -> table.cell(1, "zone", List.of()).number());
        byte[] bytes = Files.readAllBytes(parquet);
        Arrays.fill(bytes, 4, 40, (byte) 0xff);
        Path damaged = Files.write(temp.resolve("damaged.parquet"), bytes);
        assertRefused("damaged.parquet: a page is damaged", () -> RowTable.read(damaged));
        Path other = Files.writeString(temp.resolve("other.parquet"), "a,b\n1,2\n");
        assertRefused("other.parquet: must be a Parquet file", () -> RowTable.read(other));
    }

    @Test
    void aSuffixOfJavaIsNoNumber() throws IOException {
        Path films = Files.writeString(temp.resolve("films.csv"), "kind,stars\n2D,3\n3D,4\n");
        RowTable table = RowTable.read(films);
        assertFalse(table.isNumeric("kind"));
        assertRefused("found \"2D\"", () -> table.cell(0, "kind", List.of()).number());
    }

    @Test
    void numbersMustFitFloat32() throws IOException {
        Path far = Files.writeString(temp.resolve("far.csv"), "a,b\n1,1\n2,1e39\n");
        RowTable table = RowTable.read(far);
        NumberColumn plain =
                new NumberColumn(NumberColumn.Normalization.NONE, null, null, new Missing.Refuse());
        assertRefused(
                "far.csv: line 3, column \"b\": must be within float32, up to 3.4e38, as it is not"
                        + " normalized, found 1.0E39",
                () -> plain.target().encode(table.cell(1, "b", List.of())));
        Path huge = Files.writeString(temp.resolve("huge.csv"), "b\n1\n-1e300\n");
        List<Cell> cells = RowTable.read(huge).cells("b", List.of(), 0, 1);
        assertRefused(
                "huge.csv: line 3, column \"b\": numbers must be below 1e150",
                () -> plain.fitted(cells));
    }

    @Test
    void aTargetOfOneClassIsRefused() {
        assertRefused(
                "needs two classes or more, found [a]",
                () -> new CategoryColumn(List.of("a"), false).target());
    }

    @Test
    void laterColumnsOfJsonLinesAreMissingBefore() throws IOException {
        Path lines = Files.writeString(temp.resolve("late.jsonl"), "{\"a\": 1}\n{\"b\": 2}\n");
        RowTable table = RowTable.read(lines);
        assertEquals(List.of("a", "b"), table.columns());
        assertTrue(table.cell(0, "b", List.of()).isMissing());
        assertTrue(table.cell(1, "a", List.of()).isMissing());
        assertEquals(2, table.cell(1, "b", List.of()).number());
    }

    @Test
    void errorsHaveTheirPlace() throws IOException {
        RowTable table = RowTable.read(file);
        RowHeader wanted =
                header(HEADER.replace("\"missing\": 2.5", "\"missing\": \"refuse\""))
                        .fitted(table, 0, 1, 2, 3);
        SampleLayout layout = new SampleLayout(spec(5, 1));
        assertRefused(
                "houses.csv: line 3, column \"rooms\": must have a value, found none",
                () -> new RowSamples(table, wanted, layout, ModelMetadata.EMPTY, true));
        assertRefused(
                "the output \"output\" must have one number for each of the 1 values of its"
                        + " targets, [price]",
                () ->
                        new RowSamples(
                                table,
                                wanted,
                                new SampleLayout(spec(5, 2)),
                                ModelMetadata.EMPTY,
                                true));
        Path other =
                Files.writeString(
                        temp.resolve("other.csv"), HOUSES.replace("30,a,3,300", "3O,a,3,300"));
        assertRefused(
                "other.csv: line 4, column \"size\": must be a finite number, found \"3O\"",
                () -> header(HEADER).fitted(RowTable.read(other), 0, 1, 2, 3));
        Path short1 =
                Files.writeString(
                        temp.resolve("short.csv"), HOUSES.replace("30,a,3,300", "30,a,3"));
        assertRefused(
                "short.csv: line 4 must have 4 columns as line 1 names them, found 3",
                () -> RowTable.read(short1));
        Path twice = Files.writeString(temp.resolve("twice.csv"), "a,a\n1,2\n");
        assertRefused("twice.csv: line 1 must name each column once", () -> RowTable.read(twice));
        Path open = Files.writeString(temp.resolve("open.csv"), "a,b\n1,2\n3,\"4\"x\n");
        assertRefused(
                "open.csv: must be a table, but the row after line 2", () -> RowTable.read(open));
        Path broken = Files.writeString(temp.resolve("broken.jsonl"), "{\"a\": 1}\n{\"a\": }\n");
        assertRefused("broken.jsonl: line 2", () -> RowTable.read(broken));
        RowTable unknown =
                RowTable.read(
                        Files.writeString(
                                temp.resolve("id.csv"), "id,size,zone,rooms\n1,10,a,1\n"));
        assertRefused(
                "id.csv: a column must be one of the header, [size, zone, rooms, price], found"
                        + " \"id\"",
                () -> unknown.require(wanted, false, List.of()));
        unknown.require(wanted, false, List.of("id"));
        assertRefused(
                "id.csv: a column to leave out must be in the table, found no \"ib\"",
                () -> unknown.require(wanted, false, List.of("id", "ib")));
        assertRefused(
                "id.csv: must have the column \"price\" of the header",
                () -> unknown.require(wanted, true, List.of("id")));
        Path latin = temp.resolve("latin.csv");
        Files.write(latin, new byte[] {'a', '\n', (byte) 0xE4, '\n'});
        assertRefused("latin.csv: must be UTF-8", () -> RowTable.read(latin));
        assertRefused(
                "columns must belong to an input or a target, got [price]",
                () -> header(HEADER.replace("{\"output\": [\"price\"]}", "{}")));
    }

    private static void assertRefused(String part, Executable action) {
        ResiduumException e = assertThrows(ResiduumException.class, action);
        assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
}
