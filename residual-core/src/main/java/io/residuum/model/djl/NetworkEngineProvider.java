package io.residuum.model.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** Registers the engine {@value #NAME} with DJL. Found by {@link java.util.ServiceLoader}. */
public final class NetworkEngineProvider implements EngineProvider {

    /** The name of the engine, for {@code Criteria.optEngine} and {@code serving.properties}. */
    public static final String NAME = "Residuum";

    /** DJL takes the engine of the lowest rank by default, which must compute arrays itself. */
    static final int RANK = 1000;

    @Override
    public String getEngineName() {
        return NAME;
    }

    @Override
    public int getEngineRank() {
        return RANK;
    }

    @Override
    public Engine getEngine() {
        return NetworkEngine.INSTANCE;
    }
}
