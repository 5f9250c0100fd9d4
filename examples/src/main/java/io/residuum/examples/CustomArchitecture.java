package io.residuum.examples;

import io.residuum.data.DataSource;
import io.residuum.data.DataSplits;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.model.Summary;
import io.residuum.nn.ResidualBlock.Tap;
import io.residuum.spec.ActivationSpec;
import io.residuum.spec.Conv2d;
import io.residuum.spec.DropPathSpec;
import io.residuum.spec.GlobalAveragePool;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Linear;
import io.residuum.spec.MergeSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NormSpec;
import io.residuum.spec.Repeat;
import io.residuum.spec.Residual;
import io.residuum.spec.ScaleSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.ShortcutSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.ImageInputs;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import java.nio.file.Path;
import java.util.List;

/**
 * An architecture without a name, in Java: a stage of concatenating units as in DenseNet, a strided
 * ResNet v2 unit, and a stage of ReZero units with drop-path. Prints its summary and its JSON, and
 * trains it on digits that the program writes.
 */
public final class CustomArchitecture {
    private static final ActivationSpec RELU = ActivationSpec.RELU;

    private CustomArchitecture() {}

    /**
     * The network, for gray 32x32 images and ten classes.
     *
     * @return the spec
     */
    public static ModelSpec spec() {
        LayerSpec grow =
                Residual.builder("", Conv2d.of(8, 3).withoutBias().named("conv"))
                        .before(NormSpec.BATCH, RELU)
                        .merge(new MergeSpec.Concat())
                        .build();
        LayerSpec shrink =
                Residual.builder("shrink", Conv2d.of(48, 3).stride(2).withoutBias().named("conv"))
                        .before(NormSpec.BATCH, RELU)
                        .shortcut(new ShortcutSpec.Projection(NormSpec.NONE, false), Tap.BEFORE)
                        .build();
        LayerSpec refine =
                Residual.builder("", Conv2d.of(48, 3).named("conv"))
                        .before(NormSpec.BATCH, RELU)
                        .scale(new ScaleSpec.Learned(0, false))
                        .dropPath(DropPathSpec.of(0.1))
                        .build();
        LayerSpec network =
                new Sequential(
                        "",
                        Conv2d.of(16, 3).stride(2).withoutBias().named("stem"),
                        new Repeat("dense", 4, grow, false),
                        shrink,
                        new Repeat("rezero", 3, refine, false),
                        new GlobalAveragePool("pool"),
                        new Linear("fc", 10));
        return new ModelSpec(
                "custom", new InputSpec.Image(List.of(1, 32, 32), List.of(), List.of()), network);
    }

    /**
     * Trains on digits.
     *
     * @param args optionally a {@code --data} source and the run folder
     */
    public static void main(String[] args) {
        String source = args.length > 0 ? args[0] : "digits:train=4000,test=1000";
        Path folder = Path.of(args.length > 1 ? args[1] : "runs/custom-architecture");
        ModelSpec spec = spec();
        System.out.println(Summary.of(spec));
        System.out.println(SpecJson.standard().write(spec));
        Recipe recipe = Recipe.builder().epochs(3).batch(64).learningRate(0.05).build();
        System.out.println(train(spec, source, recipe, folder));
    }

    static Trainer.Result train(ModelSpec spec, String source, Recipe recipe, Path folder) {
        DataSplits data = DataSource.parse(source).forTraining(ImageInputs.shape(spec));
        ModelSpec normalized = ImageInputs.normalizedBy(spec, data.measuredNormalization());
        try (Backend backend = Backend.open();
                Network network = Network.create(normalized, backend, recipe.seed())) {
            return new Trainer(network, recipe, data, folder, ProgressListener.NONE).start();
        }
    }
}
