package io.residuum.spark;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of scoring, as the driver sends them to executors.
 *
 * @param opening the model and how it is opened
 * @param columns the columns that the network reads
 * @param output the form of the output
 * @param layer the layer whose output is returned, null for that of the network
 * @param prompt the text before each text; empty for none
 * @param batch the largest number of rows in a forward pass
 * @param keepErrors true to return errors by row instead of failing
 */
record ScoringPlan(
        Opening opening,
        List<String> columns,
        Output output,
        @Nullable String layer,
        String prompt,
        int batch,
        boolean keepErrors)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /**
     * A model and how it is opened.
     *
     * @param model the file of the model
     * @param engine the name of the engine
     * @param compile true to run whole programs of the engine
     */
    record Opening(ShippedFile model, String engine, boolean compile) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** The form of the output of a row. */
    enum Output {
        /** The most probable class, and the probability of each. */
        CLASSES,
        /** The numbers as the network gives them. */
        VALUES
    }

    ScoringPlan {
        columns = List.copyOf(columns);
    }
}
