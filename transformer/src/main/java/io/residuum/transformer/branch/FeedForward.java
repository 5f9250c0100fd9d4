package io.residuum.transformer.branch;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;

/**
 * The position-wise feed-forward network, {@code (N, T, C) -> (N, T, C)}: {@code down(a(up(x)))}
 * (Vaswani et al. 2017, arXiv:1706.03762, Section 3.3). With a gate it is {@code down(a(gate(x))
 * up(x))} (Shazeer 2020, arXiv:2002.05202): SwiGLU with SiLU, GEGLU with GELU.
 *
 * @param width hidden width; 0 for ratio times C. Default: 0
 * @param ratio hidden width divided by C, used if width is 0. Default: 4
 * @param activation activation a of the hidden layer, or of the gate if there is one. Default: gelu
 * @param gated true if there is a gate. Default: false
 * @param limit bound of the gate from above and of {@code up(x)} on both sides, before the
 *     activation (OpenAI 2025, arXiv:2508.10925); 0 for none. Default: 0
 * @param upShift number added to {@code up(x)} before the product with the gate, 1 in gpt-oss.
 *     Default: 0
 * @param innerNorm norm of the hidden layer, after the gate (EVA-02, Fang et al. 2023,
 *     arXiv:2303.11331, Section 2.1). Default: none
 * @param bias true if the linear maps have biases. Default: true
 * @param outputBias true if {@code down} has a bias even if the others have none. Default: false
 * @param innerDropout dropout of the hidden layer. Default: 0
 * @param dropout dropout of the output. Default: 0
 * @param init initial weights. Default: Glorot and Bengio 2010, uniform
 * @param gain factor of all initial weights. Default: 1
 * @param outputGain additional factor of the initial weights of {@code down}. Default: 1
 * @param experts several such networks, of which a router chooses some for each token. Default: one
 *     network for all tokens
 */
