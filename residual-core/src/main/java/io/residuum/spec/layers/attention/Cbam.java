package io.residuum.spec.layers.attention;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;

/**
 * Channel attention and then spatial attention, each from means and maxima (Woo et al. 2018,
 * arXiv:1807.06521, CBAM). Parameters are below {@code channel} ({@code reduce}, {@code expand})
 * and {@code spatial} ({@code conv}, {@code norm}).
 *
 * @param reduction the hidden width of the channel attention is channels / reduction. Default: 16
 * @param kernel the window of the spatial attention, odd. Default: 7
 * @param light true for one mean of means and maxima, instead of both (timm's light CBAM). Default:
 *     false
 */
@TypeName("cbam")
public record Cbam(
        @Default("\"\"") String name,
        @Default("16") int reduction,
        @Default("7") int kernel,
        @Default("false") boolean light)
        implements LayerSpec {
    public Cbam {
        Check.positive("reduction", reduction);
        Check.odd("kernel", kernel);
    }

    @Override
    public Layer newBlock(Shape input) {
        int channels = Math.toIntExact(Shapes.channels(input));
        int hidden = Shapes.divisible((double) channels / reduction, 1, 0);
        InitSpec init = new InitSpec.XavierUniform();
        Sequential channel =
                new Sequential(
                        "",
                        new Linear("reduce", hidden, false, init),
                        new Activation("activation", ActivationSpec.RELU),
                        new Linear("expand", channels, false, init));
        Sequential spatial =
                new Sequential(
                        "",
                        Conv2d.of(1, kernel).withName("conv").withBias(false),
                        new Normalization("norm", NormSpec.BATCH));
        Shape maps = new Shape(input.get(0), light ? 1 : 2, input.get(2), input.get(3));
        return new CbamBlock(
                input,
                channel.newBlock(new Shape(input.get(0), channels)),
                spatial.newBlock(maps),
                light);
    }
}
