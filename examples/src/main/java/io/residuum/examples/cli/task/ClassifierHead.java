package io.residuum.examples.cli.task;

import ai.djl.ndarray.types.Shape;
import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.train.Evaluation;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a classifier's outputs stand for. */
public final class ClassifierHead {
    private ClassifierHead() {}

    /** How many classes a network tells apart; 0 if it does something else. */
    public static long of(ModelSpec spec) {
        Shape output = spec.newBlock().outputShape();
        return output.dimension() == 2 ? output.get(1) : 0;
    }

    /** A line about a head that begins anew. */
    static String newHead(int classes, long before) {
        return before == 0
                ? "the head: a new one for %d classes".formatted(classes)
                : "the head: a new one for %d classes in place of %d".formatted(classes, before);
    }

    static void requireClasses(ModelSource model, String data, int classes) {
        long outputs = of(model.spec());
        if (outputs != classes) {
            throw new SpecException(
                    ("the model must tell apart the classes of the data, but %s has %d outputs and"
                                    + " %s has %d classes")
                            .formatted(model.label(), outputs, data, classes));
        }
    }

    static TaskSource.Finding finding(Evaluation e) {
        Map<String, Object> numbers = new LinkedHashMap<>();
        numbers.put("samples", e.samples());
        numbers.put("loss", e.loss());
        numbers.put("top1", e.top1());
        numbers.put("top5", e.top5());
        numbers.put("wrong", e.wrong());
        String line =
                String.format(
                        Locale.ROOT,
                        "loss %.4f, top-1 %.2f%%, top-5 %.2f%%, %,d wrong of %,d",
                        e.loss(),
                        100 * e.top1(),
                        100 * e.top5(),
                        e.wrong(),
                        e.samples());
        return new TaskSource.Finding(line, numbers);
    }
}
