package io.residuum.transformer.branch;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;

/**
 * The position-wise feed-forward network, {@code (N, T, C) -> (N, T, C)}: {@code down(a(up(x)))}
 * (Vaswani et al. 2017, arXiv:1706.03762, Section 3.3), or gated, {@code down(a(gate(x)) up(x))}
 * (Shazeer 2020, arXiv:2002.05202): SwiGLU with SiLU, GEGLU with GELU.
 *
 * @param name its name. Default: empty
 * @param width the width in between; 0 for ratio times C. Default: 0
 * @param ratio the width in between by C, where no width is given. Default: 4
 * @param activation a, what happens in between or, where there is a gate, to it. Default: gelu
 * @param gated whether there is a gate. Default: false
 * @param bias whether the maps have biases. Default: true
 * @param innerDropout dropout in between. Default: 0
 * @param dropout dropout of the output. Default: 0
 * @param init the first weights. Default: Glorot and Bengio 2010, uniform
 * @param gain factor of all first weights. Default: 1
 * @param outputGain factor of the first weights of {@code down} besides. Default: 1
 */
@WithBuilder
@TypeName("feedForward")
@Doc("The position-wise feed-forward network of a transformer, gated or not.")
public record FeedForward(
        @Default("\"\"") String name,
        @Default("0") int width,
        @Default("4.0") double ratio,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("false") boolean gated,
        @Default("true") boolean bias,
        @Default("0.0") double innerDropout,
        @Default("0.0") double dropout,
        @Default("\"xavierUniform\"") InitSpec init,
        @Default("1.0") double gain,
        @Default("1.0") double outputGain)
        implements LayerSpec, FeedForwardBuilder.With {
    public FeedForward {
        Check.notNegative("width", width);
        Check.that(ratio > 0 && Double.isFinite(ratio), "ratio must be positive, got %s", ratio);
        Check.rate("innerDropout", innerDropout);
        Check.rate("dropout", dropout);
        Check.finite("gain", gain);
        Check.finite("outputGain", outputGain);
    }

    /**
     * Creates a plain network named {@code mlp}.
     *
     * @param ratio the width in between by C
     * @param activation what happens there
     * @param dropout of the output
     * @param init the first weights
     * @return the network, with biases
     */
    public static FeedForward plain(
            double ratio, ActivationSpec activation, double dropout, InitSpec init) {
        return Defaults.fill(FeedForwardBuilder.builder())
                .name("mlp")
                .ratio(ratio)
                .activation(activation)
                .dropout(dropout)
                .init(init)
                .build();
    }

    /**
     * Creates a gated network named {@code mlp}, without biases or dropout.
     *
     * @param width the width in between
     * @param activation of the gate
     * @param init the first weights
     * @return the network
     */
    public static FeedForward gated(int width, ActivationSpec activation, InitSpec init) {
        return Defaults.fill(FeedForwardBuilder.builder())
                .name("mlp")
                .width(width)
                .activation(activation)
                .gated(true)
                .bias(false)
                .init(init)
                .build();
    }

    /**
     * Returns this network with first weights multiplied.
     *
     * @param ofAll factor of all, DeepNorm's beta
     * @param ofOutput factor of {@code down} besides
     * @return a new network
     */
    public FeedForward withGain(double ofAll, double ofOutput) {
        return with().gain(gain * ofAll).outputGain(outputGain * ofOutput).build();
    }

    @Override
    public Layer newBlock(Shape input) {
        return new FeedForwardBlock(input, this);
    }
}
