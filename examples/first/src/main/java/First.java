import io.residuum.train.Recipe;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.train.ImageTraining;
import java.nio.file.Path;

public final class First {
    public static void main(String[] args) {
        Recipe recipe = Recipe.builder().epochs(1).build();
        ImageTraining.classifier("resnet20", args[1], recipe).run(Path.of("run"));
        try (ImageClassifier classifier = ImageClassifier.open("run")) {
            System.out.println(classifier.classify(Path.of(args[0])).best()); // 7 (99.8%)
        }
    }
}
