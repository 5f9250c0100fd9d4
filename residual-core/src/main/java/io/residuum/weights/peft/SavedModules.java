package io.residuum.weights.peft;

import io.residuum.json.JsonText;
import io.residuum.nn.Layer;
import io.residuum.spec.Glob;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Export;
import io.residuum.weights.dialect.ImportPlan;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Reads and writes what was trained in full beside the branches of an adapter: PEFT's {@code
 * modules_to_save}, such as a new head, and the biases of its setting {@code bias}.
 */
final class SavedModules {
    private static final String BIAS = ".bias";

    /** PEFT's name of a module below the one that adds its branch. */
    private static final String WRAPPED = ".base_layer";

    private SavedModules() {}

    /** Returns true for tensors of branches, and false for those of complete modules. */
    static boolean isOfBranch(String tensor) {
        return tensor.contains(".lora_");
    }

    /** Returns the values of the parameters that a file has in full, by path. */
    static Map<String, float[]> read(Safetensors tensors, Dialect dialect, Layer network) {
        StateDict saved =
                tensors.select(
                        name ->
                                Optional.of(name)
                                        .filter(n -> !isOfBranch(n))
                                        .map(n -> n.substring(PeftFolder.ROOT.length()))
                                        .map(n -> n.replace(WRAPPED + BIAS, BIAS)),
                        Set.of(PeftFolder.ROOT, WRAPPED));
        ImportPlan plan = ImportPlan.of(dialect, network, saved);
        Stream.of(
                        plan.unexpected().stream(),
                        plan.leftOut().stream(),
                        plan.wrongShapes().stream().map(ImportPlan.WrongShape::theirs))
                .flatMap(names -> names)
                .findFirst()
                .ifPresent(
                        name -> {
                            throw WeightsException.in(
                                    tensors.file(),
                                    "the modules and biases that an adapter saves must be complete layers of the network, found %s of shape %s: open the base model with this module, or save the biases of all modules"
                                            .formatted(
                                                    JsonText.quote(name),
                                                    saved.info(name).shape()));
                        });
        Map<String, Supplier<float[]>> all = plan.values();
        Map<String, float[]> values = new LinkedHashMap<>();
        for (ImportPlan.Match match : plan.matched()) {
            String path = match.ours();
            values.put(path, Objects.requireNonNull(all.get(path), path).get());
        }
        return values;
    }

    /**
     * The parameters that were written in full, as PEFT's settings name them.
     *
     * @param modules the names of modules
     * @param bias PEFT's setting of the biases that belong to no such module
     */
    record Written(List<String> modules, String bias) {}

    /**
     * Adds parameters to a file.
     *
     * @param patterns the patterns of their paths
     * @param adapted the names of the modules with branches
     */
    static Written write(
            SafetensorsWriter writer,
            List<String> patterns,
            Set<String> adapted,
            Dialect dialect,
            Layer network,
            Function<String, float[]> values) {
        Set<String> paths = new LinkedHashSet<>();
        for (String pattern : patterns) {
            List<String> matching =
                    network.namedParameters().keySet().stream().filter(new Glob(pattern)).toList();
            if (matching.isEmpty()) {
                throw new WeightsException(
                        "the modules to save must be patterns of parameters of the base model, found \"%s\", which matches none: use paths like head.*"
                                .formatted(pattern));
            }
            paths.addAll(matching);
        }
        if (paths.isEmpty()) {
            return new Written(List.of(), "none");
        }
        List<String> names =
                Export.add(
                        writer,
                        name -> PeftFolder.ROOT + (isWrapped(name, adapted) ? wrapped(name) : name),
                        dialect,
                        network,
                        paths,
                        values);
        Set<String> modules = new LinkedHashSet<>();
        names.stream().filter(n -> !n.endsWith(BIAS)).forEach(n -> modules.add(module(n)));
        List<String> biases =
                names.stream()
                        .filter(n -> n.endsWith(BIAS) && !modules.contains(module(n)))
                        .map(SavedModules::module)
                        .toList();
        String bias = adapted.containsAll(biases) ? "lora_only" : "all";
        return new Written(List.copyOf(modules), biases.isEmpty() ? "none" : bias);
    }

    private static boolean isWrapped(String name, Set<String> adapted) {
        return name.endsWith(BIAS) && adapted.contains(module(name));
    }

    private static String wrapped(String bias) {
        return module(bias) + WRAPPED + BIAS;
    }

    private static String module(String tensor) {
        return tensor.substring(0, Math.max(0, tensor.lastIndexOf('.')));
    }
}
