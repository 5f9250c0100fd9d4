package io.residuum.examples;

import io.residuum.engine.Backend;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.data.LoadOptions;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageEvaluator;
import io.residuum.vision.train.ImageInputs;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Fine-tunes a pretrained network on few images: weights of another library, a new head, a frozen
 * stem and first stage, and layer-wise learning rate decay. For comparison it trains the same
 * network on the same images from random weights.
 */
public final class FineTuning {
    private static final int TRAIN_IMAGES = 100;
    private static final int TEST_IMAGES = 1000;
    private static final String PRETRAINING_DATA = "digits:train=4000,test=200";
    private static final String FINE_TUNING_DATA = "digits:train=100,test=1000,seed=2";

    private FineTuning() {}

    /**
     * The accuracies of the networks, in [0, 1].
     *
     * @param scratch trained from random weights
     * @param tuned fine-tuned
     * @param reloaded fine-tuned, saved and loaded again
     */
    record Accuracies(double scratch, double tuned, double reloaded) {}

    /**
     * Fine-tunes a published ResNet-20 for CIFAR-10. Without arguments it first trains one on
     * generated digits, then fine-tunes it to separate odd from even digits.
     *
     * @param args none, or weights for {@code cifar-resnet20} in any format, such as {@code
     *     resnet20-12fca82f.th}, and the data to learn, such as {@code mnist:DIR}
     * @throws IOException if no temporary folder can be created
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 0 && args.length != 2) {
            System.err.println("usage: FineTuning [WEIGHTS DATA], got " + List.of(args));
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("fine-tuning");
        try (Backend backend = Backend.open();
                Network network =
                        args.length == 0
                                ? pretrained(backend, DataSource.parse(PRETRAINING_DATA))
                                : published(backend, Path.of(args[0]))) {
            DataSplits data =
                    args.length == 0
                            ? odd(
                                    few(
                                            DataSource.parse(FINE_TUNING_DATA),
                                            TRAIN_IMAGES,
                                            TEST_IMAGES))
                            : few(DataSource.parse(args[1]), TRAIN_IMAGES, TEST_IMAGES);
            run(network, data, recipe(), folder, System.out);
        }
    }

    private static ModelSource model() {
        return ModelSource.of("cifar-resnet20");
    }

    /** {@return a network with weights that another library trained} */
    static Network published(Backend backend, Path weights) {
        return model().withWeights(weights).open(backend);
    }

    static Network pretrained(Backend backend, DataSource source) throws IOException {
        DataSplits data = source.forTraining(ImageInputs.shape(model().spec()));
        Recipe recipe = Recipe.builder().epochs(2).batch(32).learningRate(0.05).build();
        Path folder = Files.createTempDirectory("pretraining");
        try (Network network = model().open(backend)) {
            new Trainer(
                            network,
                            recipe,
                            new ImageClassification(data),
                            folder,
                            ProgressListener.NONE)
                    .start();
        }
        return Network.load(new RunFolder(folder).model(), backend);
    }

    /** {@return the first images of the data} */
    static DataSplits few(DataSource source, int train, int test) {
        DataSplits data =
                source.forTraining(ImageInputs.shape(model().spec()), LoadOptions.of(recipe()));
        return new DataSplits(
                data.source(),
                data.train().limit(train),
                data.validation(),
                data.test().map(set -> set.limit(test)),
                data.heldOut(),
                data.augmentation());
    }

    /** {@return a copy with two labels: even digits and odd ones} */
    static DataSplits odd(DataSplits digits) {
        return new DataSplits(
                digits.source(),
                new Odd(digits.train()),
                digits.validation().map(Odd::new),
                digits.test().map(Odd::new),
                digits.heldOut(),
                digits.augmentation());
    }

    private record Odd(ImageSet digits) implements ImageSet {
        @Override
        public int size() {
            return digits.size();
        }

        @Override
        public ImageShape shape() {
            return digits.shape();
        }

        @Override
        public List<String> classNames() {
            return List.of("even", "odd");
        }

        @Override
        public int label(int index) {
            return digits.label(index) % 2;
        }

        @Override
        public void read(int index, Image into) {
            digits.read(index, into);
        }
    }

    /**
     * {@return a recipe with enough updates to learn a hundred images, which are too few to hold
     * some out: the last epoch counts}
     */
    static Recipe recipe() {
        return Recipe.builder().epochs(20).batch(20).learningRate(0.1).validation(0).build();
    }

    /** Trains both networks on the data, then loads the fine-tuned one from its file. */
    static Accuracies run(
            Network network, DataSplits data, Recipe recipe, Path folder, PrintStream out) {
        out.println(data.description());
        int classes = data.train().classNames().size();
        Recipe fineTuning =
                recipe.with().freeze(List.of("stem.*", "stage1.*")).layerDecay(0.8).build();

        double scratch;
        Backend backend = network.backend();
        try (Network random = Network.create(model().spec().withClasses(classes), backend, 1)) {
            scratch = trained(random, recipe, data, folder.resolve("scratch"));
        }
        out.printf("from random weights: %.2f%%%n", 100 * scratch);

        network.resetHead(classes, 1);
        double tuned = trained(network, fineTuning, data, folder.resolve("tuned"));
        out.printf("fine-tuned: %.2f%%%n", 100 * tuned);

        Path file = new RunFolder(folder.resolve("tuned")).model();
        try (Network reloaded = Network.load(file, backend)) {
            double again = ImageEvaluator.evaluate(reloaded, data.evaluation(), 100).top1();
            out.printf("from %s: %.2f%%%n", file, 100 * again);
            return new Accuracies(scratch, tuned, again);
        }
    }

    private static double trained(Network network, Recipe recipe, DataSplits data, Path folder) {
        Trainer trainer =
                new Trainer(
                        network,
                        recipe,
                        new ImageClassification(data),
                        folder,
                        ProgressListener.NONE);
        trainer.start();
        network.loadWeights(new RunFolder(folder).model());
        return ImageEvaluator.evaluate(network, data.evaluation(), 100).top1();
    }
}
