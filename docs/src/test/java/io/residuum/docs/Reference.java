package io.residuum.docs;

import io.residuum.loss.LossSpec;
import io.residuum.metric.MetricSpec;
import io.residuum.model.Cost;
import io.residuum.model.Presets;
import io.residuum.optim.AdaptiveClip;
import io.residuum.optim.ConstraintSpec;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.Sam;
import io.residuum.optim.ScheduleSpec;
import io.residuum.optim.WeightConstraint;
import io.residuum.spec.Default;
import io.residuum.spec.ImageResize;
import io.residuum.spec.Inline;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import io.residuum.spec.Preset;
import io.residuum.spec.PublishedWeights;
import io.residuum.spec.RecordProvider;
import io.residuum.spec.Shorthand;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.BatchTransform;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import io.residuum.train.Transform;
import io.residuum.train.callback.CallbackSpec;
import io.residuum.train.distill.Distillation;
import io.residuum.train.study.Range;
import io.residuum.train.study.Search;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tables written from the records, their annotations and their Javadoc. */
final class Reference {
    private static final String HEAD = "| field | type | default | meaning |\n|---|---|---|---|\n";

    /** Texts by name: the table of presets builds each network, and many links lead to it. */
    private static final Map<String, String> WRITTEN = new ConcurrentHashMap<>();

    private Reference() {}

    /** The text of a marker {@code <!-- generated: name -->}. */
    static String of(String name) {
        return WRITTEN.computeIfAbsent(name, Reference::write);
    }

    private static String write(String name) {
        if (name.startsWith("error:")) {
            return error(name.substring("error:".length()));
        }
        return switch (name) {
            case "model" ->
                    fields(ModelSpec.class)
                            + "\n"
                            + section(InputSpec.class)
                            + section(ImageResize.class)
                            + section(NamedInput.class)
                            + section(LowRank.class);
            case "layers" -> layers();
            case "parts" -> parts(layerRecords());
            case "presets" -> presets();
            case "recipe" -> fields(Recipe.class);
            case "losses" -> section(LossSpec.class);
            case "distillation" -> fields(Distillation.class);
            case "study" -> section(Range.class) + section(Search.class);
            case "recipe-parts" ->
                    section(OptimizerSpec.class)
                            + section(ScheduleSpec.class)
                            + section(MetricSpec.class)
                            + section(Score.Choice.class)
                            + section(AdaptiveClip.class)
                            + section(Sam.class)
                            + section(EmaSpec.class)
                            + section(LearningRateFactor.class)
                            + section(WeightConstraint.class)
                            + section(ConstraintSpec.class)
                            + section(CallbackSpec.class)
                            + section(Transform.class)
                            + section(BatchTransform.class);
            default -> throw new IllegalArgumentException("nothing is generated as " + name);
        };
    }

    private static List<? extends Class<?>> layerRecords() {
        return registered(LayerSpec.class).toList();
    }

    /** The records that stand for an open interface, in the order of registration. */
    private static Stream<? extends Class<?>> registered(Class<?> open) {
        return Stream.concat(
                        Arrays.stream(open.getDeclaredClasses()).filter(Class::isRecord),
                        ServiceLoader.load(RecordProvider.class).stream()
                                .flatMap(p -> p.get().records().stream()))
                .filter(open::isAssignableFrom);
    }

    private static String layers() {
        return layerRecords().stream()
                .map(
                        layer ->
                                "### "
                                        + typeName(layer)
                                        + "\n\n"
                                        + doc(layer)
                                        + "\n\n"
                                        + fields(layer)
                                        + "\n")
                .collect(Collectors.joining());
    }

    /** Collects the types of the layers' fields, and the types of theirs. */
    private static String parts(Collection<? extends Class<?>> users) {
        Set<Class<?>> seen = new LinkedHashSet<>(users);
        Deque<Class<?>> open = new ArrayDeque<>(users);
        Set<Class<?>> parts = new TreeSet<>(Comparator.comparing(Class::getSimpleName));
        while (!open.isEmpty()) {
            for (Class<?> used : uses(open.remove())) {
                if (used != LayerSpec.class && seen.add(used)) {
                    open.add(used);
                    parts.add(used);
                }
            }
        }
        return parts.stream().map(Reference::section).collect(Collectors.joining());
    }

