package io.residuum.examples.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine;

/**
 * Standard output, standard error and arguments in UTF-8, whatever the locale is. Java decodes
 * arguments before the program runs, so that all it can do is to refuse what was lost.
 */
final class Utf8Process {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8Process() {}

    /** Makes the command line, and all that prints on standard error, write UTF-8. */
    static void useStreams(CommandLine line) {
        PrintStream err =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.setErr(err);
        line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        // Not over a PrintStream, which would hide failures.
        line.setOut(
                new PrintWriter(
                        new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
    }

    /** {@return an error about the first argument that Java could not decode} */
    static Optional<String> undecoded(String... args) {
        if (lossyArguments()) {
            return Optional.of(
                    "arguments must be ASCII if Java reads them as %s, found other characters; start residuum with its script, or set LC_ALL=C.UTF-8"
                            .formatted(charset()));
        }
        return Arrays.stream(args)
                .filter(arg -> arg.indexOf(REPLACEMENT) >= 0)
                .findFirst()
                .map(
                        arg ->
                                "arguments must be UTF-8, found \"%s\"; set the terminal to UTF-8, or rename the file"
                                        .formatted(arg));
    }

    private static String charset() {
        return System.getProperty("sun.jnu.encoding", "UTF-8");
    }

    /** Returns true if arguments may contain '?' where other characters were. */
    private static boolean lossyArguments() {
        if (Charset.forName(charset()).equals(StandardCharsets.UTF_8)) {
            return false;
        }
        Path bytes = Path.of("/proc/self/cmdline");
        if (!Files.isReadable(bytes)) {
            return false; // Windows and macOS, where Java does not go by the locale
        }
        try {
            for (byte b : Files.readAllBytes(bytes)) {
                if (b < 0) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false; // a system that hides processes
        }
    }
}
