package io.residuum.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.testing.Programs;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Opens a backend in processes that lack an engine or its native libraries. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class MissingEngineTest {
    @TempDir private Path cache;

    /** Prints the backend, or why there is none. */
    static final class Open {
        private Open() {}

        public static void main(String[] args) {
            EngineChoice engine = EngineChoice.valueOf(args[0]);
            try (Backend backend = Backend.open(engine, DeviceChoice.CPU)) {
                System.out.println(backend);
            } catch (BackendException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    /** {@return what the program prints without the jars whose name begins with a pattern} */
    private String open(EngineChoice engine, String without, String... options) throws IOException {
        String classPath =
                Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                        .splitAsStream(System.getProperty("java.class.path"))
                        .filter(
                                jar ->
                                        !Path.of(jar)
                                                .getFileName()
                                                .toString()
                                                .matches(without + ".*"))
                        .collect(Collectors.joining(File.pathSeparator));
        ProcessBuilder program = Programs.on(classPath, Open.class, engine.name());
        program.command().addAll(1, List.of(options));
        program.redirectError(ProcessBuilder.Redirect.DISCARD);
        program.environment().keySet().removeIf(name -> name.startsWith("PYTORCH_"));
        return new String(program.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"MXNET, mxnet-native", "PYTORCH, pytorch-native"})
    void missingNativesAreNotDownloaded(EngineChoice engine, String natives) throws IOException {
        String printed = open(engine, natives, "-DDJL_CACHE_DIR=" + cache);
        assertTrue(printed.contains("Add " + engine.artifact()), printed);
        assertFalse(printed.contains("UnknownHost"), printed);
    }

    @ParameterizedTest
    @CsvSource({"MXNET, mxnet-", "PYTORCH, pytorch-"})
    void aMissingEngineIsNamed(EngineChoice engine, String jars) throws IOException {
        String printed = open(engine, jars);
        assertTrue(printed.contains("Add " + engine.artifact()), printed);
    }

    @Test
    void theOnlyEngineIsChosen() throws IOException {
        String printed = open(EngineChoice.AUTO, "mxnet-");
        assertTrue(printed.startsWith("PyTorch"), printed);
    }

    @Test
    void withoutEnginesTheDefaultIsNamed() throws IOException {
        String printed = open(EngineChoice.AUTO, "(mxnet|pytorch)-");
        assertTrue(printed.contains("Add io.residuum:residual-engine-mxnet"), printed);
        assertTrue(printed.contains("engines found: none"), printed);
    }
}