    private static List<Class<?>> uses(Class<?> type) {
        List<Class<?>> uses = new ArrayList<>();
        for (Class<?> record : type.isRecord() ? List.of(type) : kinds(type)) {
            for (RecordComponent c : record.getRecordComponents()) {
                Class<?> element = documented(element(c.getGenericType()));
                if (element.isRecord() || element.isInterface()) {
                    uses.add(element);
                }
            }
        }
        return uses;
    }

    private static Class<?> element(Type type) {
        return type instanceof ParameterizedType generic
                ? element(generic.getActualTypeArguments()[0])
                : (Class<?>) type;
    }

    private static String section(Class<?> type) {
        StringBuilder out = new StringBuilder("### ").append(type.getSimpleName()).append("\n\n");
        String says = doc(type);
        String shorts = shorthands(type);
        if (!(says + shorts).isEmpty()) {
            out.append((says + " " + shorts).strip()).append("\n\n");
        }
        return out.append(type.isRecord() ? fields(type) : union(type)).append("\n").toString();
    }

    private static String fields(Class<?> record) {
        StringBuilder out = new StringBuilder(HEAD);
        Map<String, String> says = SourceDocs.components(record);
        for (RecordComponent c : record.getRecordComponents()) {
            boolean layerName =
                    LayerSpec.class.isAssignableFrom(record) && c.getName().equals("name");
            if (!layerName) {
                out.append(
                        String.format(
                                "| %s | %s | %s | %s |\n",
                                c.isAnnotationPresent(Inline.class)
                                        ? "other keys"
                                        : "`" + c.getName() + "`",
                                type(c.getGenericType()),
                                absent(c),
                                meaning(says, c)));
            }
        }
        return out.length() == HEAD.length() ? "No fields.\n" : out.toString();
    }

    private static String union(Class<?> type) {
        StringBuilder out =
                new StringBuilder(
                        "| `type` | field | type | default | meaning |\n|---|---|---|---|---|\n");
        for (Class<?> record : kinds(type)) {
            String name = typeName(record).isEmpty() ? "none" : "`" + typeName(record) + "`";
            out.append(String.format("| %s | | | | %s |\n", name, SourceDocs.summary(record)));
            Map<String, String> says = SourceDocs.components(record);
            for (RecordComponent c : record.getRecordComponents()) {
                out.append(
                        String.format(
                                "| | `%s` | %s | %s | %s |\n",
                                c.getName(),
                                type(c.getGenericType()),
                                absent(c),
                                meaning(says, c)));
            }
        }
        return out.toString();
    }

    private static List<? extends Class<?>> kinds(Class<?> type) {
        // The order of permitted classes is the compiler's affair.
        return (type.isSealed() ? Arrays.stream(type.getPermittedSubclasses()) : registered(type))
                .sorted(Comparator.comparing(k -> typeName(k).equals("none") ? "" : typeName(k)))
                .toList();
    }

    /** An open interface of which a sealed one has all records, so that one table serves both. */
    private static Class<?> documented(Class<?> type) {
        for (Class<?> open : type.getInterfaces()) {
            if (type.isSealed() && kinds(open).equals(kinds(type))) {
                return open;
            }
        }
        return type;
    }

    private static String meaning(Map<String, String> says, RecordComponent c) {
        return says.getOrDefault(c.getName(), "");
    }

    private static String doc(Class<?> type) {
        String says = SourceDocs.summary(type);
        return says.isEmpty() ? "" : says + ".";
    }

    private static String typeName(Class<?> record) {
        TypeName name = record.getAnnotation(TypeName.class);
        return name == null ? "" : name.value();
    }

