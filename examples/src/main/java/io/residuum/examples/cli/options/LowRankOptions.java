package io.residuum.examples.cli.options;

import ai.djl.nn.Parameter;
import io.residuum.model.ModelSource;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of low-rank branches, which are trained instead of the weights. */
@HelpSection(HelpSection.FINE_TUNING)
public final class LowRankOptions {
    private static final int RANK = 8;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--lora",
            paramLabel = "PATTERN",
            description =
                    "LoRA: train low-rank branches on the linear layers and convolutions with this"
                            + " path, such as 'blocks.*.qkv' or '*', and freeze all else but a new"
                            + " head. Repeatable. Default: none")
    private @Nullable List<String> targets;

    @Option(names = "--lora-rank", paramLabel = "N", description = "Rank of LoRA. Default: " + RANK)
    private @Nullable Integer rank;

    @Option(
            names = "--lora-alpha",
            paramLabel = "X",
            description =
                    "Scale of LoRA times its rank (with --rslora, times its square root). Default:"
                            + " the rank")
    private @Nullable Double alpha;

    @Option(
            names = "--lora-dropout",
            paramLabel = "X",
            description = "Dropout before the branches of LoRA, in [0, 1). Default: 0")
    private @Nullable Double dropout;

    @Option(
            names = "--rslora",
            description = "Divide the scale by the square root of the rank. Default: by the rank")
    private boolean sqrtRank;

    @Option(
            names = "--dora",
            description = "DoRA: also learn the length of each row of the weights. Default: no")
    private boolean dora;

    /** {@return the branch; null if none was asked for} */
    private @Nullable LowRank adapter() {
        boolean others = rank != null || alpha != null || dropout != null || sqrtRank || dora;
        if (targets == null) {
            if (others) {
                throw Options.wrong(
                        command,
                        "--lora-rank, --lora-alpha, --lora-dropout, --rslora and --dora need --lora"
                                + " PATTERN");
            }
            return null;
        }
        int rows = rank == null ? RANK : rank;
        return new LowRank(
                dora ? "dora" : "lora",
                targets,
                rows,
                alpha == null ? rows : alpha,
                dropout == null ? 0 : dropout,
                sqrtRank ? LowRank.Scaling.SQRT_RANK : LowRank.Scaling.RANK,
                dora ? LowRank.Method.DORA : LowRank.Method.LORA);
    }

    /**
     * {@return a spec with the branch}
     *
     * @param model the model to train
     * @param spec the model's spec, adapted to the data
     * @param resumed true if a checkpoint has the weights
     */
    public ModelSpec on(ModelSource model, ModelSpec spec, boolean resumed) {
        LowRank adapter = adapter();
        // A run that is resumed by its folder has the branch already.
        if (adapter == null || spec.adapters().contains(adapter)) {
            return spec;
        }
        if (!resumed && model.weights().isEmpty()) {
            throw Options.wrong(
                    command,
                    "--lora needs a model with weights, but %s has none; give --weights FILE or a"
                            + " saved model",
                    model.label());
        }
        List<LowRank> all = new ArrayList<>(spec.adapters());
        all.add(adapter);
        return spec.withAdapters(all);
    }

    /**
     * {@return a recipe that trains only the branch and what the model's weights lack, such as a
     * new head}
     *
     * @param model the model to train
     * @param spec its spec with the branch
     */
    public Recipe on(Recipe recipe, ModelSource model, ModelSpec spec) {
        LowRank adapter = adapter();
        if (adapter == null || !recipe.trainOnly().isEmpty()) {
            return recipe;
        }
        List<String> trained = new ArrayList<>(List.of(adapter.parameters()));
        Map<String, Parameter> before = model.spec().newBlock().namedParameters();
        spec.withAdapters(model.spec().adapters())
                .newBlock()
                .namedParameters()
                .forEach(
                        (path, p) -> {
                            Parameter old = before.get(path);
                            boolean kept = old != null && old.getShape().equals(p.getShape());
                            if (!kept && p.requiresGradient()) {
                                trained.add(path);
                            }
                        });
        return recipe.with().trainOnly(trained).build();
    }

    /** {@return the options as typed, each with a space before it} */
    public String typed() {
        StringBuilder typed = new StringBuilder();
        if (targets != null) {
            targets.forEach(t -> typed.append(" --lora ").append(Options.quoted(t)));
        }
        append(typed, "--lora-rank", rank);
        append(typed, "--lora-alpha", alpha);
        append(typed, "--lora-dropout", dropout);
        return typed + (sqrtRank ? " --rslora" : "") + (dora ? " --dora" : "");
    }

    private static void append(StringBuilder typed, String name, @Nullable Object value) {
        if (value != null) {
            typed.append(' ').append(name).append(' ').append(value);
        }
    }
}
