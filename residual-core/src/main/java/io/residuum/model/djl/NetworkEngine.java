package io.residuum.model.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import org.jspecify.annotations.Nullable;

/** An engine of DJL that creates models, whose arrays another engine computes. */
final class NetworkEngine extends Engine {
    static final NetworkEngine INSTANCE = new NetworkEngine();

    private NetworkEngine() {}

    @Override
    public @Nullable Engine getAlternativeEngine() {
        return null;
    }

    @Override
    public String getEngineName() {
        return NetworkEngineProvider.NAME;
    }

    @Override
    public int getRank() {
        return NetworkEngineProvider.RANK;
    }

    @Override
    public String getVersion() {
        String version = NetworkEngine.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    /** Returns false: a model chooses its device when it is loaded. */
    @Override
    public boolean hasCapability(String capability) {
        return false;
    }

    @Override
    public Model newModel(String name, @Nullable Device device) {
        return new NetworkModel(name, device);
    }

    @Override
    public NDManager newBaseManager() {
        throw noArrays();
    }

    @Override
    public NDManager newBaseManager(Device device) {
        throw noArrays();
    }

    private static UnsupportedOperationException noArrays() {
        return new UnsupportedOperationException(
                "the engine %s must be used for models and creates no arrays: take the manager of the model or of MXNet or PyTorch"
                        .formatted(NetworkEngineProvider.NAME));
    }
}
