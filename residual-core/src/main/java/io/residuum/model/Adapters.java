package io.residuum.model;

import ai.djl.nn.Parameter;
import io.residuum.emit.Quantization;
import io.residuum.engine.Values;
import io.residuum.nn.AffineLayer;
import io.residuum.nn.Layer;
import io.residuum.nn.LowRankBlock;
import io.residuum.spec.Check;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.peft.PeftFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Adds low-rank branches to a network, and merges them into its weights: LoRA (Hu et al. 2021,
 * arXiv:2106.09685) and DoRA (Liu et al. 2024, arXiv:2402.09353).
 *
 * <p>{@link Network#trainOnly} with {@link LowRank#parameters} trains the branches alone.
 */
public final class Adapters {
    private Adapters() {}

    /**
     * Adds a branch to a network. It does not change an output before it is trained.
     *
     * @param adapter the branch, whose name is new
     * @param seed the seed of its weights
     * @throws io.residuum.spec.SpecException if the network cannot have it
     */
    public static void add(Network network, LowRank adapter, long seed) {
        set(network, joined(network.spec().adapters(), List.of(adapter)), seed);
    }

    /**
     * Replaces the branches of a network. Those that stay keep their parameters if they have the
     * same name, layer and rank. New ones do not change an output before they are trained.
     *
     * @param adapters the new branches
     * @param seed the seed of the weights of new branches
     * @throws io.residuum.spec.SpecException if the network cannot have them
     */
    public static void set(Network network, List<LowRank> adapters, long seed) {
        ModelSpec spec = network.spec().withAdapters(adapters);
        network.lock.change(
                () -> {
                    ModelMetadata metadata = network.metadata();
                    network.adaptTo(spec, seed);
                    network.setMetadata(metadata);
                });
    }

    /**
     * Adds an adapter of PEFT to a network, with the modules that it saves, such as a head.
     *
     * @param network the network, with or without other branches
     * @param folder a folder with {@code adapter_config.json} and {@code adapter_model.safetensors}
     * @param dialects the dialects that the names of modules may have
     * @throws io.residuum.weights.WeightsException if a file is invalid, or has branches that the
     *     network cannot have
     */
    public static void load(Network network, Path folder, Dialects dialects) {
        PeftFolder.Contents read = PeftFolder.read(folder, network.spec(), dialects);
        network.lock.change(
                () -> {
                    set(network, joined(network.spec().adapters(), read.adapters()), 0);
                    network.loadValues(read.suppliers());
                });
    }

    /**
     * Writes a branch of a network as a small folder that PEFT loads.
     *
     * @param adapter the branch, one of {@link io.residuum.spec.ModelSpec#adapters}
     * @param folder the folder, created if there is none
     * @param dialect the names of the library that has the base model
     * @throws io.residuum.weights.WeightsException if the dialect has no names for a layer, or a
     *     file cannot be written
     */
    public static void save(Network network, LowRank adapter, Path folder, Dialect dialect) {
        save(network, adapter, folder, dialect, List.of());
    }

    /**
     * Writes a branch of a network, and parameters that were trained in full with it, as a folder
     * that PEFT loads.
     *
     * @param adapter the branch, one of {@link io.residuum.spec.ModelSpec#adapters}
     * @param folder the folder, created if there is none
     * @param dialect the names of the library that has the base model
     * @param modulesToSave patterns of the parameters to write in full, such as {@code head.*}
     * @throws io.residuum.weights.WeightsException if the dialect has no names for a layer, a
     *     pattern matches no parameter, or a file cannot be written
     */
    public static void save(
            Network network,
            LowRank adapter,
            Path folder,
            Dialect dialect,
            List<String> modulesToSave) {
        save(network, List.of(adapter), folder, dialect, modulesToSave);
    }

    /**
     * Writes branches of a network, and parameters that were trained in full with them, as one
     * folder that PEFT loads.
     *
     * @param adapters the branches: at most one for each layer, with one method, scaling and
     *     dropout
     * @param folder the folder, created if there is none
     * @param dialect the names of the library that has the base model
     * @param modulesToSave patterns of the parameters to write in full, such as {@code head.*}
     * @throws io.residuum.weights.WeightsException if the branches do not fit into one folder, the
     *     dialect has no names for a layer, a pattern matches no parameter, or a file cannot be
     *     written
     */
    public static void save(
            Network network,
            List<LowRank> adapters,
            Path folder,
            Dialect dialect,
            List<String> modulesToSave) {
        Map<String, Parameter> state = network.state();
        PeftFolder.write(
                folder,
                adapters,
                network.spec(),
                dialect,
                modulesToSave,
                path -> values(Objects.requireNonNull(state.get(path), path)));
    }

    static List<LowRank> joined(List<LowRank> first, List<LowRank> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /**
     * Adds all branches to the weights of their layers and removes them. Outputs stay the same up
     * to rounding.
     *
     * @param network a network with branches
     * @throws io.residuum.spec.SpecException if it has none
     */
    public static void merge(Network network) {
        Check.that(
                !network.spec().adapters().isEmpty(),
                "%s must have adapters to merge, found none",
                network.spec().name());
        network.lock.change(
                () -> {
                    Map<String, Supplier<float[]>> merged = new LinkedHashMap<>();
                    LowRank.layers(network.block())
                            .forEach(
                                    (path, layer) -> {
                                        if (!layer.branches().isEmpty()) {
                                            float[] values = merged(layer);
                                            merged.put(Layer.below(path, "weight"), () -> values);
                                        }
                                    });
                    set(network, List.of(), 0);
                    network.setMetadata(network.metadata().with(Quantization.NONE));
                    network.loadValues(merged);
                });
    }

    private static float[] merged(AffineLayer layer) {
        float[] weight = values(layer.weight());
        double[] sum = new double[weight.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = weight[i];
        }
        for (LowRankBlock branch : layer.branches()) {
            addChange(sum, weight, layer, branch);
        }
        float[] rounded = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            rounded[i] = (float) sum[i];
        }
        return rounded;
    }

    /** Adds {@code g (W + s B A) - W}, where g is 1 for LoRA and scales each row for DoRA. */
    private static void addChange(
            double[] sum, float[] weight, AffineLayer layer, LowRankBlock branch) {
        float[] a = values(branch.down().weight());
        float[] b = values(branch.up().weight());
        Parameter lengths = branch.lengths();
        float[] learned = lengths == null ? null : values(lengths);
        int units = Math.toIntExact(layer.weight().getShape().get(0));
        int row = weight.length / units;
        int rank = branch.settings().rank() / layer.groups();
        int unitsPerGroup = units / layer.groups();
        double[] changed = new double[row];
        for (int unit = 0; unit < units; unit++) {
            int firstOfGroup = unit / unitsPerGroup * rank;
            for (int i = 0; i < row; i++) {
                changed[i] = weight[unit * row + i];
            }
            for (int k = 0; k < rank; k++) {
                double factor = branch.settings().scale() * b[unit * rank + k];
                int from = (firstOfGroup + k) * row;
                for (int i = 0; i < row; i++) {
                    changed[i] += factor * a[from + i];
                }
            }
            double gain = learned == null ? 1 : learned[unit] / length(changed);
            for (int i = 0; i < row; i++) {
                sum[unit * row + i] += gain * changed[i] - weight[unit * row + i];
            }
        }
    }

    private static double length(double[] row) {
        double squares = 0;
        for (double value : row) {
            squares += value * value;
        }
        return Math.sqrt(squares + LowRankBlock.TINY);
    }

    private static float[] values(Parameter parameter) {
        return Values.floats(parameter.getArray());
    }
}
