package io.residuum.examples.cli.predict;

import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.ResultFormat;
import io.residuum.json.Json;
import io.residuum.model.ClassActivation;
import io.residuum.model.ClassProbability;
import io.residuum.model.Classification;
import io.residuum.train.rows.RowPredictions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prints predictions.
 *
 * @param format the form
 * @param output the output
 */
record Results(ResultFormat format, Output output) {

    /**
     * Prints the most probable classes of samples.
     *
     * @param kind the word for a sample: image or text
     * @param samples the samples as typed
     * @param found the classes of each
     * @param top the number of classes to print
     * @param activation the kind of the scores
     */
    void classes(
            String kind,
            List<String> samples,
            List<Classification> found,
            int top,
            ClassActivation activation) {
        List<Map<String, Object>> results = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            String sample = samples.get(i);
            List<ClassProbability> classes = found.get(i).top(top);
            switch (format) {
                case TEXT -> text(sample, classes, activation);
                case CSV -> classes.forEach(c -> results.add(row(kind, sample, c)));
                default -> results.add(members(kind, sample, "classes", classes));
            }
        }
        if (format != ResultFormat.TEXT) {
            rows(results);
        }
    }

    private void text(String sample, List<ClassProbability> classes, ClassActivation activation) {
        output.result(sample);
        boolean share = activation != ClassActivation.IDENTITY;
        for (ClassProbability c : classes) {
            output.result(
                    share ? "  %5.1f%%  %s" : "  %.4f  %s",
                    (share ? 100 : 1) * c.probability(),
                    c.name());
        }
    }

    private static Map<String, Object> row(String kind, String sample, ClassProbability c) {
        Map<String, Object> row = members(kind, sample, "index", c.index());
        row.put("name", c.name());
        row.put("probability", c.probability());
        return row;
    }

    private static Map<String, Object> members(
            String kind, String sample, String key, Object value) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put(kind, sample);
        members.put(key, value);
        return members;
    }

    /** Prints rows with equal keys. */
    void rows(List<Map<String, Object>> rows) {
        switch (format) {
            case JSON -> output.json(rows);
            case JSONL -> rows.forEach(row -> output.result(Json.of(row).compact()));
            default -> output.piece(RowPredictions.csv(rows));
        }
    }
}
