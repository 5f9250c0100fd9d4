package io.residuum.examples;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.residuum.engine.Backend;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the dependencies between packages that docs/architecture.md draws. */
class ArchitectureTest {

    /** A class path without a module would satisfy every rule below. Raise it as the code grows. */
    private static final int LEAST_CLASSES = 300;

    private static final String ROOT = "io.residuum.";

    /** The package of the parent of all exceptions, for every package. */
    private static final String EXCEPTIONS = "io.residuum";

    /** The packages of residual-core, each with the other packages it may use. */
    private static final Map<String, Set<String>> CORE =
            Map.ofEntries(
                    entry("engine", Set.of()),
                    entry("json", Set.of()),
                    entry("files", Set.of()),
                    entry("data", Set.of()),
                    entry("hub", Set.of("files", "json")),
                    entry("nn", Set.of("engine")),
                    // A spec builds its block, hence the arrow to nn; nn knows nothing of specs.
                    entry("spec", Set.of("files", "json", "nn", "engine")),
                    entry("residual", Set.of("spec", "nn", "engine")),
                    entry("graph", Set.of("nn", "engine")),
                    entry("weights", Set.of("files", "json", "spec", "nn")),
                    entry("recurrent", Set.of("residual", "weights", "spec", "nn")),
                    entry("draw", Set.of("graph")),
                    // In a module of its own, for its libraries.
                    entry("picture", Set.of("draw", "files")),
                    entry("emit", Set.of("weights", "graph", "files", "json", "engine")),
                    entry("compile", Set.of("emit", "graph", "files", "nn", "engine")),
                    entry(
                            "model",
                            Set.of(
                                    "compile",
                                    "emit",
                                    "graph",
                                    "weights",
                                    "hub",
                                    "residual",
                                    "spec",
                                    "json",
                                    "nn",
                                    "engine")),
                    entry("optim", Set.of("model", "residual", "spec", "nn", "engine")),
                    entry("loss", Set.of("spec", "nn", "engine")),
                    entry("metric", Set.of("loss", "spec")),
                    entry(
                            "train",
                            Set.of(
                                    "optim", "metric", "loss", "model", "compile", "draw",
                                    "weights", "data", "files", "json", "spec", "nn", "engine")),
                    entry(
                            "inspect",
                            Set.of(
                                    "train",
                                    "metric",
                                    "loss",
                                    "model",
                                    "draw",
                                    "data",
                                    "files",
                                    "json",
                                    "residual",
                                    "spec",
                                    "nn",
                                    "engine")));

    /** The modules on top of the core, each with the others it may use. */
    private static final Map<String, Set<String>> MODULES =
            Map.of(
                    "vision", Set.of(),
                    "transformer", Set.of(),
                    "serve", Set.of("vision", "transformer"),
                    "examples", Set.of("vision", "transformer", "serve"));

    /** The rooms of vision, each with the others it may use. The package vision registers them. */
    private static final Map<String, Set<String>> VISION =
            Map.ofEntries(
                    entry("image", Set.of()),
                    entry("augment", Set.of("image")),
                    entry("data", Set.of("augment", "image")),
                    entry("train", Set.of("data", "augment", "image")),
                    entry("predict", Set.of("train", "data", "image")),
                    entry("explain", Set.of("predict", "train", "image")),
                    entry("features", Set.of()),
                    entry("convolution", Set.of()),
                    entry("vgg", Set.of("image")),
                    entry("inception", Set.of("convolution", "image")),
                    entry("efficientnet", Set.of("image")),
                    entry("regnet", Set.of("image")),
                    entry("convnext", Set.of("image")),
                    entry("byobnet", Set.of("image")),
                    entry("resnet", Set.of("image")),
                    entry("fractalnet", Set.of("image")),
                    entry("densenet", Set.of("resnet", "convolution", "image")),
                    entry("nfnet", Set.of("resnet", "image")),
                    entry("mobile", Set.of("convolution", "image")),
                    entry("hrnet", Set.of("convolution", "image")),
                    entry("metaformer", Set.of("convolution", "image")),
                    entry("segment", Set.of("resnet", "efficientnet", "features", "image")),
                    entry(
                            "detect",
                            Set.of("resnet", "features", "predict", "train", "augment", "image")),
                    entry("shapes", Set.of("detect", "train", "data", "image")),
                    entry("timm", Set.of("image")),
                    entry("huggingface", Set.of("resnet", "regnet", "convnext", "efficientnet")),
                    entry("dialect", Set.of("vgg", "efficientnet")));

