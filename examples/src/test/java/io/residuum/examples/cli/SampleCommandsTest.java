package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import blue.strategic.parquet.ParquetWriter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.residuum.weights.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks of any inputs and outputs from the command line: rows, arrays, pairs. */
class SampleCommandsTest {
    private static final Path RESOURCES = Path.of("../docs/src/test/resources/guide");

    @TempDir private Path temp;

    /** Writes 160 houses whose price is 2000 per square metre, plus 50,000 in the north. */
    private Path houses(String name) throws IOException {
        SplittableRandom random = new SplittableRandom(4);
        StringBuilder rows = new StringBuilder("size,zone,price\n");
        for (int i = 0; i < 160; i++) {
            int size = random.nextInt(40, 200);
            boolean north = random.nextBoolean();
            rows.append(size).append(north ? ",north," : ",south,");
            rows.append(2000 * size + (north ? 50_000 : 0)).append('\n');
        }
        return Files.writeString(temp.resolve(name), rows);
    }

    /** The error after two updates is that of an answer near 0, 1.08, or a little smaller. */
    @Test
    void theAddingProblemIsGenerated() {
        Path run = temp.resolve("run");
        String data = "adding:100,train=128,test=32";
        Cli train =
                Cli.ok(
                        "train",
                        "adding-100-rnn",
                        "--data",
                        data,
                        "--epochs",
                        "1",
                        "--out",
                        run + "");
        String parts =
                "adding problem (length 100, seed 1): 128 samples for training, 13 for validation,"
                        + " 32 for testing";
        assertTrue(train.err().contains(parts), train.err());
        JsonNode found = Cli.ok("evaluate", run.toString(), "--data", data, "--json").json();
        double rmse = found.get("rmse").asDouble();
        assertEquals(rmse * rmse, found.get("loss").asDouble(), 1e-4);
        assertTrue(rmse > 0.2 && rmse < 1.2, found.toString());

        Cli length = Cli.run("train", "adding-400-rnn", "--data", data);
        assertEquals(1, length.code(), length.err());
        assertTrue(length.err().contains("(400, 2)"), length.err());
        Cli none = Cli.run("train", "adding-100-rnn", "--data", "adding");
        assertEquals(2, none.code(), none.err());
        assertTrue(none.err().contains("as in adding:100"), none.err());
    }

    @Test
    void labelsOfPicturesHaveProbabilitiesOfTheirOwn() throws IOException {
        StringBuilder rows = new StringBuilder("pic,tags\n");
        for (int i = 0; i < 8; i++) {
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
            image.setRGB(i, i, 0xff0000);
            ImageIO.write(image, "png", temp.resolve(i + ".png").toFile());
            rows.append(i).append(".png,").append(i % 2 == 0 ? "dot;even\n" : "dot\n");
        }
        Path table = Files.writeString(temp.resolve("dots.csv"), rows);
        Path header =
                Files.writeString(
                        temp.resolve("dots.json"),
                        """
                        {"columns": {"pic": {"type": "image"}, "tags": {"type": "labels"}},
                         "inputs": {"input": ["pic"]}, "targets": {"output": ["tags"]}}
                        """);
        Path spec =
                Files.writeString(
                        temp.resolve("dots-net.json"),
                        """
                        {"format": "residuum/1", "name": "dots", "input": {"type": "image", "shape": [3, 8, 8]},
                         "network": [{"type": "conv2d", "filters": 4, "kernel": 3}, {"type": "flatten"}, {"type": "linear", "units": 2}]}
                        """);
        String run = temp.resolve("dots").toString();
        Cli train =
                Cli.ok(
                        "train",
                        spec.toString(),
                        "--data=rows:" + table + ":" + header,
                        "--epochs=1",
                        "--batch=4",
                        "--out=" + run);
        assertTrue(train.out().contains("accuracy"), "not RMSE: " + train.out());
        JsonNode row =
                Cli.ok("predict", run, "--input=" + table, "--ignore=tags", "--json").json().get(0);
        for (JsonNode label :
                Cli.ok("predict", run, temp.resolve("0.png").toString(), "--json")
                        .json()
                        .get(0)
                        .get("classes")) {
            assertEquals(
                    row.get("tags." + label.get("name").asText()).asDouble(),
                    label.get("probability").asDouble(),
                    1e-6);
        }
        Path map = temp.resolve("map.png");
        Cli why =
                Cli.ok(
                        "explain",
                        run,
                        temp.resolve("0.png").toString(),
                        "--class=even",
                        "--layer=0",
                        "-o",
                        map.toString());
        String even = "even (%.1f%%)".formatted(100 * row.get("tags.even").asDouble());
        assertTrue(why.out().contains(even), even + " in " + why.out());
        Path served = temp.resolve("served");
        Cli.ok("export", run, "--format=onnx", "--serving", "-o", served.toString());
        assertFalse(Files.exists(served.resolve("synset.txt")), "DJL would apply the softmax");
    }

