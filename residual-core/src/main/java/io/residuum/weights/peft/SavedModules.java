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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Reads and writes the modules that were trained in full beside the branches of an adapter, such as
 * a new head: PEFT's {@code modules_to_save}.
 */
final class SavedModules {
    private SavedModules() {}

    /** Returns true for tensors of branches, and false for those of complete modules. */
    static boolean isOfBranch(String tensor) {
        return tensor.contains(".lora_");
    }

    /** Returns the values of the parameters that a file has in full, by path. */
    static Map<String, float[]> read(Safetensors tensors, Dialect dialect, Layer network) {
        StateDict saved = tensors.select(PeftFolder.ROOT, name -> !isOfBranch(name));
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
                                    "the modules that an adapter saves must be modules of the network, found %s of shape %s: open the base model with this module"
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
     * Adds parameters to a file.
     *
     * @param patterns the patterns of their paths
     * @return the names of their modules
     */
    static List<String> write(
            SafetensorsWriter writer,
            List<String> patterns,
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
        Set<String> modules = new LinkedHashSet<>();
        if (!paths.isEmpty()) {
            for (String name :
                    Export.add(writer, PeftFolder.ROOT, dialect, network, paths, values)) {
                modules.add(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
            }
        }
        return new ArrayList<>(modules);
    }
}
