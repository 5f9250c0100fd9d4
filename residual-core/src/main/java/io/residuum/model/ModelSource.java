package io.residuum.model;

import ai.djl.ndarray.types.DataType;
import io.residuum.emit.Quantization;
import io.residuum.engine.Backend;
import io.residuum.hub.Hub;
import io.residuum.hub.HubException;
import io.residuum.hub.RemoteName;
import io.residuum.nn.Layer;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportOptions;
import io.residuum.weights.dialect.ImportPlan;
import io.residuum.weights.peft.PeftFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A model as a user names it: a preset, a spec file, a saved model, a GGUF file, the folder of a
 * training run, the {@code config.json} of another library, its folder with weights, or its name on
 * a hub.
 *
 * <p>The spec and metadata are read once, when the source is created, without an engine. The
 * weights are read when a network is opened.
 *
 * <pre>{@code
 * try (Backend backend = Backend.open();
 *         Network network = ModelSource.of("resnet18")
 *                 .withWeights(Path.of("resnet18-f37072fd.pth"))
 *                 .open(backend)) {
 *     ...
 * }
 * }</pre>
 */
public final class ModelSource {

    /** The weights to load, after a download if they are not here. */
    private record Weights(
            Path file, Map<String, Path> parts, Runnable download, ImportOptions options) {
        static Weights of(Path file, Map<String, Path> parts, Runnable download) {
            return new Weights(file, parts, download, ImportOptions.standard());
        }

        StateDict open() {
            download.run();
            StateDict tensors = options.open(file);
            return parts.isEmpty() ? tensors : StateDict.joined(tensors, parts);
        }
    }

    private final String label;
    private final ModelDescription model;
    private final @Nullable Path saved;
    private final @Nullable Weights given;
    private final List<PeftFolder.Contents> added;

    private ModelSource(
            String label,
            ModelDescription model,
            @Nullable Path saved,
            @Nullable Weights given,
            List<PeftFolder.Contents> added) {
        this.label = label;
        this.model = model;
        this.saved = saved;
        this.given = given;
        this.added = added;
    }

    /**
     * Finds a model by the name of a preset, by its name on a server, or else by its path. Only
     * names of servers download anything, by {@link Hub#standard()}.
     *
     * @param model a preset in upper or lower case; {@code hf:org/model}, {@code
     *     hf:org/model@revision} or {@code https://...}, as in {@link RemoteName}; or a path as in
     *     {@link #of(Path)}
     * @throws SpecException if there is no such model, with the nearest presets, or its spec is
     *     invalid
     * @throws WeightsException if a saved model cannot be read
     * @throws HubException if a remote model cannot be found or downloaded
     */
    public static ModelSource of(String model) {
        return of(model, Hub.standard());
    }

    /**
     * Finds a model as {@link #of(String)}.
     *
     * @param hub downloads remote models
     */
    public static ModelSource of(String model, Hub hub) {
        return ModelFinder.find(model, hub);
    }

    /**
     * Returns a model without weights.
     *
     * @param label a short name, fit for a folder
     * @param spec the network
     */
    public static ModelSource of(String label, ModelSpec spec) {
        return described(label, new ModelDescription(spec, ModelMetadata.EMPTY));
    }

    /**
     * Finds a model by its path.
     *
     * @param model a spec file or the configuration of another library ({@code *.json}), a saved
     *     model ({@code *.safetensors}), a GGUF file ({@code *.gguf}), the folder of a training
     *     run, or a folder with the {@code config.json} and the weights of another library
     * @throws SpecException if there is no such model or its spec is invalid
     * @throws WeightsException if a saved model cannot be read
     */
    public static ModelSource of(Path model) {
        return ModelFinder.find(model);
    }

    /** Returns a saved model, with its spec and its weights. */
    static ModelSource saved(String label, Path file) {
        try (StateDict weights = StateDict.open(file)) {
            return new ModelSource(label, ModelFiles.description(weights), file, null, List.of());
        }
    }

    /** Returns a model without weights. */
    static ModelSource described(String label, ModelDescription model) {
        return new ModelSource(label, model, null, null, List.of());
    }

    /**
     * {@return a copy of this source with other weights}
     *
     * @param file safetensors, PyTorch, GGUF, llama2.c, an index of shards, or a folder with one of
     *     them; tensors may have the names of any {@linkplain Dialects#standard() standard dialect}
     */
    public ModelSource withWeights(Path file) {
        return with(Weights.of(file, Map.of(), () -> {}));
    }

