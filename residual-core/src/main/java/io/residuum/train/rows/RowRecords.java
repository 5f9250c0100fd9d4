package io.residuum.train.rows;

import io.residuum.spec.RecordProvider;
import java.util.List;

/** Registers the columns of this library. */
public final class RowRecords implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(NumberColumn.class, CategoryColumn.class, LabelsColumn.class);
    }
}
