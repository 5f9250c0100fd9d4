package io.residuum.spec.layers.attention;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
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
 * Global context attention (Cao et al. 2019, arXiv:1904.11492, GCNet): a weighted mean of all
 * positions goes through two linear maps and changes each channel. Parameters are below {@code
 * attention}, the weights of the positions, and {@code scale} or {@code add}, the maps.
 *
 * @param name its name. Default: empty
 * @param reduction the hidden width of the maps is channels / reduction. Default: 8
 * @param add true to add the result to the input, false to scale the input by its sigmoid. Default:
 *     false
 * @param activation the activation between the maps. Default: relu
 */
@TypeName("globalContext")
@Doc("Global context attention: Cao et al. 2019, GCNet.")
public record GlobalContext(
        @Default("\"\"") String name,
        @Default("8") int reduction,
        @Default("false") boolean add,
        @Default("\"relu\"") ActivationSpec activation)
        implements LayerSpec {
    private static final NormSpec NORM = new NormSpec.OfLayer(1e-6, 1);

    public GlobalContext {
        Check.positive("reduction", reduction);
    }

    /**
     * Creates a layer with a ReLU between the maps.
     *
     * @param name its name; may be empty
     * @param reduction the channels divided by the hidden width of the maps
     * @param add true to add the result to the input, false to scale the input by its sigmoid
     */
    public GlobalContext(String name, int reduction, boolean add) {
        this(name, reduction, add, ActivationSpec.RELU);
    }

    @Override
    public Layer newBlock(Shape input) {
        int channels = Math.toIntExact(Shapes.channels(input));
        InitSpec last = add ? new InitSpec.Constant(0) : new InitSpec.XavierUniform();
        Sequential map =
                new Sequential(
                        "",
                        new Linear("fc1", Shapes.divisible((double) channels / reduction, 1, 0)),
                        new Normalization("norm", NORM),
                        new Activation("activation", activation),
                        new Linear("fc2", channels, true, last));
        return new GlobalContextBlock(
                input,
                Conv2d.of(1, 1).newBlock(input),
                map.newBlock(new Shape(input.get(0), channels)),
                add);
    }
}
