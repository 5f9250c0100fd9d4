package io.residuum.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ClassProbability;
import io.residuum.model.Classification;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.predict.ImageInput;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Cluster.class)
class ScoringTest {
    private static final int IMAGES = 2000;
    private static final int BATCH = 50;

    static final String NETWORK =
            """
            {"format": "residuum/1", "name": "tiny", "input": {"type": "image", "shape": [3, 12, 12], "mean": [0.5, 0.4, 0.3]},
             "network": [{"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
               {"type": "residual", "name": "unit", "branch": [{"type": "conv2d", "filters": 4, "kernel": 3, "padding": 1}, {"type": "norm"}, {"type": "activation"}]},
               {"type": "globalAveragePool", "name": "pool"}, {"type": "linear", "name": "head", "units": 3}]}
            """;

    private static final StructType SCHEMA =
            new StructType().add("id", DataTypes.IntegerType).add("content", DataTypes.BinaryType);

    private static final List<byte[]> PICTURES = new ArrayList<>();

    @TempDir private static Path folder;
    private static Path model;
    private static SparkSession spark;
    private static List<Classification> expected;

    @BeforeAll
    static void predict() throws IOException {
        spark = Cluster.session();
        model = folder.resolve("model.safetensors");
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < IMAGES; i++) {
            PICTURES.add(picture(random, 14, 13));
        }
        ModelSpec spec = SpecJson.standard().parse(NETWORK, "tiny", ModelSpec.class);
        try (Backend backend = Backend.open(EngineChoice.PYTORCH, DeviceChoice.CPU);
                Network network = Network.create(spec, backend, 3)) {
            network.setMetadata(ModelMetadata.EMPTY.withClassNames(List.of("a", "b", "c")));
            network.save(model);
        }
        try (Backend backend = Backend.open(EngineChoice.PYTORCH, DeviceChoice.CPU);
                ImageClassifier classifier = ImageClassifier.open(model.toString(), backend)) {
            expected = classifier.classify(PICTURES.stream().map(ImageInput::of).toList(), BATCH);
        }
    }

    static byte[] picture(SplittableRandom random, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, random.nextInt(1 << 24));
            }
        }
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        ImageIO.write(image, "png", encoded);
        return encoded.toByteArray();
    }

    private static Dataset<Row> pictures(int count, int partitions) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(RowFactory.create(i, PICTURES.get(i)));
        }
        return spark.createDataFrame(rows, SCHEMA).repartition(partitions);
    }

    private static ResiduumModel scoring() {
        return new ResiduumModel(model.toString()).setEngine("pytorch").setBatchSize(BATCH);
    }

    private static void assertPredicted(List<Row> rows, double tolerance) {
        for (Row row : rows) {
            Classification wanted = expected.get(row.getInt(row.fieldIndex("id")));
            Row found = row.getStruct(row.fieldIndex("prediction"));
            assertEquals(wanted.best().name(), found.getString(0));
            assertEquals(wanted.best().index(), found.getInt(1));
            assertEquals(wanted.best().probability(), found.getDouble(2), tolerance);
            double[] probabilities = new double[3];
            for (ClassProbability each : wanted.classes()) {
                probabilities[each.index()] = each.probability();
            }
            List<Double> all = found.getList(3);
            assertArrayEquals(
                    probabilities,
                    all.stream().mapToDouble(Double::doubleValue).toArray(),
                    tolerance);
        }
    }

    /** The program of the guide. */
    @Test
    void exampleScoresAFolder() throws IOException {
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        Files.write(pictures.resolve("0.png"), PICTURES.get(0));
        Files.write(pictures.resolve("damaged.png"), new byte[] {1});
        Path out = folder.resolve("scored");
        ScorePictures.main(new String[] {model.toString(), pictures.toString(), out.toString()});
        List<Row> rows = spark.read().parquet(out.toString()).sort("path").collectAsList();
        assertEquals(2, rows.size());
        assertEquals(expected.get(0).best().name(), rows.get(0).getAs("label"));
        assertNotNull(rows.get(1).getAs("error"));
    }

    /** Exactly: two executors, whose batches hold other images than those of one process. */
    @Test
    void twoThousandImagesGiveWhatPredictGives() {
        List<Row> rows = scoring().transform(pictures(IMAGES, 4)).collectAsList();
        assertEquals(IMAGES, rows.size());
        assertPredicted(rows, 0);
    }

    @Test
    void errorsStayWithTheirRow() {
        Dataset<Row> rows =
                pictures(3, 1)
                        .union(
                                spark.createDataFrame(
                                        List.of(
                                                RowFactory.create(3, new byte[] {1, 2}),
                                                RowFactory.create(4, null)),
                                        SCHEMA));
        for (Row row : scoring().setErrorCol("error").transform(rows).collectAsList()) {
            if (row.getInt(0) < 3) {
                assertNull(row.getAs("error"));
                assertPredicted(List.of(row), 1e-6);
            } else {
                assertNull(row.getAs("prediction"));
                assertTrue(row.<String>getAs("error").length() > 10);
            }
        }
        assertThrows(Exception.class, () -> scoring().transform(rows).collectAsList());
    }

    @Test
    void layerGivesEmbeddings() {
        Row row = scoring().setLayer("pool").transform(pictures(1, 1)).collectAsList().get(0);
        assertEquals(4, row.getList(row.fieldIndex("prediction")).size());
    }

    @Test
    void pipelineIsSavedWithItsModel() throws IOException {
        Path saved = folder.resolve("pipeline");
        Path moved = folder.resolve("moved.safetensors");
        Files.copy(model, moved);
        ResiduumModel stage = new ResiduumModel(moved.toString()).setEngine("pytorch");
        new Pipeline()
                .setStages(new PipelineStage[] {stage})
                .fit(pictures(1, 1))
                .write()
                .save(saved.toString());
        Files.delete(moved);
        PipelineModel loaded = PipelineModel.load(saved.toString());
        assertPredicted(loaded.transform(pictures(7, 1)).collectAsList(), 1e-6);
    }

    @Test
    void functionScoresInSql() {
        scoring().register(spark, "classify");
        pictures(5, 1).createOrReplaceTempView("pictures");
        assertPredicted(
                spark.sql("SELECT id, classify(content) AS prediction FROM pictures")
                        .collectAsList(),
                1e-6);
    }

    @Test
    void streamIsScored() throws Exception {
        Path source = folder.resolve("stream");
        pictures(6, 2).write().parquet(source.toString());
        scoring()
                .transform(spark.readStream().schema(SCHEMA).parquet(source.toString()))
                .writeStream()
                .format("memory")
                .queryName("scored")
                .trigger(Trigger.AvailableNow())
                .start()
                .awaitTermination();
        List<Row> rows = spark.table("scored").collectAsList();
        assertEquals(6, rows.size());
        assertPredicted(rows, 1e-6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"classes\", \"count\": 2}",
                "{\"type\": \"embedding\", \"pooling\": [\"mean\"]}"
            })
    void textsAreClassifiedAndEmbedded(String head) {
        Tokenizer letters = CharTokenizer.of("abcdefghijklm ").withUnknown();
        String json =
                """
                {"format": "residuum/1", "name": "text",
                 "input": {"type": "tokens", "length": 12, "vocabulary": %1$d},
                 "network": {"type": "bert", "vocabulary": %1$d, "width": 16, "depth": 1, "heads": 2,
                             "head": %2$s}}
                """
                        .formatted(letters.vocabulary(), head);
        Path file = folder.resolve("text" + head.length() + ".safetensors");
        List<String> texts = List.of("a cab", "a hijacked cable", "dig");
        List<Double> wanted;
        try (Backend backend = Backend.open(EngineChoice.PYTORCH, DeviceChoice.CPU);
                Network network =
                        Network.create(
                                SpecJson.standard().parse(json, "text", ModelSpec.class),
                                backend,
                                3)) {
            ModelMetadata metadata = ModelMetadata.EMPTY.with(Tokenizer.METADATA, letters.json());
            network.setMetadata(new Prompts(Map.of("found", "bed "), "found").on(metadata));
            network.save(file);
            wanted =
                    TextEmbedder.isEmbedder(network.spec())
                            ? texts.stream().map(text -> embedded(network, letters, text)).toList()
                            : texts.stream()
                                    .map(text -> classified(network, letters, text))
                                    .toList();
        }
        Dataset<Row> rows = spark.createDataset(texts, Encoders.STRING()).toDF("text");
        ResiduumModel scoring =
                new ResiduumModel(file.toString()).setEngine("pytorch").setInputCols("text");
        String value = head.contains("classes") ? "prediction.probabilities[1]" : "prediction[1]";
        List<Row> found =
                scoring.transform(rows.coalesce(1))
                        .selectExpr("double(" + value + ")")
                        .collectAsList();
        for (int i = 0; i < texts.size(); i++) {
            assertEquals(wanted.get(i), found.get(i).getDouble(0), 1e-5, texts.get(i));
        }
        rows.createOrReplaceTempView("texts");
        scoring.register(spark, "score");
        List<Row> inSql =
                spark.sql(
                                "SELECT double(%s) FROM (SELECT score(text) AS prediction FROM texts)"
                                        .formatted(value))
                        .collectAsList();
        for (int i = 0; i < texts.size(); i++) {
            assertEquals(wanted.get(i), inSql.get(i).getDouble(0), 1e-5, texts.get(i));
        }
        if (head.contains("embedding")) {
            Dataset<Row> end = spark.createDataset(List.of("cab"), Encoders.STRING()).toDF("text");
            Row prompted =
                    scoring.setPrompt("bed a ")
                            .transform(end)
                            .selectExpr("double(" + value + ")")
                            .head();
            assertEquals(wanted.get(0), prompted.getDouble(0), 1e-5);
        }
        Dataset<Row> numbers = spark.range(1).toDF("text");
        SpecException e = assertThrows(SpecException.class, () -> scoring.transform(numbers));
        assertTrue(e.getMessage().contains("must be a string"), e.getMessage());
    }

    @Test
    void aPromptIsForEmbedders() {
        ResiduumModel images = scoring().setPrompt("query: ");
        SpecException e = assertThrows(SpecException.class, () -> images.transform(pictures(1, 1)));
        assertTrue(e.getMessage().contains("setPrompt"), e.getMessage());
    }

    private static double embedded(Network network, Tokenizer tokenizer, String text) {
        try (TextEmbedder embedder = TextEmbedder.of(network, tokenizer)) {
            return embedder.embed(text)[1];
        }
    }

    private static double classified(Network network, Tokenizer tokenizer, String text) {
        try (TextClassifier classifier = TextClassifier.of(network, tokenizer)) {
            return classifier.classify(text).classes().stream()
                    .filter(each -> each.index() == 1)
                    .findFirst()
                    .orElseThrow()
                    .probability();
        }
    }

    /** Spark decodes a picture to BGR itself. */
    @Test
    void imagesOfSparkAreScored() throws IOException {
        Path pictures = Files.createDirectories(folder.resolve("decoded"));
        Files.write(pictures.resolve("0.png"), PICTURES.get(0));
        Dataset<Row> rows =
                spark.read()
                        .format("image")
                        .load(pictures.toString())
                        .selectExpr("0 AS id", "image");
        assertPredicted(scoring().setInputCols("image").transform(rows).collectAsList(), 1e-6);
    }

    @Test
    void numbersAndVectorsAreJoined() throws IOException {
        Path file = folder.resolve("numbers.safetensors");
        ModelSpec spec =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "sum", "input": {"type": "features", "shape": [4]},
                                 "network": [{"type": "linear", "name": "head", "units": 1, "bias": false}]}
                                """,
                                "sum",
                                ModelSpec.class);
        try (Backend backend = Backend.open(EngineChoice.PYTORCH, DeviceChoice.CPU);
                Network network = Network.create(spec, backend, 0)) {
            network.loadValues(
                    new TreeMap<>(Map.of("head.weight", () -> new float[] {1, 10, 100, 1000})));
            network.save(file);
        }
        Dataset<Row> rows =
                spark.sql("SELECT 1 AS a, array(2.0D, 3.0D) AS b, CAST(4 AS FLOAT) AS c");
        ResiduumModel sum =
                new ResiduumModel(file.toString())
                        .setEngine("pytorch")
                        .setInputCols("a", "b", "c")
                        .setOutputCol("y");
        Row row = sum.transform(rows).collectAsList().get(0);
        assertEquals(List.of(4321f), row.getList(3));
        sum.register(spark, "total");
        Row total =
                spark.sql("SELECT total(named_struct('a', 1, 'b', array(2, 3), 'c', 4.0))")
                        .collectAsList()
                        .get(0);
        assertEquals(List.of(4321f), total.getList(0));
        assertNotNull(sum.copy(new ParamMap()).transform(rows));
        StructType schema =
                new StructType()
                        .add("c", DataTypes.DoubleType)
                        .add("v", SQLDataTypes.VectorType())
                        .add("t", DataTypes.createArrayType(DataTypes.BooleanType));
        Boolean[] truths = {true};
        Dataset<Row> vectors =
                spark.createDataFrame(
                        List.of(
                                RowFactory.create(1.0, Vectors.dense(2, 3), truths),
                                RowFactory.create(Double.NaN, Vectors.dense(2, 3), truths),
                                RowFactory.create(1.0, Vectors.dense(2, Double.NaN), truths)),
                        schema);
        List<Row> joined =
                sum.copy(new ParamMap())
                        .setInputCols("c", "v", "t")
                        .setErrorCol("error")
                        .transform(vectors.coalesce(1))
                        .collectAsList();
        assertEquals(List.of(1321f), joined.get(0).getList(3));
        for (Row unreadable : joined.subList(1, 3)) {
            assertNull(unreadable.get(3));
            assertTrue(unreadable.<String>getAs("error").contains("NaN"));
        }
        SpecException e =
                assertThrows(SpecException.class, () -> sum.setInputCols("a", "z").transform(rows));
        assertTrue(e.getMessage().contains("[a, b, c]"), e.getMessage());
    }
}
