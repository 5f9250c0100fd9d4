package io.residuum.transformer.mixer;

import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Names;
import io.residuum.spec.graph.Split;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.Permute;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.layers.PatchEmbedding;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of patches without attention, {@code (N, C, H, W) -> (N, classes)}: MLP-Mixer
 * (Tolstikhin et al. 2021, arXiv:2105.01601), ResMLP (Touvron et al. 2021, arXiv:2105.03404) and
 * gMLP (Liu et al. 2021, arXiv:2105.08050). Maps over the positions fix the size of the image. Its
 * layers are named {@code embedding}, {@code blocks}, {@code norm} and {@code head}. A block has
 * the units {@code tokens} and {@code channels}, or {@code mlp} with a spatial gate.
 *
 * @param patch size of a patch. Default: 16
 * @param width number of channels
 * @param depth number of blocks
 * @param mixing mixing of positions. Default: mlp
 * @param mlpRatio hidden width of the network over the channels divided by width; with a spatial
 *     gate that of the gated halves together. Default: 4
 * @param activation activation of the networks. Default: gelu
 * @param gated true if the networks have gates, as in SwiGLU. Default: false
 * @param norm norm before each branch and after the blocks. Default: layer, eps 1e-6
 * @param gateNorm norm in a spatial gate. Default: layer
 * @param scale factor of the branches, such as LayerScale. Default: none
 * @param stochasticDepth drop path of the blocks. Default: none
 * @param dropout dropout of the networks. Default: 0
 * @param classes number of classes, 0 for no head
 */
@WithBuilder
@TypeName("mlpMixer")
public record MlpMixer(
        @Default("\"\"") String name,
        @Default("16") Size2d patch,
        int width,
        int depth,
        @Default("\"mlp\"") TokenMixing mixing,
        @Default("4.0") double mlpRatio,
        @Default("\"gelu\"") ActivationSpec activation,
        @Default("false") boolean gated,
        @Default("{\"type\": \"layer\", \"eps\": 1e-6}") NormSpec norm,
        @Default("\"layer\"") NormSpec gateNorm,
        @Default("\"none\"") ScaleSpec scale,
        @Default("0.0") StochasticDepth stochasticDepth,
        @Default("0.0") double dropout,
        int classes)
        implements Family, MlpMixerBuilder.With {

    private static final InitSpec INIT = new InitSpec.XavierUniform();

    /** Weights near 0 and biases of 1: a gate begins as the identity (Section 2.1 of gMLP). */
    private static final InitSpec GATE = new InitSpec.Normal(1e-6);

    private static final Permute TURN = new Permute("", List.of(2, 1));

    public MlpMixer {
        Check.positive("width", width);
        Check.depth("depth", depth);
        Check.positive("mlpRatio", mlpRatio);
        Check.rate("dropout", dropout);
        Check.notNegative("classes", classes);
        Check.that(
                !(mixing instanceof TokenMixing.Gate && gated),
                "gated must be false with mixing gate, whose networks have a spatial gate, got"
                        + " true");
    }

    /** {@return a mixer for 1000 classes, other components at their defaults} */
    static MlpMixer of(int patch, int width, int depth) {
        return Defaults.fill(MlpMixerBuilder.builder())
                .patch(Size2d.of(patch))
                .width(width)
                .depth(depth)
                .classes(1000)
                .build();
    }

    @Override
    public MlpMixer withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec deepened(String part, int added) {
        return withDepth(TransformerBlocks.deeper(part, depth, added));
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> blocks = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            blocks.add(stochasticDepth.block(Integer.toString(i), i, depth, units(i)));
        }
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(
                PatchEmbedding.builder(patch, width)
                        .positions(false)
                        .init(new InitSpec.LecunNormal())
                        .build());
        layers.add(new Sequential("blocks", blocks));
        layers.add(new Normalization("norm", norm));
        layers.add(new GlobalAveragePool("pool"));
        if (classes > 0) {
            layers.add(new Linear("head", classes, true, INIT));
        }
        return new Sequential(name, layers);
    }

    private List<LayerSpec> units(int block) {
        if (mixing instanceof TokenMixing.Gate) {
            return List.of(unit("mlp", spatiallyGated(), block));
        }
        LayerSpec tokens =
                mixing instanceof TokenMixing.Mlp mlp
                        ? new Sequential("", TURN, network(mlp.ratio()), TURN)
                        : new SpatialProjection("", INIT, 0);
        return List.of(unit("tokens", tokens, block), unit("channels", network(mlpRatio), block));
    }

    private LayerSpec unit(String unit, LayerSpec branch, int block) {
        return Residual.builder(unit, branch)
                .before(NormActivation.of(norm))
                .scale(scale)
                .dropPath(stochasticDepth.at(block, depth))
                .build();
    }

    /** {@return a network whose hidden width depends on the channels, also over the positions} */
    private FeedForward network(double ratio) {
        return FeedForward.plain(1, activation, dropout, INIT)
                .with()
                .width(hidden(ratio))
                .gated(gated)
                .innerDropout(dropout)
                .build();
    }

    private int hidden(double ratio) {
        return Math.max(1, (int) (ratio * width));
    }

    private LayerSpec spatiallyGated() {
        LayerGraph gate =
                new LayerGraph(
                        "gate",
                        Names.of("input"),
                        List.of(
                                LayerNode.of(new Split("halves", Split.Parts.equal(2), null))
                                        .to("kept", "turned"),
                                LayerNode.of(new Normalization("norm", gateNorm)).from("turned"),
                                LayerNode.of(new SpatialProjection("projection", GATE, 1)),
                                LayerNode.of(new Multiply("product")).from("kept", "projection")),
                        Names.NONE);
        return new Sequential(
                "",
                new Linear("up", hidden(mlpRatio), true, INIT),
                new Activation("activation", activation),
                new Dropout("innerDropout", dropout),
                gate,
                new Linear("down", width, true, INIT),
                new Dropout("dropout", dropout));
    }
}
