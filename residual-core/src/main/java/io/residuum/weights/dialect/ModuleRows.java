package io.residuum.weights.dialect;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.Layer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The modules of another library that are one linear layer or convolution of ours, and the order of
 * their outputs. A layer of ours may be several modules one after the other, such as {@code qkv}.
 */
public final class ModuleRows {
    private static final String WEIGHT = ".weight";
    private static final String TRANSPOSE = "i o -> o i";

    private final TensorRows weight;
    private final List<String> modules;
    private final int outputs;

    private ModuleRows(TensorRows weight, List<String> modules) {
        this.weight = weight;
        this.modules = modules;
        this.outputs = Math.toIntExact(weight.ours().get(0).get(0));
    }

    /**
     * {@return the modules of the layers with a weight, by the layer's path; without layers that
     * are a part of a module}
     *
     * @param dialect the library's names
     * @param network the network's block, without low-rank branches
     * @param present the modules in a file, which select among several names; empty for writing
     */
    public static Map<String, ModuleRows> of(Dialect dialect, Layer network, Set<String> present) {
        RuleTable table = new RuleTable(dialect);
        Map<String, Parameter> parameters = network.namedParameters();
        Map<String, Shape> shapes = TensorRows.shapes(parameters, Map.of());
        Map<String, Layer> layers = new LinkedHashMap<>();
        network.walk(layers::put);
        Set<String> weights = new LinkedHashSet<>();
        present.forEach(module -> weights.add(module + WEIGHT));
        Map<String, String> names =
                present.isEmpty()
                        ? written(
                                table,
                                parameters.keySet(),
                                RuleTable.owners(layers.keySet(), parameters.keySet()))
                        : table.withoutPrefix(weights);
        Map<String, ModuleRows> modules = new LinkedHashMap<>();
        for (String path : parameters.keySet()) {
            List<TensorLink> links =
                    table.candidates(path, parameters.keySet()).stream()
                            .filter(link -> path.endsWith(WEIGHT) && isOfModules(link))
                            .map(link -> link.ours().size() == 1 ? link : link.pair(path))
                            .toList();
            links.stream()
                    .filter(link -> link.theirs().stream().anyMatch(names::containsKey))
                    .findFirst()
                    .or(() -> links.stream().findFirst())
                    .ifPresent(
                            link ->
                                    modules.put(
                                            module(path),
                                            new ModuleRows(
                                                    TensorRows.of(link, shapes, layers),
                                                    names(link, names))));
        }
        return modules;
    }

    /** Returns true if a link maps layers to modules with the same inputs. */
    private static boolean isOfModules(TensorLink link) {
        Rule rule = link.rule();
        boolean pairs =
                link.ours().size() == link.theirs().size() && rule.rotary() == RotaryOrder.SAME;
        return (link.ours().size() == 1 || pairs)
                && (rule.rearrange().isEmpty() || rule.rearrange().equals(TRANSPOSE))
                && rule.extraRows().isEmpty()
                && link.theirs().stream().allMatch(name -> name.endsWith(WEIGHT));
    }

    private static List<String> names(TensorLink link, Map<String, String> names) {
        return link.theirs().stream().map(n -> module(names.getOrDefault(n, n))).toList();
    }

    private static String module(String weight) {
        return weight.substring(0, weight.length() - WEIGHT.length());
    }

    /** Returns the names to write, with the dialect's prefix if the network has a head. */
    private static Map<String, String> written(
            RuleTable table, Set<String> paths, Set<String> owners) {
        Set<String> all = new LinkedHashSet<>();
        table.links(paths, Set.of(), Set.of(), Set.of())
                .values()
                .forEach(link -> all.addAll(link.theirs()));
        // A tied head is a copy in the file.
        Set<String> copies = new LinkedHashSet<>();
        all.forEach(name -> copies.addAll(table.copiesOf(name, owners, all)));
        all.addAll(copies);
        return table.withPrefix(all);
    }

    /** {@return the names of the modules, in the order of their outputs} */
    public List<String> modules() {
        return modules;
    }

    /** {@return true if the library stores the weight as (in, out)} */
    public boolean isTransposed() {
        return !weight.link().rule().rearrange().isEmpty();
    }

    /**
     * {@return the number of outputs of a module}
     *
     * @param module the index of the module
     */
    public int outputs(int module) {
        return modules.size() == 1 ? outputs : Math.toIntExact(weight.sizes()[module]);
    }

    /**
     * {@return the values of a module}
     *
     * @param module the index of the module
     * @param ours values for each output of the layer, row by row
     * @param row the number of values per output
     */
    public float[] toModule(int module, float[] ours, int row) {
        return rows(row).toTheirs(module, List.of(ours.clone()));
    }

    /**
     * {@return the values for each output of the layer, row by row}
     *
     * @param theirs the values of each module
     * @param row the number of values per output
     */
    public float[] toOurs(List<float[]> theirs, int row) {
        List<float[]> copies = new ArrayList<>();
        theirs.forEach(values -> copies.add(values.clone()));
        TensorRows rows = rows(row);
        return rows.toOurs(0, rows.joined(copies));
    }

    private TensorRows rows(int row) {
        return new TensorRows(
                weight.link(),
                List.of(new Shape(outputs, row)),
                weight.sizes(),
                row,
                null,
                weight.heads(),
                weight.groups());
    }
}
