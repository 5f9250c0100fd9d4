package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every failure prints one line on standard error and has the right exit code. */
class FailuresTest {

    static Stream<Arguments> wronglyAsked() {
        return Stream.of(
                Arguments.of("", "a command is missing"),
                Arguments.of("shw", "did you mean show?"),
                Arguments.of("show", "Missing required parameter: 'MODEL'"),
                Arguments.of("show resnet5", "the nearest presets are resnet50"),
                Arguments.of("show runs/resnet5", "(no such preset or folder)\n"),
                Arguments.of("show nowhere.json", "nowhere.json"),
                Arguments.of("show nowhere.safetensors", "no such file"),
                Arguments.of("show resnet20 --jsn", "did you mean --json?"),
                Arguments.of(
                        "show resnet20 --json --names",
                        "residuum: --json, --names are mutually exclusive"),
                Arguments.of("show resnet20 --depth 0", "--depth must be 1 or more, got 0"),
                Arguments.of("show resnet20 --depth x", "--depth"),
                Arguments.of("bench resnet20 --mode fast", "--mode"),
                Arguments.of("bench resnet20 --batch 0", "--batch must be 1 or more"),
                Arguments.of("bench resnet20 --engine tpu", "mxnet, pytorch, auto, got \"tpu\""),
                Arguments.of("bench resnet20 --device gpu:x", "got \"gpu:x\""),
                Arguments.of("evaluate resnet20", "'--data=DATA'"),
                Arguments.of(
                        "evaluate resnet20 --data digits --max-pixels 0",
                        "--max-pixels must be 1 or more, got 0 (see residuum evaluate --help)"),
                Arguments.of("evaluate resnet20 --data digts", "got 'digts'"),
                Arguments.of("evaluate resnet20 --data cifar10:nowhere.bin", "nowhere.bin"),
                Arguments.of("evaluate resnet50 --data digits", "1000 outputs"),
                Arguments.of("evaluate resnet20 --data digits --weights no.st", "no such file"),
                Arguments.of("predict resnet20", "give either images, or texts with --text"),
                Arguments.of("predict resnet20 --input a", "must be given together"),
                Arguments.of("predict resnet20 nowhere.jpg", "no such file"),
                Arguments.of("train resnet20 --data digits --lr -1", "learningRate"),
                Arguments.of("train resnet20 --data digits --epochs none", "--epochs"),
                Arguments.of("train resnet20 --data digits --resume", "--resume needs --out"),
                Arguments.of(
                        "train resnet20 --data digits:train=100,test=50",
                        "--batch must be at most the number of training images, 100, got 128"),
                Arguments.of(
                        "train resnet20 --data digits --optimizer adamw --momentum 0.5",
                        "--momentum is no setting of --optimizer adamw"),
                Arguments.of("train resnet20 --data digits --recipe no.json", "no.json"),
                Arguments.of("help shw", "did you mean show?"),
                Arguments.of("fly", "use one of models, show"),
                Arguments.of("show resnet20 another", "unexpected argument \"another\""),
                // Options by the names of other programs.
                Arguments.of("train resnet20 --data digits --wd 1", "use --weight-decay"),
                Arguments.of("train resnet20 --data digits --label_smoothing=.1", "--label-smooth"),
                Arguments.of("train resnet20 --data digits --num-classes 3", "replaces the head"),
                Arguments.of("import w.pt --as resnet20 --num-classes 3", "use --reset-head"),
                Arguments.of("train resnet20 --data digits --workers 4", "background threads"),
                Arguments.of("train resnet20 --data digits --amp", "use --compute"),
                Arguments.of("train resnet20 --data digits -lr 1", "use --lr"),
                Arguments.of("generate gpt2 --max-new-tokens 3", "use --max-tokens"),
                Arguments.of("train resnet20 --data digits --epoch=3", "did you mean --epochs?"),
                Arguments.of(
                        "train resnet20 --data digits --optimizer adma",
                        "--optimizer must be one of adam, adamw, lamb, lion, muon, nadam, rmsprop,"
                                + " scheduleFreeAdamW, sgd, got \"adma\"; did you mean adam"),
                Arguments.of("show resnet20 --graph a.svg --level blok", "did you mean block?"),
                Arguments.of(
                        "train resnet20 --data digits --augmentation flip,cutot",
                        "--augmentation:1: $.augmentation[0]"),
                // Options that a command would ignore.
                Arguments.of(
                        "train gpt2 --data text --momentum 0.5 --print-recipe",
                        "--momentum is no setting of --optimizer adamw"),
                Arguments.of("serve resnet20 --chat-format chatml", "are for models of text"),
                Arguments.of("serve gpt2 --max-pixels 9", "--max-pixels is for models of images"),
                Arguments.of(
                        "import pom.xml --as resnet20 --dry-run --tokenizer gpt2",
                        "--tokenizer is for models that read tokens"),
                Arguments.of("show resnet20 --names --depth 2", "--depth is for the table"),
                Arguments.of("show resnet20 --expanded --depth 2", "--depth is for the table"),
                Arguments.of("evaluate resnet20 --data digits --dialect timm", "are for weights"),
                Arguments.of("predict resnet20 --input a --output b --top 2", "--top and --json"),
                Arguments.of(
                        "train resnet20 --data digits --resume --out r --weights w.safetensors",
                        "no such file"),
                Arguments.of(
                        "train resnet20 --data digits --resume --out r --ema-weights",
                        "for new runs"),
                // Files with the name of another format.
                Arguments.of("show resnet20 --graph a.gif", "got a.gif"),
                Arguments.of("show resnet20 --mermaid a.svg", "must end with .mmd or"),
                Arguments.of("predict resnet20 --input a --output b.npy", "must end with .safet"),
                Arguments.of("export-weights m --dialect timm -o w.pt", "must end with .safet"),
                Arguments.of("export resnet20 --format mxnet -o a.onnx", "be the prefix"),
                Arguments.of("export resnet20 --format torchscript -o a.onnx", "end with \".pt\""));
    }