    /** Returns a copy with the weights of the described model, which may have several files. */
    ModelSource withOwnWeights(Path file, Runnable download) {
        return with(Weights.of(file, model.parts(), download));
    }

    /**
     * {@return a copy of this source with other weights, which are downloaded when they are read}
     *
     * @param weights a path as in {@link #withWeights(Path)}, or a remote name as in {@link
     *     #of(String)}
     * @param hub downloads remote weights
     * @throws HubException if there are no such weights
     */
    public ModelSource withWeights(String weights, Hub hub) {
        return RemoteModel.find(weights, hub)
                .map(remote -> with(Weights.of(remote.path(), Map.of(), remote.download())))
                .orElseGet(() -> withWeights(ModelFiles.path(weights)));
    }

    /**
     * {@return a copy of this source with a dialect for the names of its tensors. Default: the
     * dialect that explains the names}
     *
     * @param dialect the name of a dialect, for instance {@code timm}, or a table ({@code *.json})
     * @throws SpecException if there is no such dialect, or this source has no weights
     */
    public ModelSource withDialect(String dialect) {
        return withOptions(o -> o.withDialects(Dialects.of(dialect)));
    }

    /**
     * {@return a copy of this source that loads other weights of a checkpoint. Default: the plain
     * ones}
     *
     * @param variant the variant, for instance the moving average
     * @throws SpecException if this source has no weights
     */
    public ModelSource withVariant(StateDict.Variant variant) {
        return withOptions(o -> o.withVariant(variant));
    }

    /**
     * {@return a copy of this source with other settings for loading its weights. Default: {@link
     * ImportOptions#standard()}}
     *
     * @param change returns the new settings for the old ones
     * @throws SpecException if this source has no weights
     */
    public ModelSource withOptions(UnaryOperator<ImportOptions> change) {
        Weights old = required();
        ImportOptions options = change.apply(old.options);
        return with(new Weights(old.file, old.parts, old.download, options));
    }

    private ModelSource with(Weights weights) {
        return new ModelSource(label, model, saved, weights, added);
    }

    /**
     * {@return a copy of this source with another network and the same weights, for instance with
     * another head}
     */
    public ModelSource withNetwork(LayerSpec network) {
        ModelSpec changed = model.spec().withNetwork(network);
        ModelDescription described =
                new ModelDescription(changed, model.metadata(), model.warnings(), model.parts());
        return new ModelSource(label, described, saved, given, added);
    }

    /**
     * {@return a copy of this source with an adapter of PEFT}
     *
     * @param folder a folder with {@code adapter_config.json} and {@code adapter_model.safetensors}
     * @throws WeightsException if a file is invalid, or has branches that the network cannot have
     */
    public ModelSource withAdapter(Path folder) {
        List<PeftFolder.Contents> all = new ArrayList<>(added);
        all.add(PeftFolder.read(folder, spec(), Dialects.standard()));
        return new ModelSource(label, model, saved, given, List.copyOf(all));
    }

    private Weights required() {
        if (given != null) {
            return given;
        }
        if (saved == null) {
            throw new SpecException(
                    "%s must have weights, found none: add a file by withWeights, or use a saved model"
                            .formatted(label));
        }
        return Weights.of(saved, Map.of(), () -> {});
    }

    /**
     * {@return a short name, fit for a folder: the preset, the file without its suffix, or the
     * folder}
     */
    public String label() {
        return label;
    }

    /** {@return lines about the model that the user should check, such as unknown settings} */
    public List<String> warnings() {
        return model.warnings();
    }

    /** {@return the spec of the network} */
    public ModelSpec spec() {
        List<LowRank> adapters = model.spec().adapters();
        for (PeftFolder.Contents adapter : added) {
            adapters = Adapters.joined(adapters, adapter.adapters());
        }
        return model.spec().withAdapters(adapters);
    }

    /**
     * {@return the metadata of the model. If weights were given, it is read from their file, with
     * the model's entries if the file has no class names}
     *
     * @throws WeightsException if the file of the weights cannot be read
     */
    public ModelMetadata metadata() {
        if (given == null) {
            return model.metadata();
        }
        try (StateDict tensors = given.open()) {
            boolean integers =
                    tensors.names().stream().anyMatch(n -> tensors.format(n).isPresent());
            return integers
                    ? metadata(tensors).withWeights(plan(model.spec().newBlock(), tensors))
                    : metadata(tensors);
        }
    }

