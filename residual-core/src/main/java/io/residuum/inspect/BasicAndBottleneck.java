package io.residuum.inspect;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.model.Cost;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.Layer;
import io.residuum.residual.Residual;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.layers.Conv2d;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares the two kinds of unit (He et al. 2015, Figure 5) at the widths of a network's 3x3
 * convolutions, without norms and biases: two of them, and one between 1x1 convolutions.
 *
 * @param widths the widths with the size of the image there
 */
record BasicAndBottleneck(List<Width> widths) {

    /** The channels of a 3x3 convolution and the size of its output. */
    record Width(int channels, long height, long columns) {}

    /** A convolution of a unit. */
    private record Convolution(int kernel, int filters) {
        LayerSpec spec(int number) {
            return Conv2d.of(filters, kernel).with().name("conv" + number).bias(false).build();
        }

        @Override
        public String toString() {
            return "%dx%d, %d".formatted(kernel, kernel, filters);
        }
    }

    /** A unit of a certain outer width. */
    private record Kind(String name, int outer, List<Convolution> convolutions) {
        static Kind basic(int width) {
            Convolution convolution = new Convolution(3, width);
            return new Kind("basic", width, List.of(convolution, convolution));
        }

        static Kind bottleneck(int inner, int outer) {
            return new Kind(
                    "bottleneck",
                    outer,
                    List.of(
                            new Convolution(1, inner),
                            new Convolution(3, inner),
                            new Convolution(1, outer)));
        }

        Layer block(Width at) {
            List<LayerSpec> layers = new ArrayList<>();
            convolutions.forEach(c -> layers.add(c.spec(layers.size() + 1)));
            return Residual.of("", layers.toArray(LayerSpec[]::new))
                    .newBlock(new Shape(-1, outer, at.height, at.columns));
        }

        String layers() {
            return convolutions.stream()
                    .map(Convolution::toString)
                    .collect(Collectors.joining("; "));
        }
    }

    /** Returns the widths of the 3x3 convolutions in units whose channels stay. */
    static BasicAndBottleneck in(Collection<Layer> units) {
        Set<Width> found = new LinkedHashSet<>();
        for (Layer unit : units) {
            unit.walk(
                    (path, layer) -> {
                        Parameter weight = layer.ownParameters().get("weight");
                        if (layer instanceof ConvolutionBlock && weight != null) {
                            Shape kernel = weight.getShape();
                            Shape output = layer.outputShape();
                            long channels = kernel.get(0);
                            if (kernel.equals(new Shape(channels, channels, 3, 3))) {
                                found.add(new Width((int) channels, output.get(2), output.get(3)));
                            }
                        }
                    });
        }
        return new BasicAndBottleneck(List.copyOf(found));
    }

    boolean isEmpty() {
        return widths.isEmpty();
    }

    private static List<Kind> kinds(int width) {
        List<Kind> kinds = new ArrayList<>();
        kinds.add(Kind.basic(width));
        kinds.add(Kind.bottleneck(width, 4 * width));
        // 9 w w + 2 w (4.5 w) = 2 (9 w w)
        if (width % 2 == 0) {
            kinds.add(Kind.bottleneck(width, 9 * width / 2));
        }
        kinds.add(Kind.basic(4 * width));
        return kinds;
    }

    Table table() {
        List<List<Object>> rows = new ArrayList<>();
        for (Width width : widths) {
            List<Kind> kinds = kinds(width.channels);
            double basic = UnitCosts.weights(kinds.get(0).block(width));
            for (Kind kind : kinds) {
                Layer block = kind.block(width);
                long weights = UnitCosts.weights(block);
                rows.add(
                        List.of(
                                kind.name,
                                kind.layers(),
                                "%dx%dx%d".formatted(kind.outer, width.height, width.columns),
                                weights,
                                Cost.of(block).macs(),
                                weights / basic));
            }
        }
        return new Table(
                "basic-and-bottleneck",
                List.of("unit", "convolutions", "input", "weights", "MACs", "times basic"),
                List.copyOf(rows));
    }

    /** Draws the kinds at the first width. */
    Figure figure() {
        Width width = widths.get(0);
        UnitDrawing drawing = new UnitDrawing();
        for (Kind kind : kinds(width.channels)) {
            Layer block = kind.block(width);
            List<String> boxes = new ArrayList<>();
            List<Long> weights = new ArrayList<>();
            int channels = kind.outer;
            for (Convolution c : kind.convolutions) {
                boxes.add(c.toString());
                weights.add((long) channels * c.filters * c.kernel * c.kernel);
                channels = c.filters;
            }
            drawing.add(
                    new UnitDrawing.Column(
                            kind.name,
                            kind.outer + " channels",
                            boxes,
                            weights,
                            UnitCosts.weights(block),
                            Cost.of(block).macs()));
        }
        return new Figure("basic-and-bottleneck", drawing.draw(false), drawing.draw(true));
    }
}