    private static String absent(RecordComponent c) {
        Default absent = c.getAnnotation(Default.class);
        if (absent != null) {
            return "`" + absent.value() + "`";
        }
        return c.getAnnotatedType().isAnnotationPresent(Nullable.class) ? "none" : "required";
    }

    private static String type(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] of = generic.getActualTypeArguments();
            return generic.getRawType() == Map.class
                    ? "object of " + type(of[1])
                    : "array of " + type(of[0]);
        }
        Class<?> java = (Class<?>) type;
        if (java == LayerSpec.class) {
            return "layer";
        }
        if (java.isEnum()) {
            return Arrays.stream(java.getEnumConstants())
                    .map(c -> "`" + jsonName((Enum<?>) c) + "`")
                    .collect(Collectors.joining(", "));
        }
        if (java.isRecord() || java.isInterface()) {
            String name = documented(java).getSimpleName();
            return "[" + name + "](#" + name.toLowerCase(Locale.ROOT) + ")";
        }
        return switch (java.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "integer";
            case "double", "Double" -> "number";
            case "boolean", "Boolean" -> "boolean";
            case "String" -> "string";
            default -> throw new IllegalArgumentException("no word for " + java);
        };
    }

    private static String jsonName(Enum<?> constant) {
        String name = constant.name();
        return name.length() == 1 ? name : name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String shorthands(Class<?> type) {
        String forms =
                Arrays.stream(type.getDeclaredMethods())
                        .filter(m -> m.isAnnotationPresent(Shorthand.class))
                        .map(Reference::form)
                        .sorted()
                        .collect(Collectors.joining("; "));
        return forms.isEmpty() ? "" : "Short form: " + forms + ".";
    }

    private static String form(Method shorthand) {
        String parameter =
                shorthand.getParameters()[0].isNamePresent()
                        ? " (`" + shorthand.getParameters()[0].getName() + "`)"
                        : "";
        return type(shorthand.getGenericParameterTypes()[0]) + parameter;
    }

    /** A row for each preset, and one more for each further file of weights. */
    private static String presets() {
        Map<String, List<PublishedWeights>> published =
                Presets.weights().stream().collect(Collectors.groupingBy(PublishedWeights::preset));
        StringBuilder out =
                new StringBuilder(
                        "| preset | input | parameters | GMACs | source | weights | licence | top-1"
                                + " | top-1 from |\n"
                                + "|---|---|---:|---:|---|---|---|---:|---|\n");
        for (Preset preset : Presets.all()) {
            Cost cost = Cost.of(preset.spec().newBlock());
            String input = preset.spec().input().batchShape().toString();
            String start =
                    String.format(
                            Locale.ROOT,
                            "| `%s` | %s | %,d | %.3f | %s ",
                            preset.name(),
                            input.replace("(-1, ", "").replace(")", "").replace(", ", "x"),
                            cost.parameters(),
                            cost.macs() / 1e9,
                            preset.citation());
            List<PublishedWeights> files = published.getOrDefault(preset.name(), List.of());
            if (files.isEmpty()) {
                out.append(start).append("| | | | |\n");
            }
            for (PublishedWeights weights : files) {
                out.append(start).append(cells(weights));
                start = "| `" + preset.name() + "` | | | | ";
            }
        }
        return out.toString();
    }

    private static String cells(PublishedWeights weights) {
        return String.format(
                Locale.ROOT,
                "| `%s` | %s | %s | %s |\n",
                weights.location(),
                weights.licence(),
                weights.accuracy() == null
                        ? ""
                        : String.format(Locale.ROOT, "%.2f", weights.accuracy()),
                weights.source());
    }

    /** Returns the message of reading a broken document. */
    static String error(String resource) {
        String json = Guide.read(Guide.resource("errors/" + resource));
        try {
            SpecJson.standard().parse(json, resource, ModelSpec.class).newBlock();
        } catch (SpecException e) {
            return "```text\n" + json + "```\n\n```text\n" + e.getMessage() + "\n```\n";
        }
        throw new IllegalStateException(resource + " reads without an error");
    }
}
