package io.residuum.inspect.ablation;

import ai.djl.ndarray.types.Shape;
import io.residuum.inspect.Subject;
import io.residuum.metric.Measure;
import io.residuum.model.Network;
import io.residuum.nn.Shapes;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The result of one evaluation.
 *
 * @param error the share of samples, or tokens, that are predicted wrongly; null if the task has no
 *     classes
 * @param loss the mean loss; null if it is not finite
 */
record ErrorAndLoss(@Nullable Double error, @Nullable Double loss) {
    static final ErrorAndLoss NONE = new ErrorAndLoss(null, null);

    /** Evaluates the network as it is. */
    static ErrorAndLoss of(Subject subject) {
        EvaluationOptions options =
                EvaluationOptions.of(subject.recipe()).with().detailed(true).build();
        EvaluationResult result = subject.evaluation().evaluate(subject.network(), options);
        Double accuracy = result.score().accuracy();
        if (accuracy == null) {
            accuracy =
                    result.measures().stream()
                            .filter(m -> m.name().equals(Measure.TOKEN_ACCURACY))
                            .map(Measure::value)
                            .findFirst()
                            .orElse(null);
        }
        return new ErrorAndLoss(accuracy == null ? null : 1 - accuracy, result.score().loss());
    }

    /** Returns what equal probabilities give, if the network has one output, of classes. */
    static ErrorAndLoss ofChance(Network network, ErrorAndLoss found) {
        Collection<Shape> outputs = network.outputShapes().values();
        if (found.error == null || outputs.size() > 1) {
            return NONE;
        }
        double classes = Shapes.channels(outputs.iterator().next());
        return new ErrorAndLoss(1 - 1 / classes, Math.log(classes));
    }

    double errorOrNaN() {
        return error == null ? Double.NaN : error;
    }

    double lossOrNaN() {
        return loss == null ? Double.NaN : loss;
    }
}
