package io.residuum.vision.fractalnet;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Mean;
import io.residuum.spec.graph.Names;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A FractalNet for images (Larsson et al. 2016, arXiv:1605.07648): deep without shortcuts, {@code
 * (N, C, H, W) -> (N, classes)}. A block of C columns is {@code f_1(z) = conv(z)} and {@code f_C(z)
 * = mean(f_(C-1)(f_(C-1)(z)), conv(z))}. A mean of means is one mean of all their columns. Column c
 * has {@code 2^(c-1)} convolutions, each with batch norm and ReLU. Max pooling after each block
 * halves the image.
 *
 * @param columns the columns of each block, at most 8. Default: 3
 * @param widths the channels of each block. Default: 64, 128, 256, 512, 512
 * @param dropPath the probability that a mean drops an input in training. Default: 0.15
 * @param global the probability that a batch trains one column alone. Default: 0.5
 * @param dropout the dropout rate after each convolution of a block, by block; empty for none.
 *     Default: 0, 0.1, 0.2, 0.3, 0.4
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("fractalnet")
public record FractalNet(
        @Default("\"\"") String name,
        @Default("3") int columns,
        @Default("[64, 128, 256, 512, 512]") List<Integer> widths,
        @Default("0.15") double dropPath,
        @Default("0.5") double global,
        @Default("[0.0, 0.1, 0.2, 0.3, 0.4]") List<Double> dropout,
        int classes)
        implements Family, FractalNetBuilder.With {
    private static final int MAX_COLUMNS = 8;

    public FractalNet {
        widths = List.copyOf(widths);
        dropout = List.copyOf(dropout);
        Check.that(
                columns > 0 && columns <= MAX_COLUMNS,
                "columns must be in [1, %s], got %s",
                MAX_COLUMNS,
                columns);
        Check.that(!widths.isEmpty(), "widths must name the channels of one block or more");
        widths.forEach(width -> Check.positive("widths", width));
        Check.that(
                dropout.isEmpty() || dropout.size() == widths.size(),
                "dropout must have a rate for each of the %s blocks, or none, got %s",
                widths.size(),
                dropout);
        dropout.forEach(rate -> Check.rate("dropout", rate));
        Check.positive("classes", classes);
        new Mean("", dropPath, global, columns); // checks the rates
    }

    /**
     * {@return the network of 20 layers}
     *
     * @param classes the number of classes
     */
    public static FractalNet of(int classes) {
        return Defaults.fill(FractalNetBuilder.builder()).classes(classes).build();
    }

    @Override
    public FractalNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        for (int b = 0; b < widths.size(); b++) {
            parts.add(block("block" + (b + 1), b));
            Size2d two = Size2d.of(2);
            parts.add(new MaxPool2d("pool" + (b + 1), two, two, Size2d.of(0)));
        }
        parts.add(
                new Sequential(
                        "head",
                        List.of(
                                new GlobalAveragePool("pool"),
                                new Linear("fc", classes, true, new InitSpec.XavierUniform()))));
        return new Sequential(name, parts);
    }

    /** Returns the columns of a block, joined wherever convolutions of several columns end. */
    private LayerSpec block(String block, int index) {
        int length = 1 << (columns - 1);
        String[] read = new String[columns];
        int[] made = new int[columns];
        Arrays.fill(read, "input");
        List<LayerNode> nodes = new ArrayList<>();
        for (int time = 1; time <= length; time++) {
            List<String> ending = new ArrayList<>();
            int first = columns;
            for (int c = 0; c < columns; c++) {
                // Column c has a convolution every length / 2^c steps.
                if (time % (length >> c) == 0) {
                    String unit = "column%d_%d".formatted(c + 1, ++made[c]);
                    nodes.add(LayerNode.of(unit(unit, index)).from(read[c]));
                    ending.add(unit);
                    first = Math.min(first, c);
                }
            }
            String next = ending.get(0);
            if (ending.size() > 1) {
                next = "join" + time;
                Mean mean = new Mean(next, dropPath, global, columns);
                nodes.add(LayerNode.of(mean).from(ending.toArray(String[]::new)));
            }
            Arrays.fill(read, first, columns, next);
        }
        return new LayerGraph(block, Names.of("input"), nodes, Names.NONE);
    }

    private LayerSpec unit(String unit, int block) {
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(
                Conv2d.of(widths.get(block), 3)
                        .withBias(false)
                        .withInit(new InitSpec.XavierUniform())
                        .withName("conv"));
        if (!dropout.isEmpty() && dropout.get(block) > 0) {
            layers.add(new Dropout("dropout", dropout.get(block)));
        }
        layers.add(new Normalization("norm", NormSpec.BATCH));
        layers.add(new Activation("activation", ActivationSpec.RELU));
        return new Sequential(unit, layers);
    }
}
