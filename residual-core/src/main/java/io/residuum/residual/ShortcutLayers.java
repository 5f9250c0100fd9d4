package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.AveragePool1d;
import io.residuum.spec.layers.spatial.AveragePool3d;
import io.residuum.spec.layers.spatial.Conv1d;
import io.residuum.spec.layers.spatial.Conv3d;
import io.residuum.spec.layers.spatial.Size3d;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Builds the layers of shortcuts, whose width and stride follow from the branch's output. */
final class ShortcutLayers {
    private ShortcutLayers() {}

    static Shape stride(Shape input, Shape output) {
        Shapes.requireChannelsFirst("this shortcut", input);
        int first = Shapes.positionAxis(input);
        return new Shape(
                IntStream.range(first, first + Math.max(0, input.dimension() - 2))
                        .mapToLong(axis -> Shapes.stride(input.get(axis), output.get(axis)))
                        .toArray());
    }

    static LayerSpec pointwise(
            String name, Shape input, Shape output, boolean bias, InitSpec init) {
        if (Shapes.isChannelsLast(input)) {
            return linear(name, output, bias, init);
        }
        Shape stride = stride(input, output);
        int filters = Math.toIntExact(Shapes.channels(output));
        if (input.dimension() == 5) {
            return new Conv3d(
                    name,
                    filters,
                    Size3d.of(1),
                    volume(stride),
                    Size3d.of(0),
                    Size3d.of(1),
                    1,
                    bias,
                    init);
        }
        if (input.dimension() == 3 && stride.size() > 1) {
            int step = (int) stride.get(0);
            return new Conv1d(name, filters, 1, step, 0, 1, 1, bias, init);
        }
        return input.dimension() == 4
                ? pixelwise(name, input, output, bias).withInit(init)
                : linear(name, output, bias, init);
    }

    /**
     * Builds layers after an average pool from the input's to the output's positions, if needed.
     */
    static Layer pooled(Shape input, Shape output, LayerSpec... layers) {
        Shape stride = stride(input, output);
        List<LayerSpec> all = new ArrayList<>(List.of(layers));
        if (stride.size() > 1) {
            all.add(0, pool(stride));
        }
        return new Sequential("", all).newBlock(input);
    }

    /** Returns an average pool whose last window may reach over the edge. */
    private static LayerSpec pool(Shape stride) {
        if (stride.dimension() == 1) {
            int window = (int) stride.get(0);
            return new AveragePool1d("pool", window, window, 0, true, false);
        }
        if (stride.dimension() == 2) {
            Size2d window = new Size2d((int) stride.get(0), (int) stride.get(1));
            return new AveragePool2d("pool", window, window, Size2d.of(0), true, false);
        }
        return new AveragePool3d("pool", volume(stride), volume(stride), Size3d.of(0), true, false);
    }

    private static Size3d volume(Shape sizes) {
        return new Size3d((int) sizes.get(0), (int) sizes.get(1), (int) sizes.get(2));
    }

    static Linear linear(String name, Shape output, boolean bias, InitSpec init) {
        return new Linear(name, Math.toIntExact(Shapes.channels(output)), bias, init);
    }

    static Conv2d pixelwise(String name, Shape input, Shape output, boolean bias) {
        Shape stride = stride(input, output);
        return Conv2d.of(Math.toIntExact(Shapes.channels(output)), 1)
                .with()
                .name(name)
                .stride(new Size2d((int) stride.get(0), (int) stride.get(1)))
                .bias(bias)
                .build();
    }
}
