package io.residuum.weights.peft;

import ai.djl.ndarray.types.Shape;
import io.residuum.files.AtomicFiles;
import io.residuum.files.FolderLock;
import io.residuum.json.Json;
import io.residuum.json.JsonText;
import io.residuum.nn.AffineLayer;
import io.residuum.nn.Layer;
import io.residuum.nn.LowRankBlock;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ModuleRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes a folder of PEFT: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, with the names of another library.
 */
public final class PeftFolder {
    private static final Logger LOG = LoggerFactory.getLogger(PeftFolder.class);

    /** The file of the settings. */
    public static final String CONFIG = "adapter_config.json";

    /** The file of the weights. */
    public static final String WEIGHTS = "adapter_model.safetensors";

    static final String ROOT = "base_model.model.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final String WEIGHT = ".weight";
    private static final String MAGNITUDE = ".lora_magnitude_vector";

    /**
     * An adapter that was read.
     *
     * @param adapters the branches: one, or more if their ranks or scales differ
     * @param values the values of their parameters by path
     */
    public record Contents(List<LowRank> adapters, Map<String, float[]> values) {

        /** {@return the values of the parameters by path, on request} */
        public Map<String, Supplier<float[]>> suppliers() {
            Map<String, Supplier<float[]>> all = new LinkedHashMap<>();
            values.forEach((path, v) -> all.put(path, () -> v));
            return all;
        }
    }

    private PeftFolder() {}

    /**
     * Writes branches. PEFT loads them with {@code PeftModel.from_pretrained(model, folder)}. Ranks
     * and alphas that differ become its {@code rank_pattern} and {@code alpha_pattern}.
     *
     * @param folder the folder, created if there is none; files in it are replaced
     * @param adapters the branches, some of the spec's: at most one for each layer, with one
     *     method, scaling and dropout
     * @param spec the network
     * @param dialect the names of the library that has the base model
     * @param modulesToSave patterns of the parameters to write in full, such as those of a head or
     *     of biases that were trained with the branches
     * @param values returns the values of the parameter at a path, row by row
     * @throws WeightsException if the dialect has no modules for a layer, a pattern matches no
     *     parameter, the branches do not fit into one folder, or a file cannot be written
     */
    public static void write(
            Path folder,
            List<LowRank> adapters,
            ModelSpec spec,
            Dialect dialect,
            List<String> modulesToSave,
            Function<String, float[]> values) {
        Layer plain = plain(spec);
        Map<String, ModuleRows> rows = ModuleRows.of(dialect, plain, Set.of());
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        Map<String, LowRank> modules = new LinkedHashMap<>();
        boolean transposed = false;
        Map<String, AffineLayer> layers = LowRank.layers(spec.newBlock());
        for (LowRank adapter : adapters) {
            requireSameSettings(adapters.get(0), adapter);
            for (Map.Entry<String, AffineLayer> entry : layers.entrySet()) {
                String path = entry.getKey();
                AffineLayer layer = entry.getValue();
                if (!(layer.children().get(adapter.name()) instanceof LowRankBlock branch)) {
                    continue;
                }
                ModuleRows row = rows.get(path);
                if (row == null || layer.groups() > 1) {
                    throw new WeightsException(
                            "%s must be %s to be written for PEFT, found none: narrow the targets of \"%s\""
                                    .formatted(
                                            path,
                                            layer.groups() > 1
                                                    ? "a convolution without groups"
                                                    : "a module of " + dialect.name(),
                                            adapter.name()));
                }
                for (String module : row.modules()) {
                    LowRank other = modules.put(module, adapter);
                    if (other != null) {
                        throw new WeightsException(
                                "a layer must have one branch in a folder of PEFT, found \"%s\" and \"%s\" on %s: write one adapter at a time"
                                        .formatted(other.name(), adapter.name(), path));
                    }
                }
                add(writer, Layer.below(path, adapter.name()), branch, row, values);
                transposed |= row.isTransposed();
            }
        }
        if (modules.isEmpty()) {
            throw new WeightsException(
                    "the branches must be some of the network's, found none on its layers for %s: add them first"
                            .formatted(adapters));
        }
        SavedModules.Written saved =
                SavedModules.write(writer, modulesToSave, modules.keySet(), dialect, plain, values);
        Json config = PeftConfig.write(modules, saved, transposed);
        write(folder, config, writer);
    }

