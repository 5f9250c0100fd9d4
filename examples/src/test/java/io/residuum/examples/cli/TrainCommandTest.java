package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    private static final String DIGITS = "digits:train=200,test=100";

    @TempDir private Path folder;

    private String[] train(String model, Path out, String... more) {
        List<String> args =
                new ArrayList<>(List.of("train", model, "--data", DIGITS, "--batch=32"));
        args.addAll(List.of("--device", "cpu", "--out", out.toString()));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    private static String[] and(String[] args, String last) {
        String[] all = Arrays.copyOf(args, args.length + 1);
        all[args.length] = last;
        return all;
    }

    @Test
    void trainsEvaluatesPredictsAndGoesOn() throws IOException {
        Path run = folder.resolve("run");
        String tiny = Cli.tiny(folder).toString();
        Cli trained = Cli.ok(train(tiny, run, "--epochs=1", "--schedule=constant"));
        assertTrue(trained.err().contains("adapted  the input: normalized"), trained.err());
        assertTrue(trained.err().contains("epoch 1/1  loss "), trained.err());
        assertTrue(trained.out().startsWith("test accuracy "), trained.out());
        assertTrue(trained.out().contains(run.resolve("report.html").toString()), trained.out());
        for (String file : List.of("spec.json", "recipe.json", "metrics.jsonl", "report.html")) {
            assertTrue(Files.size(run.resolve(file)) > 0, file);
        }

        JsonNode result = Cli.ok("evaluate", run.toString(), "--data", DIGITS, "--json").json();
        assertEquals(100, result.get("samples").asInt());
        int wrong = result.get("wrong").asInt();
        assertEquals(1 - wrong / 100.0, result.get("top1").asDouble(), 1e-9);
        assertTrue(trained.out().contains("(" + wrong + " wrong of 100)"), trained.out());
        assertTrue(result.get("top5").asDouble() >= result.get("top1").asDouble());
        assertTrue(result.get("f1").asDouble() > 0, result.toString());
        Path rows = folder.resolve("rows.csv");
        String[] predicting = {"evaluate", run.toString(), "--data", DIGITS, "--predictions"};
        String text = Cli.ok(and(predicting, rows.toString())).out();
        assertTrue(text.contains(wrong + " wrong of 100\nprecision "), text);
        List<String> lines = Files.readAllLines(rows);
        assertEquals(101, lines.size());
        assertTrue(
                lines.get(0).startsWith("sample,label,prediction,probability,probabilities.0,"),
                lines.get(0));
        long right =
                lines.stream()
                        .skip(1)
                        .map(line -> line.split(","))
                        .filter(cells -> cells[1].equals(cells[2]))
                        .count();
        assertEquals(100 - wrong, right);
        Cli other = Cli.run(and(predicting, "rows.txt"));
        assertEquals(2, other.code());
        assertTrue(other.err().contains(".csv or .jsonl, got rows.txt"), other.err());

        Cli again = Cli.run(train(tiny, run, "--epochs=1"));
        assertEquals(2, again.code());
        assertTrue(again.err().contains("already holds a run"), again.err());

        Cli more = Cli.ok(train(run.toString(), run, "--resume", "--epochs=2"));
        assertTrue(more.err().contains("resumed  after epoch 1 of 2"), more.err());
        assertTrue(more.err().contains("epoch 2/2  loss "), more.err());
        assertFalse(more.err().contains("epoch 1/2  loss "), more.err());
    }

    @Test
    void aFolderOfPicturesIsCheckedTrainedAndEvaluated() throws IOException {
        Path data = folder.resolve("pets");
        for (String part : List.of("train", "val", "test")) {
            for (int i = 0; i < 16; i++) {
                Path file =
                        data.resolve(part).resolve(i % 2 == 0 ? "cat" : "dog").resolve(i + ".png");
                Files.createDirectories(file.getParent());
                BufferedImage picture = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
                picture.setRGB(i, i, i % 2 == 0 ? 0xff0000 : 0x00ff00);
                ImageIO.write(picture, "png", file.toFile());
            }
        }
        Files.writeString(data.resolve("train/cat/notes.txt"), "no picture");
        Path damaged = data.resolve("train/dog/3.png");
        byte[] bytes = Files.readAllBytes(damaged);
        Files.write(damaged, Arrays.copyOf(bytes, bytes.length / 2));
        Path run = folder.resolve("run");
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "train",
                                Cli.tiny(folder).toString(),
                                "--data",
                                data.toString(),
                                "--batch=5",
                                "--epochs=2",
                                "--out",
                                run.toString()));
        Cli refused = Cli.run(args.toArray(String[]::new));
        assertEquals(1, refused.code(), refused.err());
        assertTrue(refused.err().contains(damaged + ": "), refused.err());
        assertFalse(Files.exists(run));

        args.add("--skip-damaged");
        Cli trained = Cli.ok(args.toArray(String[]::new));
        String err = trained.err();
        assertTrue(err.contains("1 file left out, no pictures to use: 1 .txt"), err);
        assertTrue(err.contains("1 file left out, damaged: " + damaged), err);
        assertTrue(err.contains("checked  16 pictures in "), err);
        assertTrue(err.contains("15 training images, 16 for validation, 16 for testing"), err);
        assertTrue(err.contains("|  validation loss "), err);
        List<String> lines = trained.out().lines().toList();
        assertTrue(lines.get(0).startsWith("test accuracy "), trained.out());
        assertTrue(lines.get(1).startsWith("validation accuracy "), trained.out());
        assertTrue(Files.readString(run.resolve("metrics.jsonl")).contains("\"type\":\"test\""));

        String evaluated = Cli.ok("evaluate", run.toString(), "--data", data.toString()).out();
        assertTrue(evaluated.contains("wrong of 16") && !evaluated.contains("top-5"), evaluated);
        // One of the two classes: labels match by name.
        Path only = Files.createDirectories(folder.resolve("only/dog"));
        Files.copy(data.resolve("test/dog/1.png"), only.resolve("0.png"));
        Path rows = folder.resolve("rows.csv");
        Cli.ok(
                "evaluate",
                run.toString(),
                "--data",
                "folder:" + only.getParent(),
                "--predictions",
                rows.toString());
        assertTrue(Files.readAllLines(rows).get(1).matches("[^,]*,dog,.*"), Files.readString(rows));
        Path renamed = folder.resolve("renamed");
        for (String name : List.of("lynx/0.png", "lynx/1.png", "wolf/0.png", "wolf/1.png")) {
            Files.createDirectories(renamed.resolve(name).getParent());
            Files.copy(only.resolve("0.png"), renamed.resolve(name));
        }
        String note = "class 0 is \"cat\" of the model and \"lynx\" of the data";
        Cli other = Cli.ok("evaluate", run.toString(), "--data", "folder:" + renamed);
        assertTrue(other.err().contains(note), other.err());
        Cli quiet =
                Cli.ok(
                        "evaluate",
                        run.toString(),
                        "--data",
                        "folder:" + renamed,
                        "--quiet",
                        "--json");
        assertTrue(quiet.err().startsWith("residuum: warning: classes match"), quiet.err());
        assertTrue(quiet.json().get("warnings").get(0).asText().contains(note), quiet.out());
        Cli calibrated =
                Cli.run(
                        "calibrate",
                        run.toString(),
                        "--data",
                        "folder:" + renamed,
                        "--validation=0.5",
                        "--output",
                        folder.resolve("calibrated.safetensors").toString());
        assertTrue(calibrated.err().contains(note), calibrated.err());
        String classes = "folder:" + data.resolve("test");
        Cli heldOut = Cli.ok("evaluate", run.toString(), "--data", classes, "--validation=0.25");
        assertTrue(heldOut.out().contains("wrong of 4"), heldOut.out());
        assertTrue(heldOut.err().contains("4 images; no test part: the share 0.25"), heldOut.err());
    }

    @Test
    void withoutValidationTheLastEpochIsTested() throws IOException {
        Path run = folder.resolve("run");
        Cli cli = Cli.ok(train(Cli.tiny(folder).toString(), run, "--epochs=2", "--validation=0"));
        assertTrue(cli.err().contains("200 training images, 100 for testing"), cli.err());
        assertTrue(cli.err().contains("|  not evaluated  |"), cli.err());
        assertTrue(cli.out().contains(", after epoch 2 of 2"), cli.out());
        assertTrue(cli.out().contains("the last epoch's network"), cli.out());
        assertTrue(Files.readString(run.resolve("recipe.json")).contains("\"validation\": 0.0"));
        assertEquals(2, Cli.run(train("resnet20", run, "--validation=1")).code());
    }

    @Test
    void headFollowsTheData() throws IOException {
        Path spec = folder.resolve("four.json");
        String four = Files.readString(Cli.tiny(folder)).replace("\"units\": 10", "\"units\": 4");
        Files.writeString(spec, four);
        Path run = folder.resolve("run");
        Cli cli = Cli.ok(train(spec.toString(), run, "--epochs=1"));
        assertTrue(cli.err().contains("new, for 10 classes instead of 4"), cli.err());
        String names = Cli.ok("show", run.toString(), "--names").out();
        assertTrue(names.contains("head.weight\t[10,8]"), names);
    }

    @Test
    void ratesOfEachDepthAreShown() throws IOException {
        Path run = folder.resolve("run");
        String tiny = Cli.tiny(folder).toString();
        Cli cli =
                Cli.ok(
                        train(
                                tiny,
                                run,
                                "--epochs=1",
                                "--layer-decay=0.5",
                                "--rate",
                                "head.bias=10",
                                "--freeze=stem.*"));
        assertTrue(cli.err().contains("rates    stem frozen, "), cli.err());
        assertTrue(cli.err().contains(", head 1.00 to 10.0"), cli.err());
        String recipe = Files.readString(run.resolve("recipe.json"));
        assertTrue(recipe.contains("\"layerDecay\": 0.5"), recipe);

        Path other = folder.resolve("other");
        Cli range = Cli.run(train(tiny, other, "--layer-decay=1.5"));
        assertEquals(2, range.code());
        assertTrue(range.err().contains("layerDecay must be in (0, 1], got 1.5"), range.err());
        Cli nothing = Cli.run(train(tiny, other, "--rate", "haed.*=10"));
        assertEquals(2, nothing.code());
        assertTrue(nothing.err().contains("got \"haed.*\""), nothing.err());
        assertFalse(Files.exists(other));
    }

    @Test
    void flagsChangeTheRecipe() throws IOException {
        Path recipe = folder.resolve("recipe.json");
        Files.writeString(recipe, "{\"epochs\": 7, \"labelSmoothing\": 0.1, \"seed\": 5}");
        JsonNode printed =
                Cli.ok(
                                "train",
                                "resnet20",
                                "--data",
                                "digits",
                                "--recipe",
                                recipe.toString(),
                                "--print-recipe",
                                "--optimizer=adamw",
                                "--weight-decay=0.01",
                                "--warmup=2",
                                "--schedule=step",
                                "--ema=0.99",
                                "--clip=1",
                                "--adaptive-clip=0.02",
                                "--augmentation=[\"horizontalFlip\", {\"type\": \"randomErasing\","
                                        + " \"mode\": \"pixel\"}]",
                                "--mixing=mixup,cutMix",
                                "--seed=9",
                                "--freeze=stem.*")
                        .json();
        assertEquals(7, printed.get("epochs").asInt());
        assertEquals(0.1, printed.get("labelSmoothing").asDouble());
        assertEquals("adamw", printed.get("optimizer").get("type").asText());
        assertEquals(0.01, printed.get("optimizer").get("weightDecay").asDouble());
        assertEquals(0.001, printed.get("learningRate").asDouble());
        assertEquals(2, printed.get("warmupEpochs").asDouble());
        assertEquals("step", printed.get("schedule").get("type").asText());
        assertEquals(0.99, printed.get("ema").get("decay").asDouble());
        assertEquals(1, printed.get("clipNorm").asDouble());
        assertEquals(0.02, printed.at("/adaptiveClip/factor").asDouble());
        assertEquals("horizontalFlip", printed.at("/augmentation/0/type").asText());
        assertEquals("pixel", printed.at("/augmentation/1/mode").asText());
        assertEquals("cutMix", printed.at("/mixing/1/type").asText());
        assertEquals(9, printed.get("seed").asInt());
        assertEquals("stem.*", printed.get("freeze").get(0).asText());
    }

    @Test
    void aLossThatIsNoNumberIsAFailure() throws IOException {
        Cli cli = Cli.run(train(Cli.tiny(folder).toString(), folder.resolve("nan"), "--lr=1e30"));
        assertEquals(1, cli.code(), cli.err());
        assertTrue(cli.err().contains("residuum: the loss is "), cli.err());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void aSignalEndsTheRunInGoodOrder() throws Exception {
        Path run = folder.resolve("run");
        String[] args = train(Cli.tiny(folder).toString(), run, "--epochs=100000");
        Process process = Cli.start(folder, entry -> true, args);
        try {
            Path metrics = run.resolve("metrics.jsonl");
            while (process.isAlive() && !(Files.exists(metrics) && Files.size(metrics) > 0)) {
                Thread.sleep(50);
            }
            process.destroy();
            // 128 and the number of SIGTERM; Ctrl-C is SIGINT and gives 130.
            assertEquals(143, process.waitFor(), Files.readString(folder.resolve("err.txt")));
        } finally {
            process.destroyForcibly();
        }
        String error = Files.readString(folder.resolve("err.txt"));
        assertTrue(error.contains("resume with: residuum train "), error);
        assertTrue(error.contains("--out " + run + " --resume"), error);
    }
}
