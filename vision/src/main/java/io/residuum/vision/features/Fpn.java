package io.residuum.vision.features;

import io.residuum.engine.Interpolation;
import io.residuum.nn.Init;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.ResizeTo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A feature pyramid network (Lin et al. 2017, arXiv:1612.03144, Section 3): a 1x1 convolution of
 * each feature, to which the coarser levels are added, and a 3x3 convolution of each sum. Features
 * and levels go from fine to coarse.
 *
 * @param inputs the number of features that it reads. Default: 3
 * @param channels the channels of all levels. Default: 256
 * @param extra the coarser levels that follow. Default: p6p7
 * @param norm the norm after each convolution, which then has no bias. Default: none
 */
@WithBuilder
@TypeName("fpn")
public record Fpn(
        @Default("\"\"") String name,
        @Default("3") int inputs,
        @Default("256") int channels,
        @Default("\"p6p7\"") Extra extra,
        @Default("\"none\"") NormSpec norm)
        implements Family, FpnBuilder.With {

    /** The levels after the coarsest feature. */
    public enum Extra {
        /** None. */
        NONE(0),
        /** One, every second position of the last level (Lin et al. 2017, Section 4.1). */
        POOL(1),
        /**
         * Two, convolutions with stride 2 of the last level (Lin et al. 2017, arXiv:1708.02002,
         * with P5).
         */
        P6P7(2),
        /** Two, convolutions with stride 2 of the last feature (the same, with C5). */
        P6P7_OF_C5(2);

        private final int levels;

        Extra(int levels) {
            this.levels = levels;
        }
    }

    public Fpn {
        Check.positive("inputs", inputs);
        Check.positive("channels", channels);
    }

    /** {@return the number of outputs} */
    public int levels() {
        return inputs + extra.levels;
    }

    /** {@return the names of the outputs, {@code level0} for the finest} */
    public List<String> outputs() {
        return IntStream.range(0, levels()).mapToObj(i -> "level" + i).toList();
    }

    @Override
    public LayerSpec expand() {
        List<String> features = IntStream.range(0, inputs).mapToObj(i -> "feature" + i).toList();
        List<LayerNode> nodes = new ArrayList<>();
        String coarser = "";
        for (int i = inputs - 1; i >= 0; i--) {
            String sum = "lateral" + i;
            nodes.add(LayerNode.of(convolution(sum, 1)).from(features.get(i)));
            if (!coarser.isEmpty()) {
                nodes.add(
                        LayerNode.of(new ResizeTo("up" + i, Interpolation.Mode.NEAREST, false))
                                .from(coarser, sum));
                nodes.add(LayerNode.of(new Add("sum" + i)).from(sum, "up" + i));
                sum = "sum" + i;
            }
            nodes.add(LayerNode.of(convolution("output" + i, 3)).from(sum).to("level" + i));
            coarser = sum;
        }
        String last = "level" + (inputs - 1);
        switch (extra) {
            case NONE -> {}
            case POOL ->
                    nodes.add(
                            LayerNode.of(
                                            new MaxPool2d(
                                                    "pool",
                                                    Size2d.of(1),
                                                    Size2d.of(2),
                                                    Size2d.of(0)))
                                    .from(last)
                                    .to("level" + inputs));
            case P6P7, P6P7_OF_C5 -> {
                String read = extra == Extra.P6P7 ? last : features.get(inputs - 1);
                String p6 = "level" + inputs;
                nodes.add(LayerNode.of(strided("p6")).from(read).to(p6));
                nodes.add(LayerNode.of(new Activation("activation", ActivationSpec.RELU)).from(p6));
                nodes.add(
                        LayerNode.of(strided("p7")).from("activation").to("level" + (inputs + 1)));
            }
        }
        return new LayerGraph(name, new Names(features), nodes, new Names(outputs()));
    }

    private LayerSpec convolution(String part, int kernel) {
        boolean normed = !(norm instanceof NormSpec.None);
        Conv2d conv =
                Conv2d.of(channels, kernel)
                        .withName("conv")
                        .withBias(!normed)
                        .withInit(new InitSpec.HeUniform(Init.Fan.IN));
        return normed
                ? new Sequential(part, conv, new Normalization("norm", norm))
                : new Sequential(part, conv);
    }

    private Conv2d strided(String part) {
        return Conv2d.of(channels, 3).withName(part).withStride(2);
    }
}