    /** The rooms of transformer, each with the others it may use. */
    private static final Map<String, Set<String>> TRANSFORMER =
            Map.ofEntries(
                    entry("text", Set.of()),
                    entry("layers", Set.of()),
                    entry("branch", Set.of("layers")),
                    entry("blocks", Set.of("branch", "layers")),
                    entry("seq2seq", Set.of("blocks", "branch", "layers")),
                    entry("window", Set.of("blocks", "branch")),
                    entry("mixer", Set.of("blocks", "branch", "layers")),
                    entry("clip", Set.of()),
                    entry("evoformer", Set.of()),
                    entry("generate", Set.of("seq2seq", "blocks", "branch", "layers", "text")),
                    entry(
                            "family",
                            Set.of(
                                    "generate",
                                    "clip",
                                    "window",
                                    "seq2seq",
                                    "blocks",
                                    "branch",
                                    "layers",
                                    "text")),
                    entry("pyramid", Set.of("branch")),
                    entry("vit", Set.of("family")),
                    entry("train", Set.of("family", "generate", "layers", "text")),
                    entry("predict", Set.of("train", "family", "generate", "clip", "text")),
                    entry("dialect", Set.of()));

    private static final Map<String, Map<String, Set<String>>> ROOMS_OF_MODULES =
            Map.of("vision", VISION, "transformer", TRANSFORMER);

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(location -> !location.contains("test-classes/"))
                    .withImportOption(location -> !location.contains("-tests.jar"))
                    .importPackages("io.residuum");

    @Test
    void seesTheCode() {
        assertTrue(
                CLASSES.size() >= LEAST_CLASSES,
                () -> CLASSES.size() + " classes seen, of at least " + LEAST_CLASSES);
    }

