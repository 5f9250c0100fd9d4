package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.model.ModelSource;
import io.residuum.optim.OptimizerSpec;
import io.residuum.train.Recipe;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextSettings;
import java.util.OptionalInt;

/** Settings of networks that read text. */
public final class TextSetup {
    private TextSetup() {}

    /** Returns a recipe for fine-tuning an encoder, as in Devlin et al. 2019, Section A.3. */
    static Recipe fineTuning(double learningRate) {
        return Recipe.builder()
                .epochs(3)
                .batch(32)
                .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0.01))
                .learningRate(learningRate)
                .warmupEpochs(0.3)
                .clipNorm(1.0)
                .build();
    }

    /** {@return the tokenizer of a network that is not trained, which needs one} */
    public static Tokenizer required(ModelSource model, TokenizerOption option) {
        return new TextSettings(option.path(), OptionalInt.empty()).require(model);
    }
}
