package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Builds the first program of the README outside the project, from the artifacts in a repository
 * that has held no other, and runs it on every Java that is there. Only Maven may use the network.
 */
class FirstProgramIT {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    private static final Path PROGRAM = ROOT.resolve("examples/first");
    private static final String VERSION = System.getProperty("residuum.version");

    /** Parts that a program does not need to train and to predict. */
    private static final List<String> HEAVY =
            List.of("basicdataset", "tribuo", "protobuf", "elk", "pdfbox", "parquet", "logback");

    @TempDir static Path folder;

    @BeforeAll
    static void install() throws IOException {
        install("residual-core", "residual-core");
        install("residual-core/engine-mxnet", "residual-engine-mxnet");
        install("residual-core/engine-pytorch", "residual-engine-pytorch");
        install("vision", "residual-vision");
        Path picture = folder.resolve("seven.png");
        ImageIO.write(
                new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_GRAY), "png", picture.toFile());
    }

    private static void install(String module, String artifact) throws IOException {
        Path built = ROOT.resolve(module).resolve(System.getProperty("residuum.target"));
        Path to = folder.resolve("repository/io/residuum").resolve(artifact).resolve(VERSION);
        Files.createDirectories(to);
        String name = artifact + "-" + VERSION;
        Files.copy(built.resolve(name + ".jar"), to.resolve(name + ".jar"));
        Files.copy(built.resolve("flattened-pom.xml"), to.resolve(name + ".pom"));
    }

    @Test
    void theProgramIsShort() throws IOException {
        List<String> source = Files.readAllLines(PROGRAM.resolve("src/main/java/First.java"));
        assertTrue(source.size() < 15, source.size() + " lines of Java");
        List<String> pom = Files.readAllLines(PROGRAM.resolve("pom.xml"));
        assertTrue(pom.size() < 15, pom.size() + " lines of pom.xml");
    }

    @ParameterizedTest
    @CsvSource({"mxnet, pytorch", "pytorch, mxnet"})
    void trainsAndClassifies(String engine, String other) throws Exception {
        List<String> classPath = build(engine);
        assertFalse(
                classPath.stream().anyMatch(jar -> jar.contains("/" + other)), classPath::toString);
        for (String heavy : HEAVY) {
            assertFalse(
                    classPath.stream().anyMatch(jar -> jar.contains("/" + heavy)),
                    classPath::toString);
        }
        Map<Integer, Path> javas = javas();
        for (var java : javas.entrySet()) {
            Path project = folder.resolve(engine);
            List<String> command = new ArrayList<>();
            command.add(java.getValue().toString());
            command.add("--enable-native-access=ALL-UNNAMED");
            if (java.getKey() >= 23) {
                command.add("--sun-misc-unsafe-memory-access=allow");
            }
            // A download would fail.
            command.addAll(List.of("-Dhttps.proxyHost=127.0.0.1", "-Dhttps.proxyPort=9"));
            command.add("-cp");
            command.add(
                    "target/classes"
                            + File.pathSeparator
                            + String.join(File.pathSeparator, classPath));
            command.addAll(List.of("First", "../seven.png", "digits:train=128,test=32"));
            Path errors = folder.resolve("errors");
            String printed = run(project, command, errors);
            assertTrue(printed.matches("\\d \\(\\d+\\.\\d%\\)\\R"), printed);
            String warnings = Files.readString(errors);
            assertFalse(warnings.contains("WARNING"), java + ": " + warnings);
            Files.move(project.resolve("run"), project.resolve("run" + java.getKey()));
        }
    }

    /** {@return the class path of the program, built for an engine} */
    private static List<String> build(String engine) throws Exception {
        Path project = folder.resolve(engine);
        Path source = Path.of("src/main/java/First.java");
        Files.createDirectories(project.resolve(source).getParent());
        Files.copy(PROGRAM.resolve(source), project.resolve(source));
        Files.copy(PROGRAM.resolve("pom.xml"), project.resolve("pom.xml"));
        boolean windows = File.separatorChar == '\\';
        Path maven =
                Path.of(System.getProperty("residuum.maven"), "bin", windows ? "mvn.cmd" : "mvn");
        Path repository = folder.resolve("repository");
        List<String> command =
                List.of(
                        maven.toString(),
                        "-q",
                        "-B",
                        "-Dmaven.repo.local=" + repository,
                        "-Dmaven.repo.local.tail=" + System.getProperty("residuum.repository"),
                        "-Dengine=" + engine,
                        "-Dresiduum.version=" + VERSION,
                        "-Dmdep.outputFile=classpath",
                        "org.apache.maven.plugins:maven-compiler-plugin:3.14.1:compile",
                        "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath");
        run(project, command, folder.resolve("errors"));
        String text = Files.readString(project.resolve("classpath"));
        List<String> classPath = List.of(text.split(File.pathSeparator));
        List<String> ours = classPath.stream().filter(jar -> jar.contains("residual-")).toList();
        assertEquals(3, ours.size(), ours::toString);
        assertTrue(ours.stream().allMatch(jar -> jar.startsWith(repository.toString())), text);
        return classPath;
    }

    /** {@return the Java of this process and the others of the machine, by feature release} */
    private static Map<Integer, Path> javas() throws IOException {
        Map<Integer, Path> javas = new TreeMap<>();
        Path machine = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(machine)) {
            try (Stream<Path> homes = Files.list(machine)) {
                for (Path home : (Iterable<Path>) homes::iterator) {
                    Path release = home.resolve("release");
                    Path java = home.resolve("bin/java");
                    if (Files.isExecutable(java) && Files.isReadable(release)) {
                        Properties properties = new Properties();
                        try (var reader = Files.newBufferedReader(release)) {
                            properties.load(reader);
                        }
                        String version = properties.getProperty("JAVA_VERSION").replace("\"", "");
                        javas.put(Runtime.Version.parse(version).feature(), java);
                    }
                }
            }
        }
        javas.keySet().removeIf(version -> version < 17);
        javas.put(
                Runtime.version().feature(),
                Path.of(System.getProperty("java.home"), "bin", "java"));
        return javas;
    }

    private static String run(Path project, List<String> command, Path errors) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile());
        // Two engines of one user share no setting.
        builder.environment().keySet().removeIf(name -> name.startsWith("PYTORCH_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("MAVEN_OPTS");
        Process process = builder.redirectError(errors.toFile()).start();
        String printed = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), command::toString);
        assertEquals(0, process.exitValue(), () -> command + "\n" + printed + Guide.read(errors));
        return printed;
    }
}
