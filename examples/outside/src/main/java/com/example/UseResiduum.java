package com.example;

import io.residuum.engine.Backend;
import io.residuum.model.*;
import io.residuum.spec.ModelSpec;
import io.residuum.train.*;
import io.residuum.transformer.predict.TextGenerator;
import io.residuum.vision.data.*;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.train.*;
import java.io.*;
import java.nio.file.*;

/** Trains on a folder of images, classifies one of them, and generates text. */
public final class UseResiduum {
    public static void main(String[] args) throws IOException {
        train(args[0], args[1], args[2]);
        try (ImageClassifier classifier = ImageClassifier.open(args[2]);
                InputStream image = Files.newInputStream(Path.of(args[3]))) {
            System.out.println(classifier.classify(image).best());
        }
        try (TextGenerator generator = TextGenerator.open(args[4])) {
            System.out.println(args[5] + generator.generate(args[5]));
        }
    }

    static void train(String model, String images, String run) {
        ModelSpec spec = ModelSource.of(model).spec();
        DataSplits data = DataSource.parse("folder:" + images).forTraining(ImageInputs.shape(spec));
        spec = ImageInputs.normalizedBy(spec, data.measuredNormalization());
        Recipe recipe = Recipe.builder().epochs(5).batch(16).learningRate(0.05).build();
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, recipe.seed())) {
            network.resetHead(data.train().classNames().size(), recipe.seed());
            Task task = new ImageClassification(data);
            new Trainer(network, recipe, task, Path.of(run), ProgressListener.NONE).start();
        }
    }
}
