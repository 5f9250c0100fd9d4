package io.residuum.examples;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.resnet.ResNetPresets;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageEvaluator;
import io.residuum.vision.train.ImageInputs;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportPlan;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Teaches a network that has learned one task another one, from few images: weights of a foreign
 * file, a new head, frozen stem and first stage, learning rates that fall with the distance from
 * the head. Beside it the same network learns the same images from random weights.
 */
public final class FineTuning {
    private static final int FEW = 100;
    private static final int UNSEEN = 1000;
    private static final String PAST = "digits:train=4000,test=200";
    private static final String PRESENT = "digits:train=100,test=1000,seed=2";

    private FineTuning() {}

    /**
     * How well two networks did.
     *
     * @param scratch the accuracy of the one that began with random weights
     * @param tuned the accuracy of the one that was fine-tuned
     * @param reloaded the accuracy of the latter, read from its file
     */
    record Accuracies(double scratch, double tuned, double reloaded) {}

    /**
     * Fine-tunes the published ResNet-20 for CIFAR-10, or without arguments one that learns to read
     * the program's own digits first, and is then to say which are odd.
     *
     * @param args none, or weights for {@code cifar-resnet20} in any format, such as {@code
     *     resnet20-12fca82f.th}, and the data to learn, such as {@code mnist:DIR}
     * @throws IOException if there is no place for temporary files
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
                                ? pretrained(backend, DataSource.parse(PAST))
                                : published(backend, Path.of(args[0]))) {
            DataSplits data =
                    args.length == 0
                            ? odd(few(DataSource.parse(PRESENT), FEW, UNSEEN))
                            : few(DataSource.parse(args[1]), FEW, UNSEEN);
            run(network, data, recipe(), folder, System.out);
        }
    }

    private static ModelSpec spec() {
        return new ResNetPresets()
                .presets().stream()
                        .filter(p -> p.name().equals("cifar-resnet20"))
                        .map(Preset::spec)
                        .findFirst()
                        .orElseThrow();
    }

    /** A network with weights that somebody else has trained and named. */
    static Network published(Backend backend, Path weights) {
        Network network = Network.create(spec(), backend, 0);
        try (StateDict file = StateDict.open(weights, StateDict.Variant.PLAIN)) {
            ImportPlan plan = Dialects.standard().plan(network.block(), file);
            plan.require(path -> false, name -> false);
            network.loadValues(plan.values());
            return network;
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** A network that has learned something by itself. */
    static Network pretrained(Backend backend, DataSource source) throws IOException {
        DataSplits data = source.forTraining(ImageInputs.shape(spec()));
        Recipe recipe = Recipe.builder().epochs(2).batch(32).learningRate(0.05).build();
        Path folder = Files.createTempDirectory("pretraining");
        try (Network network = Network.create(spec(), backend, 0)) {
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

    /** The first images of the data, for a start. */
    static DataSplits few(DataSource source, int train, int test) {
        DataSplits data = source.forTraining(ImageInputs.shape(spec()));
        return new DataSplits(
                "%d images of %s".formatted(train, data.description()),
                data.train().limit(train),
                data.evaluation().limit(test),
                data.augmentation());
    }

    /** The same images, asked for whether their class is an odd number. */
    static DataSplits odd(DataSplits digits) {
        return new DataSplits(
                digits.description(),
                new Odd(digits.train()),
                new Odd(digits.evaluation()),
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

    /** For a hundred images, so many updates that they are learned. */
    static Recipe recipe() {
        return Recipe.builder().epochs(20).batch(20).learningRate(0.1).build();
    }

    /** Trains both networks on the data, and the fine-tuned one becomes a file and comes back. */
    static Accuracies run(
            Network network, DataSplits data, Recipe plain, Path folder, PrintStream out) {
        out.println(data.description());
        int classes = data.train().classNames().size();
        Recipe careful = plain.with().freeze(List.of("stem.*", "stage1.*")).layerDecay(0.8).build();

        double scratch;
        Backend backend = network.backend();
        try (Network random = Network.create(spec().withClasses(classes), backend, 1)) {
            scratch = trained(random, plain, data, folder.resolve("scratch"));
        }
        out.printf("from random weights: %.2f%%%n", 100 * scratch);

        network.resetHead(classes, 1);
        double tuned = trained(network, careful, data, folder.resolve("tuned"));
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
        // What is kept is the best epoch's network; the network in memory is the last one's.
        network.loadWeights(new RunFolder(folder).model());
        return ImageEvaluator.evaluate(network, data.evaluation(), 100).top1();
    }
}
