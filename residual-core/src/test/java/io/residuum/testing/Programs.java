package io.residuum.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Prepares processes that run programs of the tests. */
public final class Programs {
    private Programs() {}

    /**
     * Prepares a process that runs a program on the class path of this process.
     *
     * @param program the class with the main method
     * @param args its arguments
     * @return a process to start
     */
    public static ProcessBuilder of(Class<?> program, String... args) {
        return on(System.getProperty("java.class.path"), program, args);
    }

    /**
     * Prepares a process that runs a program on another class path.
     *
     * @param classPath the entries, separated as the platform does
     * @param program the class with the main method
     * @param args its arguments
     * @return a process to start
     */
    public static ProcessBuilder on(String classPath, Class<?> program, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Short programs end sooner without the optimizing compiler and the threads of G1.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"));
        command.addAll(List.of("-cp", classPath, program.getName()));
        command.addAll(List.of(args));
        return new ProcessBuilder(command);
    }
}