    private static void write(Path folder, Json config, SafetensorsWriter weights) {
        try (FolderLock lock = FolderLock.create(folder, LOG::warn)) {
            AtomicFiles.writeString(folder.resolve(CONFIG), config.pretty());
            weights.write(folder.resolve(WEIGHTS));
        } catch (IOException e) {
            throw new WeightsException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void requireSameSettings(LowRank first, LowRank other) {
        LowRank same = other.with().rank(first.rank()).alpha(first.alpha()).build();
        if (!same.withName(first.name()).withTargets(first.targets()).equals(first)) {
            throw new WeightsException(
                    "the branches in a folder of PEFT must have one method, scaling and dropout, found %s and %s: write one adapter at a time"
                            .formatted(first, other));
        }
    }

    private static void add(
            SafetensorsWriter writer,
            String path,
            LowRankBlock branch,
            ModuleRows row,
            Function<String, float[]> values) {
        float[] a = values.apply(path + ".A.weight");
        float[] b = values.apply(path + ".B.weight");
        int rank = branch.settings().rank();
        for (int i = 0; i < row.modules().size(); i++) {
            String module = ROOT + row.modules().get(i);
            writer.add(module + A, branch.down().weight().getShape().getShape(), a);
            long[] shape = branch.up().weight().getShape().getShape().clone();
            shape[0] = row.outputs(i);
            writer.add(module + B, shape, row.toModule(i, b, rank));
            if (branch.lengths() != null) {
                float[] lengths = row.toModule(i, values.apply(path + ".magnitude"), 1);
                writer.add(module + MAGNITUDE, magnitude(shape), lengths);
            }
        }
    }

    /** Returns the shape of the lengths, which broadcast over the outputs of a convolution. */
    private static long[] magnitude(long... up) {
        if (up.length == 2) {
            return new long[] {up[0]};
        }
        long[] shape = new long[up.length];
        Arrays.fill(shape, 1);
        shape[1] = up[0];
        return shape;
    }

    private static Layer plain(ModelSpec spec) {
        return spec.withAdapters(List.of()).newBlock();
    }

    /**
     * Reads an adapter for a network.
     *
     * @param folder a folder that PEFT wrote
     * @param spec the network
     * @param dialects the dialects that the names of modules may have
     * @return the branches and their values
     * @throws WeightsException if a file is missing or invalid, or has what the network cannot have
     */
    public static Contents read(Path folder, ModelSpec spec, Dialects dialects) {
        PeftConfig config = PeftConfig.read(folder.resolve(CONFIG));
        Path file = folder.resolve(WEIGHTS);
        try (Safetensors tensors = Safetensors.open(file)) {
            Map<String, Module> modules = modules(tensors, config);
            Layer network = plain(spec);
            Names names = names(file, modules, network, dialects);
            Set<String> taken =
                    spec.adapters().stream().map(LowRank::name).collect(Collectors.toSet());
            Contents branches =
                    new Joining(file, config, LowRank.layers(network), taken)
                            .contents(names.rows, modules);
            Map<String, float[]> values = new LinkedHashMap<>(branches.values);
            values.putAll(SavedModules.read(tensors, names.dialect, network));
            return new Contents(branches.adapters, values);
        }
    }

    private static Map<String, Module> modules(Safetensors tensors, PeftConfig config) {
        Map<String, Module> modules = new TreeMap<>();
        for (String name : tensors.names()) {
            if (!name.startsWith(ROOT) || !name.endsWith(A)) {
                continue;
            }
            String module = name.substring(ROOT.length(), name.length() - A.length());
            String b = ROOT + module + B;
            String lengths = ROOT + module + MAGNITUDE;
            long[] shape = tensors.info(name).dimensions();
            if (shape.length < 2) {
                throw WeightsException.in(
                        tensors.file(),
                        "%s must have two axes or more, found %d"
                                .formatted(JsonText.quote(name), shape.length));
            }
            boolean dora = config.method() == LowRank.Method.DORA;
            if (dora && !tensors.names().contains(lengths)) {
                lengths += WEIGHT; // as older versions wrote it
            }
            modules.put(
                    module,
                    new Module(
                            new Shape(shape),
                            tensors.floats(name),
                            new Shape(tensors.info(b).dimensions()),
                            tensors.floats(b),
                            dora ? tensors.floats(lengths) : new float[0],
                            config.scale(module, Math.toIntExact(shape[0]))));
        }
        long known = modules.size() * (config.method() == LowRank.Method.DORA ? 3L : 2L);
        long branches = tensors.names().stream().filter(SavedModules::isOfBranch).count();
        boolean rooted = tensors.names().stream().allMatch(name -> name.startsWith(ROOT));
        if (modules.isEmpty() || known != branches || !rooted) {
            String other =
                    tensors.names().stream()
                            .filter(n -> !n.endsWith(A) && !n.endsWith(B) && !n.contains(MAGNITUDE))
                            .findFirst()
                            .orElse("none");
            throw WeightsException.in(
                    tensors.file(),
                    "an adapter must have pairs of tensors \"%s...%s\" and \"...%s\", found %s"
                            .formatted(ROOT, A, B, JsonText.quote(other)));
        }
        return modules;
    }

    /** A dialect and the modules that it has for the layers of a network. */
    private record Names(Dialect dialect, Map<String, ModuleRows> rows) {}

    /** Returns the first dialect that has all modules. */
    private static Names names(
            Path file, Map<String, Module> modules, Layer network, Dialects dialects) {
        String unknown = "";
        for (Dialect dialect : dialects.all()) {
            Map<String, ModuleRows> rows = ModuleRows.of(dialect, network, modules.keySet());
            List<String> known = rows.values().stream().flatMap(r -> r.modules().stream()).toList();
            if (known.containsAll(modules.keySet())) {
                return new Names(dialect, rows);
            }
            if (known.stream().anyMatch(modules::containsKey) || unknown.isEmpty()) {
                unknown =
                        modules.keySet().stream()
                                .filter(m -> !known.contains(m))
                                .findFirst()
                                .orElseThrow();
            }
        }
        throw WeightsException.in(
                file,
                "the modules must be linear layers or convolutions of the network, found "
                        + JsonText.quote(unknown)
                        + ": is this the adapter of another model?");
    }
}
