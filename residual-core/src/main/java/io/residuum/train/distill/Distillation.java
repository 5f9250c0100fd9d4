package io.residuum.train.distill;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A trained network that the network of a recipe imitates. The loss is {@code (1 - weight)} times
 * the losses of the data, plus {@code weight} times those of the teacher's outputs, plus {@code
 * featureWeight} times those of its features. The teacher runs in evaluation mode on the same
 * inputs. Data without targets are enough if {@code weight} is 1.
 *
 * @param teacher a saved model, the folder of a run, or the folder of a model of another library
 * @param kind what the student learns from the teacher's outputs. Default: soft
 * @param temperature divides the logits of both for {@code soft}, positive. The loss is multiplied
 *     by its square (Hinton et al. 2015). Default: 4
 * @param weight the share of the teacher in the loss, in [0, 1]; 0 to learn from features only.
 *     Default: 0.5
 * @param outputs the teacher's output for each output of the student that learns from it; empty for
 *     the outputs of the same name, or the only ones. Default: empty
 * @param features a layer of the teacher for each output of the student that learns from features,
 *     named as in {@link io.residuum.model.Network#features}. Default: empty
 * @param featureWeight the factor of the features' mean squared errors, positive. Default: 1
 */
public record Distillation(
        String teacher,
        @Default("\"soft\"") Kind kind,
        @Default("4.0") double temperature,
        @Default("0.5") double weight,
        @Default("{}") Map<String, String> outputs,
        @Default("{}") Map<String, String> features,
        @Default("1.0") double featureWeight) {

    /** The way in which a student learns from a teacher's outputs. */
    public enum Kind {
        /** The probabilities of all classes (Hinton et al. 2015, arXiv:1503.02531). */
        SOFT,
        /** The class that the teacher chooses (Touvron et al. 2021, arXiv:2012.12877). */
        HARD
    }

    public Distillation {
        Check.that(!teacher.isBlank(), "teacher must name a trained network, got \"\"");
        Check.positive("temperature", temperature);
        Check.that(weight >= 0 && weight <= 1, "weight must be in [0, 1], got %s", weight);
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        features = Collections.unmodifiableMap(new LinkedHashMap<>(features));
        Check.that(
                weight > 0 || !features.isEmpty(),
                "weight must be above 0 without features, got %s: the teacher would teach nothing",
                weight);
        Check.that(
                weight > 0 || outputs.isEmpty(),
                "outputs must be empty with the weight 0, got %s: raise the weight",
                outputs);
        Check.positive("featureWeight", featureWeight);
    }

    /** Creates a distillation with all defaults. */
    public Distillation(String teacher) {
        this(teacher, Kind.SOFT, 4, 0.5, Map.of(), Map.of(), 1);
    }
}