    @Test
    void aRegressionIsOneCommand() throws IOException {
        Path table = houses("houses.csv");
        Path run = temp.resolve("run");
        Cli train =
                Cli.ok(
                        "train",
                        RESOURCES.resolve("specs/mlp.json").toString(),
                        "--data",
                        table.toString(),
                        "--lr",
                        "0.01",
                        "--out",
                        run.toString());
        assertTrue(
                train.err()
                        .contains(
                                "houses.header.json: inferred from the rows, the target is price"),
                train.err());
        assertTrue(
                train.err().contains("the input: 3 numbers of the columns instead of 8"),
                train.err());
        assertTrue(Files.exists(temp.resolve("houses.header.json")));
        assertTrue(Files.readString(run.resolve("report.html")).length() > 1000);

        JsonNode found =
                new JsonMapper()
                        .readTree(
                                Cli.ok(
                                                "evaluate",
                                                run.toString(),
                                                "--data",
                                                table.toString(),
                                                "--json")
                                        .out());
        assertTrue(found.get("r2").asDouble() > 0.98, found.toString());
        refused(
                "must end with .csv or .jsonl",
                "predict",
                run,
                "--input",
                table,
                "--output",
                "x.txt");
        refused("--max-pixels is for images", "predict", run, "--input", table, "--max-pixels", 9);
        String spec = RESOURCES.resolve("specs/mlp.json").toString();
        refused("--task and --context are for", "train", spec, "--data", table, "--context", 8);
        // The default warmup takes an epoch.
        Path one = temp.resolve("one");
        Cli brief = Cli.ok("train", spec, "--data", table + "", "--epochs", "1", "--out", one + "");
        assertTrue(brief.err().contains("144 samples for training, 16"), brief.err());
        assertTrue(brief.out().contains("the best of 1 epoch: epoch 1"), brief.out());
        String few = temp.resolve("few").toString();
        Cli steps = Cli.ok("train", spec, "--data", table + "", "--steps", "3", "--out", few);
        assertTrue(steps.err().contains("warmup 0.375 epochs"), "3 of 4, halved: " + steps.err());
        refused(
                "warmupEpochs must be in [0, 0.75)",
                "train",
                spec,
                "--data",
                table,
                "--steps",
                3,
                "--warmup",
                1,
                "--out",
                temp.resolve("long"));
        Cli whole = Cli.ok("evaluate", one + "", "--data", table + "");
        assertTrue(whole.err().contains("rows of " + table + ": 160 samples\n"), whole.err());
        // in money, not in standard deviations
        assertTrue(found.get("rmse").asDouble() > 100, found.toString());

        Path asked =
                Files.writeString(temp.resolve("asked.csv"), "zone,size\nnorth,100\nsouth,150\n");
        List<String> predicted =
                Cli.ok("predict", run.toString(), "--input", asked.toString())
                        .out()
                        .lines()
                        .toList();
        assertEquals("price", predicted.get(0));
        assertEquals(250_000, Double.parseDouble(predicted.get(1)), 30_000);
        assertEquals(300_000, Double.parseDouble(predicted.get(2)), 30_000);

        Path wrong = Files.writeString(temp.resolve("wrong.csv"), "zone,size\nnorht,100\n");
        Cli refused = Cli.run("predict", run.toString(), "--input", wrong.toString());
        assertEquals(1, refused.code());
        assertTrue(
                refused.err()
                        .contains(
                                "wrong.csv: line 2, column \"zone\": must be one of the 2 values"),
                refused.err());
        assertTrue(refused.err().contains("did you mean \"north\"?"), refused.err());
    }

