package io.residuum.model.djl;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.types.DataType;
import ai.djl.translate.Translator;
import com.google.common.collect.MapMaker;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.Check;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A model of DJL with a network of this library. */
final class NetworkModel extends BaseModel {

    /** The option that chooses the engine which computes: mxnet, pytorch or auto. */
    static final String BACKEND = "backend";

    /** DJL's translators, which it takes for images unless a factory is given. */
    private static final String THEIRS = "ai.djl.modality.";

    private final Set<Translator<?, ?>> prepared =
            Collections.newSetFromMap(new MapMaker().weakKeys().makeMap());
    private final @Nullable Device device;
    private @Nullable Opened opened;

    /** A loaded model and its resources. */
    record Opened(ModelSource source, Network network, OwnedResources owned) {}

    NetworkModel(String name, @Nullable Device device) {
        super(name);
        this.device = device;
        this.dataType = DataType.FLOAT32;
    }

    @Override
    public void load(Path modelPath, @Nullable String prefix, @Nullable Map<String, ?> options) {
        Check.that(opened == null, "a model must be loaded once, got %s again", modelPath);
        Object backend = options == null ? null : options.get(BACKEND);
        EngineChoice engine =
                backend == null ? EngineChoice.AUTO : EngineChoice.of(backend.toString());
        ModelSource source = ModelSource.of(modelPath);
        Opened now = OwnedResources.build(owned -> open(source, engine, owned));
        opened = now;
        block = new NetworkBlock(now.network());
        manager = now.network().backend().newManager();
        modelDir = modelPath.toAbsolutePath();
        wasLoaded = true;
    }

    private Opened open(ModelSource source, EngineChoice engine, OwnedResources owned) {
        OwnedResources.requireWeights(source);
        Backend backend = owned.add(Backend.open(engine, choice()), Backend::close);
        return new Opened(source, owned.open(source, backend), owned);
    }

    private DeviceChoice choice() {
        if (device == null) {
            return DeviceChoice.AUTO;
        }
        return device.isGpu()
                ? new DeviceChoice(DeviceChoice.Kind.GPU, device.getDeviceId())
                : DeviceChoice.CPU;
    }

    /** Marks a translator as one that prepares samples for this network. */
    <T extends Translator<?, ?>> T knows(T translator) {
        prepared.add(translator);
        return translator;
    }

    /** Returns what was loaded. */
    Opened opened() {
        if (opened == null) {
            throw new IllegalStateException("the model must be loaded first: " + modelName);
        }
        return opened;
    }

    /**
     * Creates a predictor.
     *
     * @throws IllegalArgumentException for a translator of DJL, which does not know the network's
     *     normalization, and for another device than the network's
     */
    @Override
    public <I, O> Predictor<I, O> newPredictor(Translator<I, O> translator, Device where) {
        if (translator.getClass().getName().startsWith(THEIRS) && !prepared.contains(translator)) {
            throw new IllegalArgumentException(
                    "%s must have a translator that knows its normalization, found DJL's %s: open the model by the URL %s:%s, or set optTranslatorFactory(new %s())"
                            .formatted(
                                    modelName,
                                    translator.getClass().getSimpleName(),
                                    ModelUrls.SCHEME,
                                    modelDir,
                                    TaskTranslatorFactory.class.getSimpleName()));
        }
        Device own = opened().network().backend().device();
        if (!Objects.equals(own, where)) {
            throw new IllegalArgumentException(
                    "a predictor must be on the device of its model, %s, got %s: load the model with optDevice"
                            .formatted(own, where));
        }
        return super.newPredictor(translator, where);
    }

    @Override
    public void close() {
        Opened last = opened;
        if (last != null) {
            super.close();
            last.owned().close();
        }
    }
}
