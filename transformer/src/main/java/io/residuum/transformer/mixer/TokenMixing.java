package io.residuum.transformer.mixer;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/** The mixing of positions in a block of {@link MlpMixer}. */
public sealed interface TokenMixing permits TokenMixing.Mlp, TokenMixing.Linear, TokenMixing.Gate {

    /**
     * A feed-forward network over the positions (MLP-Mixer, Tolstikhin et al. 2021,
     * arXiv:2105.01601, Section 2).
     *
     * @param ratio hidden width divided by the number of channels. Default: 0.5
     */
    @TypeName("mlp")
    record Mlp(@Default("0.5") double ratio) implements TokenMixing {
        public Mlp {
            Check.positive("ratio", ratio);
        }
    }

    /** A linear map over the positions (ResMLP, Touvron et al. 2021, arXiv:2105.03404). */
    @TypeName("linear")
    record Linear() implements TokenMixing {}

    /**
     * A spatial gating unit within the only feed-forward network of a block: half of its hidden
     * channels are multiplied by a linear map over the positions of the other half (gMLP, Liu et
     * al. 2021, arXiv:2105.08050, Section 2.1).
     */
    @TypeName("gate")
    record Gate() implements TokenMixing {}
}