    /** Prices are decimals, which Parquet stores as whole numbers of cents. */
    @Test
    void parquetIsTrainedOnEvaluatedAndPredicted() throws IOException {
        List<String> lines = Files.readAllLines(houses("houses.csv"));
        MessageType schema =
                Types.buildMessage()
                        .required(PrimitiveType.PrimitiveTypeName.INT32)
                        .named("size")
                        .required(PrimitiveType.PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named("zone")
                        .required(PrimitiveType.PrimitiveTypeName.INT64)
                        .as(LogicalTypeAnnotation.decimalType(2, 18))
                        .named("price")
                        .named("houses");
        Path table = temp.resolve("houses.parquet");
        try (ParquetWriter<String[]> writer =
                ParquetWriter.writeFile(
                        schema,
                        table.toFile(),
                        (row, out) -> {
                            out.write("size", Integer.parseInt(row[0]));
                            out.write("zone", row[1]);
                            out.write("price", 100 * Long.parseLong(row[2]));
                        })) {
            for (String line : lines.subList(1, lines.size())) {
                writer.write(line.split(","));
            }
        }
        String run = temp.resolve("run").toString();
        String spec = RESOURCES.resolve("specs/mlp.json").toString();
        String data = "rows:" + table;
        Cli context = Cli.run("train", spec, "--data", data, "--context", "8");
        assertEquals(2, context.code(), context.err());
        assertTrue(context.err().contains("--context are for text files"), context.err());
        Cli.ok("train", spec, "--data", data, "--lr", "0.01", "--out", run);
        JsonNode found = Cli.ok("evaluate", run, "--data", data, "--json").json();
        assertTrue(found.get("r2").asDouble() > 0.98, found.toString());
        Cli header = Cli.run("evaluate", run, "--data", data + ":" + temp + "/houses.header.json");
        assertEquals(1, header.code(), header.err());
        assertTrue(header.err().contains("leave the header out"), header.err());

        List<String> predicted =
                Cli.ok("predict", run, "--input", table.toString()).out().lines().toList();
        assertEquals("price", predicted.get(0));
        assertEquals(lines.size(), predicted.size());
        double price = Double.parseDouble(lines.get(1).split(",")[2]);
        assertEquals(price, Double.parseDouble(predicted.get(1)), 30_000);
    }

    /** The commands of the guide, run on the files that it shows. */
    @Test
    void theGuideTrainsServesAndExportsTwoHeads() throws IOException {
        Files.copy(RESOURCES.resolve("specs/visits.json"), temp.resolve("visits.json"));
        Files.copy(
                RESOURCES.resolve("rows/visits.header.json"), temp.resolve("visits.header.json"));
        String[] topics = {"billing", "search", "setup"};
        SplittableRandom random = new SplittableRandom(2);
        StringBuilder rows = new StringBuilder("id,age,plan,hour,pages,topic,minutes\n");
        for (int i = 0; i < 120; i++) {
            int plan = random.nextInt(3);
            int pages = random.nextInt(1, 9);
            rows.append(
                    String.format(
                            Locale.ROOT,
                            "%d,%s,%s,%d,%d,%s,%s%n",
                            i,
                            i % 10 == 0 ? "NA" : random.nextInt(20, 60),
                            List.of("free", "team", "pro").get(plan),
                            random.nextInt(24),
                            pages,
                            i % 9 == 0 ? "" : topics[plan],
                            i % 8 == 0 ? "" : 3 * pages));
        }
        Files.writeString(temp.resolve("visits.csv"), rows);
        Files.writeString(temp.resolve("new.csv"), "age,plan,hour,pages\n30,pro,12,8\n,free,3,1\n");
        List<String[]> commands = GuideCommands.of("data.md", "two-heads", temp);
        assertEquals(5, commands.size());
        commands.forEach(Cli::ok);

        List<String> answers = Files.readAllLines(temp.resolve("answers.csv"));
        assertEquals("topic,topic.probability,minutes", answers.get(0));
        assertTrue(answers.get(1).startsWith("setup,"), answers.toString());
        assertTrue(answers.get(2).startsWith("billing,"), answers.toString());
        double many = Double.parseDouble(answers.get(1).split(",")[2]);
        double few = Double.parseDouble(answers.get(2).split(",")[2]);
        assertEquals(24, many, 8);
        assertEquals(3, few, 8);
        assertTrue(Files.size(temp.resolve("visits.onnx")) > 1000);
        assertTrue(Files.exists(temp.resolve("served/serving.properties")));
    }

    @Test
    void arraysTrainByName() {
        Path file = temp.resolve("both.safetensors");
        int count = 40;
        float[] people = new float[4 * count];
        float[] visits = new float[2 * count];
        long[] topics = new long[count];
        float[] minutes = new float[count];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < count; i++) {
            topics[i] = random.nextInt(3);
            people[4 * i + (int) topics[i]] = 1;
            minutes[i] = (float) random.nextDouble();
            visits[2 * i] = minutes[i];
        }
        new SafetensorsWriter()
                .add("person", new long[] {count, 4}, people)
                .add("visit", new long[] {count, 2}, visits)
                .add("topic", new long[] {count}, topics)
                .add("minutes", new long[] {count, 1}, minutes)
                .write(file);
        String run = temp.resolve("arrays").toString();
        String spec = RESOURCES.resolve("specs/visits.json").toString();
        String data = "arrays:" + file;
        Cli.ok(
                "train",
                spec,
                "--data",
                data,
                "--epochs",
                "40",
                "--batch",
                "8",
                "--lr",
                "0.01",
                "--out",
                run);
        String found = Cli.ok("lr", spec, "--data", data, "--batch", "8", "--updates", "20").out();
        assertTrue(found.contains("learning rate"), found);
        String line = Cli.ok("evaluate", run, "--data", data).out();
        Matcher accuracy = Pattern.compile("topic accuracy ([0-9.]+)").matcher(line);
        assertTrue(accuracy.find(), line);
        assertTrue(Double.parseDouble(accuracy.group(1)) > 0.9, line);
    }

