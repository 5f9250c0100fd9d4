package io.residuum.weights.peft;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.AffineLayer;
import io.residuum.nn.Layer;
import io.residuum.spec.Glob;
import io.residuum.spec.LowRank;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.ModuleRows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Joins the branches of modules to branches of our layers. Where a layer is several modules, such
 * as {@code qkv}, A has the rows of each, and B is block-diagonal.
 *
 * @param file the file, for messages
 * @param config the settings
 * @param layers the layers that can have branches
 * @param taken the names of other branches of the network
 */
record Joining(Path file, PeftConfig config, Map<String, AffineLayer> layers, Set<String> taken) {

    /** The settings that branches with one name share. */
    private record Group(int rank, double scale) {}

    private record Branch(Group group, float[] a, float[] b, float @Nullable [] lengths) {}

    PeftFolder.Contents contents(Map<String, ModuleRows> rows, Map<String, Module> modules) {
        Map<String, Branch> branches = new LinkedHashMap<>();
        rows.forEach(
                (path, row) -> {
                    List<@Nullable Module> parts = new ArrayList<>();
                    row.modules().forEach(name -> parts.add(modules.get(name)));
                    AffineLayer layer = layers.get(path);
                    if (parts.stream().anyMatch(Objects::nonNull)) {
                        if (layer == null || layer.groups() > 1) {
                            throw WeightsException.in(
                                    file,
                                    "%s must be a linear layer or a convolution without groups"
                                            .formatted(path));
                        }
                        branches.put(path, branch(path, layer, row, parts));
                    }
                });
        Map<Group, Set<String>> groups = new LinkedHashMap<>();
        branches.forEach(
                (path, b) -> groups.computeIfAbsent(b.group, g -> new LinkedHashSet<>()).add(path));
        List<LowRank> adapters = new ArrayList<>();
        Set<String> names = new HashSet<>(taken);
        Map<String, float[]> values = new LinkedHashMap<>();
        groups.forEach(
                (group, paths) -> {
                    LowRank adapter = adapter(freeName(names), group, paths);
                    adapters.add(adapter);
                    for (String path : paths) {
                        Branch branch = Objects.requireNonNull(branches.get(path));
                        String prefix = Layer.below(path, adapter.name()) + ".";
                        values.put(prefix + "A.weight", branch.a);
                        values.put(prefix + "B.weight", branch.b);
                        if (branch.lengths != null) {
                            values.put(prefix + "magnitude", branch.lengths);
                        }
                    }
                });
        return new PeftFolder.Contents(adapters, values);
    }

    /** Adds a new name to names: {@code lora}, {@code lora2} and so on. */
    private String freeName(Set<String> names) {
        String method = config.method().name().toLowerCase(Locale.ROOT);
        String name = method;
        for (int i = 2; !names.add(name); i++) {
            name = method + i;
        }
        return name;
    }

    private LowRank adapter(String name, Group group, Set<String> paths) {
        return new LowRank(
                name,
                patterns(paths),
                group.rank,
                group.scale * config.denominator(group.rank),
                config.dropout(),
                config.scaling(),
                config.method());
    }

    /** Returns few patterns that match these paths and no others: {@code blocks.*.qkv}. */
    private List<String> patterns(Set<String> paths) {
        Set<String> patterns = new LinkedHashSet<>();
        for (String path : paths) {
            String pattern = path.replaceAll("\\b[0-9]+\\b", "*");
            Glob glob = new Glob(pattern);
            boolean exact = layers.keySet().stream().filter(glob).allMatch(paths::contains);
            patterns.add(exact ? pattern : path);
        }
        return List.copyOf(patterns);
    }

    private Branch branch(
            String path, AffineLayer layer, ModuleRows row, List<@Nullable Module> parts) {
        List<Module> present = parts.stream().filter(Objects::nonNull).toList();
        for (int i = 0; i < parts.size(); i++) {
            Module part = parts.get(i);
            if (part != null) {
                requireShapes(path, layer, row.outputs(i), part);
            }
        }
        Module first = present.get(0);
        boolean shared =
                present.size() == parts.size()
                        && present.stream().allMatch(m -> Arrays.equals(m.a(), first.a()));
        int rank = shared ? first.rank() : present.stream().mapToInt(Module::rank).sum();
        float[] a = shared ? first.a() : joined(present);
        List<float[]> b = new ArrayList<>();
        int column = 0;
        for (int i = 0; i < parts.size(); i++) {
            Module part = parts.get(i);
            float[] columns = new float[row.outputs(i) * rank];
            if (part != null) {
                float ratio = (float) (part.scale() / first.scale());
                place(part, ratio, columns, rank, column);
                column += shared ? 0 : part.rank();
            }
            b.add(columns);
        }
        return new Branch(
                new Group(rank, first.scale()), a, row.toOurs(b, rank), lengths(path, row, parts));
    }

    private static float[] joined(List<Module> modules) {
        float[] all = new float[modules.stream().mapToInt(m -> m.a().length).sum()];
        int at = 0;
        for (Module module : modules) {
            System.arraycopy(module.a(), 0, all, at, module.a().length);
            at += module.a().length;
        }
        return all;
    }

    private static void place(Module part, float ratio, float[] columns, int rank, int column) {
        int own = part.rank();
        for (int i = 0; i < part.b().length; i++) {
            columns[i / own * rank + column + i % own] = part.b()[i] * ratio;
        }
    }

    private float @Nullable [] lengths(String path, ModuleRows row, List<@Nullable Module> parts) {
        if (config.method() == LowRank.Method.LORA) {
            return null;
        }
        List<float[]> lengths = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Module part = parts.get(i);
            if (part == null) {
                throw WeightsException.in(
                        file,
                        "DoRA must adapt all of %s, which are one layer here, found some: adapt all"
                                .formatted(row.modules()));
            }
            if (part.lengths().length != row.outputs(i)) {
                throw WeightsException.in(
                        file,
                        "the branch of %s must have %d lengths, found %d"
                                .formatted(path, row.outputs(i), part.lengths().length));
            }
            lengths.add(part.lengths());
        }
        return row.toOurs(lengths, 1);
    }

    private void requireShapes(String path, AffineLayer layer, int outputs, Module part) {
        long[] down = layer.weight().getShape().getShape().clone();
        down[0] = part.rank();
        long[] up = new long[down.length];
        Arrays.fill(up, 1);
        up[0] = outputs;
        up[1] = part.rank();
        if (!part.shapeA().equals(new Shape(down)) || !part.shapeB().equals(new Shape(up))) {
            throw WeightsException.in(
                    file,
                    "the branch of %s must have A %s and B %s, found %s and %s"
                            .formatted(
                                    path,
                                    new Shape(down),
                                    new Shape(up),
                                    part.shapeA(),
                                    part.shapeB()));
        }
    }
}
