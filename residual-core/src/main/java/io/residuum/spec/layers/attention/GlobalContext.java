package io.residuum.spec.layers.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
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
 * Global context attention (Cao et al. 2019, arXiv:1904.11492, GCNet): a weighted mean of all
 * positions goes through two linear maps and changes each channel. Parameters are below {@code
 * attention}, the weights of the positions, and {@code scale} or {@code add}, the maps.
 *
 * @param reduction the hidden width of the maps is channels / reduction. Default: 8
 * @param add true to add the result to the input, false to scale the input by its sigmoid. Default:
 *     false
 * @param activation the activation between the maps. Default: relu
 */
@TypeName("globalContext")
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

    /**
     * Global context attention (Cao et al. 2019, arXiv:1904.11492, Section 3.3): a mean of all
     * positions, weighted by a softmax over them, goes through a map and scales or shifts the
     * channels. Keeps the shape.
     */
    private static final class GlobalContextBlock extends Layer {
        private static final int[] POSITIONS = {2, 3};

        private final boolean add;
        private final Layer attention;
        private final Layer map;

        GlobalContextBlock(Shape input, Layer attention, Layer map, boolean add) {
            super(input);
            requireRank("global context attention", input, 4);
            this.add = add;
            this.attention = child("attention", attention);
            this.map = child(add ? "add" : "scale", map);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Shape s = x.getShape();
            NDArray scores = attention.forward(pass, x).reshape(-1, s.get(2) * s.get(3));
            NDArray weights = scores.softmax(1).reshape(-1, 1, s.get(2), s.get(3));
            NDArray context = x.mul(weights).sum(POSITIONS);
            NDArray change = map.forward(pass, context).reshape(-1, s.get(1), 1, 1);
            return add ? pass.ops().add(x, change) : x.mul(change.getNDArrayInternal().sigmoid());
        }

        @Override
        public long activations(Shape in) {
            return Shapes.product(2, Shapes.size(in));
        }

        @Override
        public String describe() {
            return "GlobalContext(" + (add ? "add" : "scale") + ")";
        }
    }
}