    @Test
    void numbersOfArraysAreNoClasses() throws IOException {
        Path file = temp.resolve("sizes.safetensors");
        new SafetensorsWriter()
                .add("input", new long[] {8, 3, 8, 8}, new float[8 * 3 * 8 * 8])
                .add("output", new long[] {8, 2}, new float[16])
                .write(file);
        Path spec =
                Files.writeString(
                        temp.resolve("sizes-net.json"),
                        """
                        {"format": "residuum/1", "name": "sizes", "input": {"type": "image", "shape": [3, 8, 8]},
                         "network": [{"type": "flatten"}, {"type": "linear", "units": 2}]}
                        """);
        String run = temp.resolve("sizes").toString();
        Cli.ok(
                "train",
                spec.toString(),
                "--data=arrays:" + file,
                "--epochs=1",
                "--batch=4",
                "--out=" + run);
        Path picture = temp.resolve("sizes.png");
        ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
        Cli found = Cli.ok("predict", run, picture.toString());
        assertFalse(found.out().contains("%"), "no softmax: " + found.out());
    }

    private static void refused(String part, Object... args) {
        Cli cli = Cli.run(Arrays.stream(args).map(String::valueOf).toArray(String[]::new));
        assertTrue(cli.err().contains(part), cli.err());
        assertEquals(2, cli.code());
    }
}
