package io.residuum.inspect;

import io.residuum.spec.TypeName;

/**
 * An analysis of a network. The interface is open: a record of yours that implements it has a name
 * on the command line once a {@link io.residuum.spec.RecordProvider} registers it.
 */
public interface Analysis {

    /**
     * Analyzes a network, whose parameters and buffers stay as they are.
     *
     * @param subject the network and its data
     * @return tables and pictures
     * @throws InspectionException if the network or the data do not fit the analysis
     */
    Finding run(Subject subject);

    /** The data that an analysis reads. */
    enum Data {
        /** The samples of {@link Subject#forEachBatch}. */
        SAMPLES,
        /** The data of {@link Subject#evaluation}. */
        EVALUATION,
        /** Nothing but the network. */
        NONE
    }

    /** {@return the data that it reads; the samples by default} */
    default Data data() {
        return Data.SAMPLES;
    }

    /** {@return the name in JSON, or of the class} */
    default String name() {
        TypeName name = getClass().getAnnotation(TypeName.class);
        return name == null ? getClass().getSimpleName() : name.value();
    }
}
