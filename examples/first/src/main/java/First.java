import io.residuum.engine.Backend;
import io.residuum.model.*;
import io.residuum.spec.ModelSpec;
import io.residuum.train.*;
import io.residuum.vision.data.*;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.train.*;
import java.nio.file.Path;

public final class First {
    public static void main(String[] args) {
        ModelSpec spec = ModelSource.of("resnet20").spec();
        DataSplits data = DataSource.parse(args[1]).forTraining(ImageInputs.shape(spec));
        Task task = new ImageClassification(data);
        Recipe recipe = Recipe.builder().epochs(1).build();
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, recipe.seed())) {
            new Trainer(network, recipe, task, Path.of("run"), ProgressListener.NONE).start();
        }
        try (ImageClassifier classifier = ImageClassifier.open("run")) {
            System.out.println(classifier.classify(Path.of(args[0])).best()); // 7 (99.8%)
        }
    }
}