    @ParameterizedTest
    @MethodSource
    void wronglyAsked(String args, String message) {
        assertOneLine(Cli.run(args.isEmpty() ? new String[0] : args.split(" ")), 2, message);
    }

    @Test
    void misspeltKeysOfARecipeAreNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.json"), "{\n \"epoch\": 3}");
        Cli cli =
                Cli.run(
                        "train",
                        "resnet20",
                        "--data=digits",
                        "--print-recipe",
                        "--recipe",
                        file.toString());
        assertOneLine(cli, 2, "recipe.json:2");
        assertOneLine(cli, 2, "did you mean \"epochs\"?");
    }

    @Test
    void badSpecFileNamesItsLine(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("bad.json");
        Files.writeString(file, "{\"format\": \"residuum/1\",\n \"name\": \"x\",\n \"inptu\": {}}");
        assertOneLine(Cli.run("show", file.toString()), 2, "bad.json:3");
    }

    @Test
    void unreadableWeights(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("w.safetensors"), new byte[] {1, 2, 3});
        assertOneLine(Cli.run("show", file.toString()), 1, "w.safetensors");
        Cli bench =
                Cli.run(
                        "predict",
                        "resnet20",
                        "--weights",
                        file.toString(),
                        "--input",
                        file.toString(),
                        "--output",
                        folder.resolve("o.safetensors").toString());
        assertOneLine(bench, 1, "w.safetensors");
    }

    @Test
    void aTextThatCannotBeAPath() {
        assertOneLine(
                Cli.run("tokenize", "pom.xml", "--tokenizer", "a\0b"),
                1,
                "\"a\\u0000b\" cannot be a path: Nul character not allowed");
    }

    @Test
    void stackTraceOnlyIfAskedFor() {
        assertEquals(1, Cli.run("show", "resnet5").err().lines().count());
        String verbose = Cli.run("show", "resnet5", "--verbose").err();
        assertTrue(verbose.contains("\tat io.residuum"), verbose);
    }

    private static void assertOneLine(Cli cli, int code, String message) {
        assertEquals(code, cli.code(), cli.err());
        assertEquals("", cli.out());
        assertTrue(cli.err().startsWith("residuum: "), cli.err());
        assertTrue(cli.err().contains(message), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
    }

    /** Weights are mapped into memory, and Java throws this if their file becomes shorter. */
    @Test
    void aFileThatBecomesShorterIsAFailure() {
        StringWriter err = new StringWriter();
        CommandLine line = Residuum.commandLine();
        line.setErr(new PrintWriter(err));
        Error e = new InternalError("a fault occurred in an unsafe memory access operation");
        assertEquals(1, new Failures().report(line, e));
        assertTrue(err.toString().contains("a file became shorter while it was read"));
    }
}
