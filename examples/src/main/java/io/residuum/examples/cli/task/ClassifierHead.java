package io.residuum.examples.cli.task;

import io.residuum.metric.Evaluation;
import io.residuum.metric.Measure;
import io.residuum.model.ModelSource;
import io.residuum.spec.SpecException;
import io.residuum.train.OutputEvaluator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The output layer of classifiers. */
final class ClassifierHead {
    private ClassifierHead() {}

    static void requireClasses(ModelSource model, String data, int classes) {
        long outputs = model.spec().classes();
        if (outputs != classes) {
            throw new SpecException(
                    ("the model must have one output per class of the data, but %s has %d %s"
                                    + " and %s has %d %s; train it on the data first")
                            .formatted(
                                    model.label(),
                                    outputs,
                                    outputs == 1 ? "output" : "outputs",
                                    data,
                                    classes,
                                    classes == 1 ? "class" : "classes"));
        }
    }

    /** {@return the shares of right predictions} */
    static TaskSource.Report report(Evaluation e) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("samples", e.samples());
        numbers.put("loss", e.loss());
        numbers.put("top1", e.top1());
        e.top5().ifPresent(share -> numbers.put("top5", share));
        numbers.put("wrong", e.wrong());
        String top5 =
                e.top5().isPresent()
                        ? String.format(Locale.ROOT, ", top-5 %.2f%%", 100 * e.top5().getAsDouble())
                        : "";
        String line =
                String.format(
                        Locale.ROOT,
                        "loss %.4f, top-1 %.2f%%%s, %,d wrong of %,d",
                        e.loss(),
                        100 * e.top1(),
                        top5,
                        e.wrong(),
                        e.samples());
        return new TaskSource.Report(line, numbers);
    }

    static TaskSource.Report report(OutputEvaluator evaluator) {
        TaskSource.Report plain = report(evaluator.classes().orElseThrow());
        List<Measure> others =
                evaluator.result().measures().stream()
                        .filter(m -> !m.name().equals("top-5 accuracy"))
                        .toList();
        ScoreLine.put(plain.numbers(), others);
        return others.isEmpty()
                ? plain
                : new TaskSource.Report(
                        plain.line() + "\n" + ScoreLine.of(others), plain.numbers());
    }
}