    private ModelMetadata metadata(StateDict tensors) {
        ModelMetadata theirs = new ModelMetadata(tensors.metadata());
        return theirs.classNames().isEmpty()
                ? ClassActivation.of(model.metadata())
                        .on(
                                model.metadata()
                                        .with(theirs)
                                        .withClassNames(model.metadata().classNames()))
                : theirs;
    }

    /**
     * {@return the file of the weights, which may not be downloaded yet; empty for a model without
     * weights, which gets random ones}
     */
    public Optional<Path> weights() {
        return Optional.ofNullable(given == null ? saved : given.file);
    }

    /**
     * {@return the weights, to be closed by the caller}
     *
     * @throws SpecException if this source has no weights
     * @throws WeightsException if the file cannot be read
     */
    public StateDict openWeights() {
        return required().open();
    }

    /**
     * Finds every weight of the network in the opened file.
     *
     * @param block the network's block, initialized or not
     * @param tensors the weights from {@link #openWeights}
     * @return a plan in which nothing is missing or unexpected, except for what the settings allow
     * @throws WeightsException if the file has other tensors than the network needs
     */
    public ImportPlan plan(Layer block, StateDict tensors) {
        if (given == null) {
            ImportPlan plan = ImportPlan.of(Dialect.own(), block, tensors);
            plan.require(path -> false, name -> false);
            return plan;
        }
        ImportPlan plan = model.metadata().preferred(given.options.dialects()).plan(block, tensors);
        plan.require(given.options);
        return plan;
    }

    /**
     * Opens the network with its weights, or random ones of seed 0 if the model has none.
     *
     * @param backend the backend, which must outlive the network
     * @return a new network, to be closed by the caller
     * @throws WeightsException if the file of the weights has others than the network needs
     */
    public Network open(Backend backend) {
        return open(backend, 0, plan -> {});
    }

    /**
     * Opens the network with its weights and reports how they were found.
     *
     * @param backend the backend, which must outlive the network
     * @param seed the seed of drop-path, and of the weights of a model without any
     * @param report receives the plan before the weights are read
     * @return a new network, to be closed by the caller
     * @throws WeightsException if the file of the weights has others than the network needs
     */
    public Network open(Backend backend, long seed, Consumer<ImportPlan> report) {
        BuiltNetwork built = BuiltNetwork.of(spec());
        if (weights().isEmpty()) {
            added.forEach(adapter -> built.preset(adapter.suppliers()));
            return new Network(built, model.metadata(), backend, seed, DataType.FLOAT32);
        }
        try (StateDict tensors = openWeights()) {
            // The file of the weights lacks the adapters of other files.
            Layer weighted = added.isEmpty() ? built.block() : model.spec().newBlock();
            ImportPlan plan = plan(weighted, tensors);
            report.accept(plan);
            built.preset(plan.values());
            // After the weights, since an adapter may replace a head.
            added.forEach(adapter -> built.preset(adapter.suppliers()));
            ModelMetadata metadata = given == null ? model.metadata() : metadata(tensors);
            metadata = metadata.withWeights(plan);
            return new Network(built, metadata, backend, seed, DataType.FLOAT32);
        }
    }

    /**
     * Opens a network for training: with the weights of the model in a spec that fits the data, or
     * random ones if the model has none.
     *
     * @param spec the spec of the model, adapted to the data
     * @param backend the backend, which must outlive the network
     * @param seed the seed of drop-path and of weights that the model does not have
     * @param report receives the plan before the weights are read
     * @return a new network, to be closed by the caller
     * @throws WeightsException if the file of the weights has others than the network needs
     */
    public Network open(ModelSpec spec, Backend backend, long seed, Consumer<ImportPlan> report) {
        if (weights().isEmpty()) {
            return Network.create(spec, backend, seed);
        }
        Network network = open(backend, seed, report);
        // Training changes all weights, so that the old integers and ranges no longer fit.
        network.setMetadata(network.metadata().with(Quantization.NONE));
        if (!spec.equals(model.spec())) {
            network.adaptTo(spec, seed);
        }
        return network;
    }
}