    @Test
    void everyClassIsInARoom() {
        classes()
                .that()
                .resideOutsideOfPackage(EXCEPTIONS)
                .should()
                .resideInAnyPackage(packages(rooms()))
                .check(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void roomUsesOnlyWhatItMay(String room) {
        var allowed =
                Stream.concat(
                        Stream.of(room),
                        CORE.containsKey(room)
                                ? CORE.get(room).stream()
                                : Stream.concat(
                                        CORE.keySet().stream(), MODULES.get(room).stream()));
        classes()
                .that()
                .resideInAPackage(packageOf(room))
                .should()
                .onlyDependOnClassesThat(
                        resideOutsideOfPackage("io.residuum..")
                                .or(resideInAPackage(EXCEPTIONS))
                                .or(resideInAnyPackage(packages(allowed))))
                .check(CLASSES);
    }

    @Test
    void roomsOfAModuleUseOnlyWhatTheyMay() {
        for (var module : ROOMS_OF_MODULES.entrySet()) {
            Set<String> rooms = new HashSet<>();
            List<String> wrong = new ArrayList<>();
            for (JavaClass some : CLASSES) {
                String from = room(module.getKey(), some).orElse("");
                if (!from.isEmpty()) {
                    rooms.add(from);
                    Set<String> allowed = module.getValue().getOrDefault(from, Set.of());
                    some.getDirectDependenciesFromSelf().stream()
                            .filter(
                                    to ->
                                            room(module.getKey(), to.getTargetClass())
                                                    .filter(r -> !r.equals(from))
                                                    .filter(r -> !allowed.contains(r))
                                                    .isPresent())
                            .forEach(to -> wrong.add(to.getDescription()));
                }
            }
            assertEquals(List.of(), wrong);
            assertEquals(module.getValue().keySet(), rooms, "the rooms of " + module.getKey());
        }
    }

    /** Returns the room of a class of a module, empty text for the package that registers them. */
    private static Optional<String> room(String module, JavaClass of) {
        String name = of.getBaseComponentType().getPackageName() + ".";
        String root = ROOT + module + ".";
        return name.startsWith(root)
                ? Optional.of(name.substring(root.length()).replaceFirst("\\..*", ""))
                : Optional.empty();
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.residuum.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void enginesAreTouchedInOnePlace() {
        noClasses()
                .that(
                        resideOutsideOfPackage("io.residuum.engine..")
                                .and(resideOutsideOfPackage("io.residuum.emit..")))
                .should()
                .dependOnClassesThat(resideInAnyPackage("ai.djl.mxnet..", "ai.djl.pytorch.."))
                .check(CLASSES);
    }

    /** Elsewhere, {@code Ops} says what an engine can do. */
    @Test
    void enginesAreNamedInOnePlace() {
        noClasses()
                .that(
                        resideOutsideOfPackage("io.residuum.engine..")
                                .and(resideOutsideOfPackage("io.residuum.emit..")))
                .should()
                .callMethod(Backend.class, "choice")
                .check(CLASSES);
    }

    /**
     * Numbers and Java arrays reach recorded operations through {@code Ops} and {@code Values},
     * which keep them in the engine's memory. Operations in place are never recorded.
     */
    @Test
    void recordedOperationsTakeNoJavaMemory() {
        noClasses()
                .that(
                        resideOutsideOfPackage("io.residuum.engine..")
                                .and(not(assignableTo(NDArray.class))))
                .should()
                .accessTargetWhere(
                        describe(
                                "leaves memory of Java to be recorded: use Ops and Values",
                                ArchitectureTest::leavesJavaMemory))
                .check(CLASSES);
    }

    private static boolean leavesJavaMemory(JavaAccess<?> access) {
        if (!(access.getTarget() instanceof CodeUnitAccessTarget target)) {
            return false;
        }
        String name = target.getName();
        JavaClass owner = target.getOwner();
        List<JavaClass> parameters = target.getRawParameterTypes();
        boolean takesNumber =
                owner.isAssignableTo(NDArray.class)
                        && parameters.stream().anyMatch(p -> p.isEquivalentTo(Number.class))
                        && !name.matches("set|(add|sub|mul|div|pow|mod)i");
        boolean takesValues =
                owner.isAssignableTo(NDManager.class)
                        && name.equals("create")
                        && !parameters.get(0).isEquivalentTo(Shape.class);
        boolean setsValues =
                owner.isAssignableTo(NDArray.class)
                        && name.equals("set")
                        && parameters.size() == 1
                        && !parameters.get(0).isEquivalentTo(NDArray.class);
        // DJL computes these two with numbers.
        boolean hidden =
                owner.isAssignableTo(NDArrayEx.class) && name.matches("swish|mish")
                        || owner.isEquivalentTo(Activation.class);
        return takesNumber || takesValues || setsValues || hidden;
    }

    /** The default charset depends on the machine. */
    @Test
    void textNamesItsCharset() {
        noClasses()
                .should()
                .accessTargetWhere(
                        describe(
                                "uses the default charset: name UTF-8",
                                ArchitectureTest::usesDefaultCharset))
                .check(CLASSES);
    }

    private static boolean usesDefaultCharset(JavaAccess<?> access) {
        if (!(access.getTarget() instanceof CodeUnitAccessTarget target)) {
            return false;
        }
        JavaClass owner = target.getOwner();
        boolean named =
                target.getRawParameterTypes().stream()
                        .anyMatch(p -> p.getName().startsWith("java.nio.charset."));
        boolean decodes =
                owner.isEquivalentTo(String.class)
                        && target.getName().equals("<init>")
                        && target.getRawParameterTypes().stream()
                                .anyMatch(p -> p.isEquivalentTo(byte[].class));
        boolean encodes = owner.isEquivalentTo(String.class) && target.getName().equals("getBytes");
        boolean opens =
                target.getName().equals("<init>")
                        && Set.of(
                                        "java.io.InputStreamReader",
                                        "java.io.OutputStreamWriter",
                                        "java.io.FileReader",
                                        "java.io.FileWriter",
                                        "java.io.PrintStream",
                                        "java.util.Scanner")
                                .contains(owner.getName());
        return !named && (decodes || encodes || opens);
    }

    /** Only users of residual-draw carry the libraries that lay out and write pictures. */
    @Test
    void picturesAreLaidOutInOnePlace() {
        noClasses()
                .that(resideOutsideOfPackage("io.residuum.picture.."))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "org.eclipse.elk..", "org.apache.pdfbox..", "org.apache.fontbox.."))
                .check(CLASSES);
    }

    /** Only users of residual-serve carry a server and its metrics. */
    @Test
    void httpIsServedInOnePlace() {
        noClasses()
                .that(resideOutsideOfPackage("io.residuum.serve.."))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "io.javalin..",
                                "org.eclipse.jetty..",
                                "jakarta..",
                                "io.micrometer.."))
                .check(CLASSES);
    }

    /** The package json reads and writes JSON. Jackson reads tables. */
    @Test
    void jacksonReadsTables() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.residuum.transformer.text.LabelledFiles")
                .should()
                .dependOnClassesThat(resideInAPackage("com.fasterxml.jackson.."))
                .check(CLASSES);
    }

    private static Stream<String> rooms() {
        return Stream.concat(CORE.keySet().stream(), MODULES.keySet().stream()).sorted();
    }

    private static String[] packages(Stream<String> rooms) {
        return rooms.map(ArchitectureTest::packageOf).toArray(String[]::new);
    }

    private static String packageOf(String room) {
        return ROOT + room + "..";
    }
}
