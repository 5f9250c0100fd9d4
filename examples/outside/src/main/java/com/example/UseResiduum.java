package com.example;

import io.residuum.train.Recipe;
import io.residuum.transformer.predict.TextGenerator;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.train.ImageTraining;
import java.io.*;
import java.nio.file.*;

/** Trains on a folder of images, classifies one of them, and generates text. */
public final class UseResiduum {
    public static void main(String[] args) throws IOException {
        Recipe recipe = Recipe.builder().epochs(5).batch(16).learningRate(0.05).build();
        ImageTraining.classifier(args[0], "folder:" + args[1], recipe).run(Path.of(args[2]));
        try (ImageClassifier classifier = ImageClassifier.open(args[2]);
                InputStream image = Files.newInputStream(Path.of(args[3]))) {
            System.out.println(classifier.classify(image).best());
        }
        try (TextGenerator generator = TextGenerator.open(args[4])) {
            System.out.println(args[5] + generator.generate(args[5]));
        }
    }
}
