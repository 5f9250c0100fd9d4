package io.residuum.vision.vgg;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.Flatten;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A VGG network for images (Simonyan and Zisserman 2015, arXiv:1409.1556): stages of 3x3
 * convolutions, each with max pooling at its end, and three linear layers, {@code (N, C, H, W) ->
 * (N, classes)}. The parts are named {@code stage1} to {@code stage5} and {@code head}.
 *
 * @param depth 11, 13, 16 or 19 layers with weights; 0 if {@code units} is given. Default: 0
 * @param units the number of convolutions in each stage; empty if {@code depth} is given. Default:
 *     empty
 * @param width the channels of the first stage; each stage doubles them, up to eight times.
 *     Default: 64
 * @param norm the norm after each convolution. Default: none
 * @param activation the activation. Default: relu
 * @param hidden the width of the first two linear layers. Default: 4096
 * @param dropout the dropout rate after each of them. Default: 0.5
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("vgg")
public record Vgg(
        @Default("\"\"") String name,
        @Default("0") int depth,
        @Default("[]") List<Integer> units,
        @Default("64") int width,
        @Default("\"none\"") NormSpec norm,
        @Default("\"relu\"") ActivationSpec activation,
        @Default("4096") int hidden,
        @Default("0.5") double dropout,
        int classes)
        implements Family, VggBuilder.With {

    /** The convolutions in each stage by depth (Table 1: configurations A, B, D, E). */
    private static final Map<Integer, List<Integer>> UNITS =
            new TreeMap<>(
                    Map.of(
                            11, List.of(1, 1, 2, 2, 2),
                            13, List.of(2, 2, 2, 2, 2),
                            16, List.of(2, 2, 3, 3, 3),
                            19, List.of(2, 2, 4, 4, 4)));

    /** The stages that double the channels: from 64 to 512. */
    private static final int DOUBLINGS = 3;

    private static final Size2d POOLED = Size2d.of(7);

    public Vgg {
        units = List.copyOf(units);
        Check.positive("width", width);
        Check.positive("hidden", hidden);
        Check.rate("dropout", dropout);
        Check.positive("classes", classes);
        Check.depthOrUnits(depth, units);
        if (depth > 0) {
            unitsOf(depth);
        }
    }

    /**
     * {@return a network of the paper, without norms and with 1000 classes}
     *
     * @param depth 11, 13, 16 or 19
     */
    public static Vgg of(int depth) {
        return Defaults.fill(VggBuilder.builder()).depth(depth).classes(1000).build();
    }

    /** {@return the depths of the paper, smallest first} */
    public static List<Integer> depths() {
        return List.copyOf(UNITS.keySet());
    }

    /**
     * {@return the number of convolutions in each stage}
     *
     * @param depth 11, 13, 16 or 19
     */
    public static List<Integer> unitsOf(int depth) {
        List<Integer> found = UNITS.get(depth);
        if (found == null) {
            throw new SpecException(
                    "depth must be 11, 13, 16 or 19, got "
                            + depth
                            + "; use one of these, or units");
        }
        return found;
    }

    @Override
    public Vgg withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<Integer> plan = units.isEmpty() ? unitsOf(depth) : units;
        List<LayerSpec> parts = new ArrayList<>();
        for (int s = 1; s <= plan.size(); s++) {
            int channels = Math.multiplyExact(width, 1 << Math.min(s - 1, DOUBLINGS));
            parts.add(stage("stage" + s, plan.get(s - 1), channels));
        }
        parts.add(head());
        return new Sequential(name, parts);
    }

    private Sequential stage(String stage, int convolutions, int channels) {
        List<LayerSpec> layers = new ArrayList<>();
        for (int c = 1; c <= convolutions; c++) {
            layers.add(Conv2d.of(channels, 3).withName("conv" + c));
            if (!norm.equals(NormSpec.NONE)) {
                layers.add(new Normalization("norm" + c, norm));
            }
            layers.add(new Activation("activation" + c, activation));
        }
        layers.add(new MaxPool2d("pool", Size2d.of(2), Size2d.of(2), Size2d.of(0)));
        return new Sequential(stage, layers);
    }

    private Sequential head() {
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(new AdaptiveAveragePool2d("pool", POOLED));
        layers.add(new Flatten("flatten"));
        for (int i = 1; i <= 2; i++) {
            layers.add(linear("fc" + i, hidden));
            layers.add(new Activation("activation" + i, activation));
            if (dropout > 0) {
                layers.add(new Dropout("dropout" + i, dropout));
            }
        }
        layers.add(linear("fc", classes));
        return new Sequential("head", layers);
    }

    /** The paper's own initialization of these layers: normal with variance 0.01^2. */
    private static Linear linear(String name, int outputs) {
        return new Linear(name, outputs, true, new InitSpec.Normal(0.01));
    }
}