@WithBuilder
@TypeName("feedForward")
public record FeedForward(
        @Default("\"\"") String name,
        @Default("0") int width,
        @Default("4.0") double ratio,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("false") boolean gated,
        @Default("0.0") double limit,
        @Default("0.0") double upShift,
        @Default("\"none\"") NormSpec innerNorm,
        @Default("true") boolean bias,
        @Default("false") boolean outputBias,
        @Default("0.0") double innerDropout,
        @Default("0.0") double dropout,
        @Default("\"xavierUniform\"") InitSpec init,
        @Default("1.0") double gain,
        @Default("1.0") double outputGain,
        @Default("{}") Experts experts)
        implements LayerSpec, FeedForwardBuilder.With {
    public FeedForward {
        Check.notNegative("width", width);
        Check.positive("ratio", ratio);
        Check.that(
                limit == 0 || (gated && limit > 0 && Double.isFinite(limit)),
                "limit must be 0 without a gate, else 0 or more, got %s",
                limit);
        Check.that(
                upShift == 0 || (gated && Double.isFinite(upShift)),
                "upShift must be 0 without a gate, got %s",
                upShift);
        Check.rate("innerDropout", innerDropout);
        Check.rate("dropout", dropout);
        Check.finite("gain", gain);
        Check.finite("outputGain", outputGain);
    }

    /**
     * A mixture of experts: a router chooses some networks for each token (Shazeer et al. 2017,
     * arXiv:1701.06538; Jiang et al. 2024, arXiv:2401.04088, Section 2.1). The output is the sum of
     * the chosen experts' outputs, weighted by their scores. Parameters: {@code router.weight
     * (count, C)}, {@code router.bias (count)} and {@code correction (count)} as {@link Router}
     * says, and those of each expert below {@code experts.0}, {@code experts.1} and so on.
     *
     * @param count number of experts; 0 for one network without a router. Default: 0
     * @param perToken number of experts that compute a token, those with the largest scores.
     *     Default: 2
     * @param normalized true if the weights of the chosen experts are divided by their sum.
     *     Default: true
     * @param shared hidden width of a further network below {@code shared}, which computes every
     *     token; 0 for none. Default: 0
     * @param sharedGate true if the output of {@code shared} is multiplied by {@code
     *     sigmoid(sharedGate(x))}, as in Qwen2-MoE. Default: false
     * @param router scores of the experts. Default: a softmax over the logits
     */
    @WithBuilder
    public record Experts(
            @Default("0") int count,
            @Default("2") int perToken,
            @Default("true") boolean normalized,
            @Default("0") int shared,
            @Default("false") boolean sharedGate,
            @Default("{}") Router router)
            implements FeedForwardExpertsBuilder.With {
        /** No experts: one network. */
        static final Experts NONE = new Experts(0, 2, true, 0, false, Router.SOFTMAX);

        public Experts {
            Check.notNegative("count", count);
            Check.positive("perToken", perToken);
            Check.notNegative("shared", shared);
            Check.that(
                    count == 0 || perToken <= count,
                    "perToken must be at most the count of experts, %s, got %s",
                    count,
                    perToken);
            Check.that(
                    count > 0 || shared == 0,
                    "shared must be 0 without experts, got %s; set count",
                    shared);
            Check.that(
                    shared > 0 || !sharedGate,
                    "sharedGate must be false without a shared network, got true; set shared");
            Check.that(
                    count > 0 || router.equals(Router.SOFTMAX),
                    "router must have its defaults without experts, got %s; set count",
                    router);
            Check.that(
                    count % router.groups() == 0,
                    "router.groups must divide the count of experts, %s, got %s",
                    count,
                    router.groups());
            Check.that(
                    count == 0 || count / router.groups() * router.chosenGroups() >= perToken,
                    "router.chosenGroups must hold perToken = %s experts, got %s groups of %s",
                    perToken,
                    router.chosenGroups(),
                    count / router.groups());
        }
    }

    /** The function from the logits of the router to the scores of the experts. */
    public enum Score {
        /** A softmax over all experts. */
        SOFTMAX,
        /** A sigmoid of each logit (DeepSeek-AI 2024, arXiv:2412.19437, Section 2.1.2). */
        SIGMOID
    }

    /**
     * The scores of experts.
     *
     * @param score function from logits to scores. Default: softmax
     * @param bias true if the map to logits has a bias. Default: false
     * @param correction true if stored numbers are added to the scores for the choice only, which
     *     balance the experts (Wang et al. 2024, arXiv:2408.15664). Training leaves them unchanged.
     *     Default: false
     * @param groups number of groups of neighbouring experts. Default: 1
     * @param chosenGroups number of groups that a token may choose from, those with the largest sum
     *     of their two best scores (DeepSeek-AI 2024, arXiv:2412.19437). Default: 1
     * @param scale factor of the weights of the chosen experts. Default: 1
     */
    @WithBuilder
    public record Router(
            @Default("\"softmax\"") Score score,
            @Default("false") boolean bias,
            @Default("false") boolean correction,
            @Default("1") int groups,
            @Default("1") int chosenGroups,
            @Default("1.0") double scale)
            implements FeedForwardRouterBuilder.With {
        /** A softmax over the logits. */
        public static final Router SOFTMAX = new Router(Score.SOFTMAX, false, false, 1, 1, 1);

        public Router {
            Check.positive("groups", groups);
            Check.that(
                    chosenGroups > 0 && chosenGroups <= groups,
                    "chosenGroups must be in [1, groups], got %s of %s groups",
                    chosenGroups,
                    groups);
            Check.positive("scale", scale);
        }
    }

    /** {@return one expert: this network alone, without dropout of its output} */
    FeedForward expert() {
        return with().name("").dropout(0).experts(Experts.NONE).build();
    }

    /**
     * {@return a new network named {@code mlp}, with biases and without a gate}
     *
     * @param ratio the hidden width divided by C
     * @param activation the activation of the hidden layer
     * @param dropout the dropout of the output
     * @param init the initial weights
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
     * {@return a new gated network named {@code mlp}, without biases or dropout}
     *
     * @param width the hidden width
     * @param activation the activation of the gate
     * @param init the initial weights
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
     * {@return this network with its initial weights multiplied}
     *
     * @param ofAll the factor of all weights, beta of DeepNorm
     * @param ofOutput the additional factor of {@code down}
     */
    public FeedForward withGain(double ofAll, double ofOutput) {
        return with().gain(gain * ofAll).outputGain(outputGain * ofOutput).build();
    }

    @Override
    public LayerSpec widened(int hidden) {
        return withWidth(hidden);
    }

    @Override
    public Layer newBlock(Shape input) {
        return experts.count() == 0
                ? new FeedForwardBlock(input, this)
                : new MixtureBlock(input, this);
    }
}
