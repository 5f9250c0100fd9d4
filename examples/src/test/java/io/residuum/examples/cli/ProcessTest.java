package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The process of the command line: its encodings and its standard output. */
class ProcessTest {
    @TempDir private Path temp;

    @Test
    @EnabledOnOs(OS.LINUX)
    void argumentsThatJavaCannotDecodeAreRefused() throws Exception {
        Cli cli = call("LC_ALL=C", "show", "netz-größe.json");
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains("set LC_ALL=C.UTF-8"), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void namesAndOutputAreUtf8() throws Exception {
        Files.copy(Cli.tiny(temp), temp.resolve("netz-größe.json"));
        Cli shown = call("LC_ALL=C.UTF-8", "show", temp.resolve("netz-größe.json").toString());
        assertEquals(0, shown.code(), shown.err());
        Cli missing = call("LC_ALL=C.UTF-8", "show", "größe.json");
        assertEquals("residuum: größe.json: no such file\n", missing.err());
    }

    @Test
    void aReplacedCharacterInAnArgumentIsRefused() {
        Cli cli = Cli.run("show", "gr\uFFFD.json");
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains("arguments must be UTF-8, found \"gr\uFFFD.json\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "--version",
                "show --help",
                "show resnet20",
                "show resnet20 --json"
            })
    void outputThatCannotBeWrittenIsAFailure(String args) {
        StringWriter err = new StringWriter();
        CommandLine line = Residuum.commandLine();
        line.setOut(new PrintWriter(new FullDisk()));
        line.setErr(new PrintWriter(err));
        assertEquals(1, Residuum.run(line, args.split(" ")), args);
        assertEquals(
                List.of(
                        "residuum: standard output cannot be written: the disk is full, or nobody"
                                + " reads it"),
                err.toString().lines().toList());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDeviceIsAFailure() throws Exception {
        assertEquals(1, call("LC_ALL=C", "--version", ">/dev/full").code());
    }

    /** Calls the command line by a shell, with a variable of the environment. */
    private Cli call(String variable, String... words) throws Exception {
        String script =
                "unset LC_ALL LANG; %s exec \"$JAVA\" -XX:TieredStopAtLevel=1 -cp \"$CP\" %s %s"
                        .formatted(variable, Residuum.class.getName(), String.join(" ", words));
        // A file, because the words of this process depend on its locale.
        Path file = Files.writeString(temp.resolve("call.sh"), script);
        ProcessBuilder builder = new ProcessBuilder("sh", file.toString());
        builder.environment()
                .put("JAVA", Path.of(System.getProperty("java.home"), "bin", "java").toString());
        builder.environment().put("CP", System.getProperty("java.class.path"));
        Path out = temp.resolve("out.txt");
        Path err = temp.resolve("err.txt");
        int code =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
        return new Cli(code, Files.readString(out), Files.readString(err));
    }

    private static final class FullDisk extends Writer {
        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            throw new IOException("No space left on device");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
