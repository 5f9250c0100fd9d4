package io.residuum.spark;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Scores the rows of a partition, batch by batch. It holds one batch at a time, and reads the next
 * one when the rows of the last one were taken.
 *
 * @param plan the settings
 */
record ScoredRows(ScoringPlan plan) implements MapPartitionsFunction<Row, Row> {
    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        OpenModels.Lease lease = OpenModels.use(plan);
        TaskContext.get()
                .addTaskCompletionListener((TaskCompletionListener) context -> lease.close());
        return new Batches(plan, lease.model(), rows);
    }

    private static final class Batches implements Iterator<Row> {
        private final ScoringPlan plan;
        private final OpenModel model;
        private final Iterator<Row> rows;
        private final Queue<Row> scored = new ArrayDeque<>();

        Batches(ScoringPlan plan, OpenModel model, Iterator<Row> rows) {
            this.plan = plan;
            this.model = model;
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            return !scored.isEmpty() || rows.hasNext();
        }

        @Override
        public Row next() {
            if (scored.isEmpty()) {
                scoreBatch();
            }
            return scored.remove();
        }

        private void scoreBatch() {
            List<Row> batch = new ArrayList<>();
            while (batch.size() < plan.batch() && rows.hasNext()) {
                batch.add(rows.next());
            }
            int[] at = plan.columns().stream().mapToInt(batch.get(0)::fieldIndex).toArray();
            List<OpenModel.Scored> outputs = model.score(plan, batch, at);
            for (int i = 0; i < batch.size(); i++) {
                Row row = batch.get(i);
                int size = row.size();
                Object[] values = new Object[size + (plan.keepErrors() ? 2 : 1)];
                Arrays.setAll(values, k -> k < size ? row.get(k) : null);
                values[size] = outputs.get(i).output();
                if (plan.keepErrors()) {
                    values[size + 1] = outputs.get(i).error();
                }
                scored.add(RowFactory.create(values));
            }
        }
    }
}
