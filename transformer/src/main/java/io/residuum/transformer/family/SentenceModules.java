package io.residuum.transformer.family;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.json.JsonText;
import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.transformer.layers.Pooling;
import io.residuum.transformer.text.encode.Prompts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the {@code modules.json} of sentence-transformers beside a {@code config.json}: which
 * modules follow the encoder, how many tokens it reads, and the prompts before texts.
 */
final class SentenceModules {
    private static final String MODULES = "modules.json";
    private static final String CONFIG = "config.json";
    private static final String SETTINGS = "config_sentence_transformers.json";

    /** A reduction, its name, and its key in files before sentence-transformers 6. */
    private record Mode(Pooling pooling, String name, String key) {}

    /** In the order of their parts of the vector in those files. */
    private static final List<Mode> MODES =
            List.of(
                    new Mode(Pooling.CLS, "cls", "cls_token"),
                    new Mode(Pooling.MAX, "max", "max_tokens"),
                    new Mode(Pooling.MEAN, "mean", "mean_tokens"),
                    new Mode(Pooling.MEAN_SQRT, "mean_sqrt_len_tokens", "mean_sqrt_len_tokens"),
                    new Mode(Pooling.WEIGHTED_MEAN, "weightedmean", "weightedmean_tokens"),
                    new Mode(Pooling.LAST, "lasttoken", "lasttoken"));

    /** The activations of PyTorch with their default settings, by class. */
    private static final Map<String, ActivationSpec> ACTIVATIONS =
            Map.ofEntries(
                    Map.entry("Identity", new ActivationSpec.None()),
                    Map.entry("Tanh", new ActivationSpec.Tanh()),
                    Map.entry("ReLU", new ActivationSpec.Relu()),
                    Map.entry("ReLU6", new ActivationSpec.Relu6()),
                    Map.entry("GELU", new ActivationSpec.Gelu()),
                    Map.entry("SiLU", new ActivationSpec.Silu()),
                    Map.entry("Mish", new ActivationSpec.Mish()),
                    Map.entry("Sigmoid", new ActivationSpec.Sigmoid()),
                    Map.entry("LeakyReLU", new ActivationSpec.LeakyRelu(0.01)),
                    Map.entry("ELU", new ActivationSpec.Elu(1)),
                    Map.entry("SELU", new ActivationSpec.Selu()),
                    Map.entry("Hardswish", new ActivationSpec.HardSwish()),
                    Map.entry("Hardsigmoid", new ActivationSpec.HardSigmoid()),
                    Map.entry("Softplus", new ActivationSpec.Softplus()));

    private final Path folder;
    private final List<String> warnings = new ArrayList<>();

    private SentenceModules(Path folder) {
        this.folder = folder;
    }

    /**
     * {@return the model with the modules that follow it, or the model itself if there is no {@code
     * modules.json}}
     *
     * @param config the {@code config.json} of the encoder
     * @throws SpecException if a module is not supported
     */
    static ModelDescription apply(ModelDescription encoder, Path config) {
        Path modules = config.toAbsolutePath().normalize().resolveSibling(MODULES);
        return Files.isRegularFile(modules)
                ? new SentenceModules(Objects.requireNonNull(modules.getParent())).read(encoder)
                : encoder;
    }

    private ModelDescription read(ModelDescription encoder) {
        List<Pooling> pooling = new ArrayList<>();
        List<TextEmbedding.Dense> dense = new ArrayList<>();
        Map<String, Path> parts = new LinkedHashMap<>();
        boolean normalize = false;
        warnings.addAll(encoder.warnings());
        for (ConfigObject module : modules()) {
            String type = module.text("type", "");
            String path = module.text("path", "");
            boolean library = type.startsWith("sentence_transformers.");
            switch (library ? type.substring(type.lastIndexOf('.') + 1) : "") {
                case "Transformer" ->
                        module.must("path", path.isEmpty(), "\"\", the folder of " + MODULES);
                case "Pooling" -> pooling.addAll(pooling(module, path));
                case "Dense" -> {
                    module.require(
                            !pooling.isEmpty() && !normalize,
                            "type",
                            "Dense must stand after Pooling and before Normalize");
                    parts.put(TextEmbedding.DENSE + "." + dense.size() + ".", below(module, path));
                    dense.add(dense(below(module, path).resolve(CONFIG)));
                }
                case "Normalize" -> normalize = true;
                default ->
                        throw module.refusal(
                                "type",
                                "the module must be Transformer, Pooling, Dense or Normalize of"
                                        + " sentence_transformers");
            }
            module.ignore("idx", "name");
            module.finish();
        }
        if (pooling.isEmpty()) {
            throw new SpecException(folder.resolve(MODULES) + ": must have a module Pooling");
        }
        warnOfSimilarity(normalize);
        ModelSpec spec = encoder.spec();
        LayerSpec embedder = new TextEmbedding(pooling, dense, normalize).on(spec);
        return new ModelDescription(
                cut(spec.withNetwork(embedder)), prompts().on(encoder.metadata()), warnings, parts);
    }

    private Path below(ConfigObject module, String path) {
        Path below = folder.resolve(path).normalize();
        module.must(
                "path",
                below.startsWith(folder) && !below.equals(folder),
                "a folder below that of " + MODULES);
        return below;
    }

    private static TextEmbedding.Dense dense(Path file) {
        ConfigObject settings = object(file);
        String input = "sentence_embedding";
        settings.must(
                "module_input_name",
                settings.text("module_input_name", input).equals(input),
                input + ", the pooled vector");
        settings.must(
                "module_output_name",
                settings.text("module_output_name", input).equals(input),
                input + ", the vector of the text");
        settings.mustBeFalse("use_residual");
        String name = settings.text("activation_function", "torch.nn.modules.activation.Tanh");
        ActivationSpec activation = ACTIVATIONS.get(name.substring(name.lastIndexOf('.') + 1));
        if (activation == null || !name.startsWith("torch.nn.")) {
            throw settings.refusal(
                    "activation_function",
                    "the activation must be one of torch.nn: "
                            + String.join(", ", new TreeSet<>(ACTIVATIONS.keySet())));
        }
        // The weights have the width of the input.
        settings.ignore("in_features");
        settings.require(settings.has("out_features"), "out_features", "a width is needed");
        TextEmbedding.Dense dense =
                new TextEmbedding.Dense(
                        settings.integer("out_features", 1),
                        settings.flag("bias", true),
                        activation);
        settings.finish();
        return dense;
    }

    private List<ConfigObject> modules() {
        Path file = folder.resolve(MODULES);
        List<ConfigObject> modules = new ArrayList<>();
        JsonPath root = JsonPath.root(file.toString());
        for (Json module : json(file).items()) {
            if (!(module instanceof Json.Obj object)) {
                throw new SpecException(file + ": must hold an array of objects");
            }
            modules.add(new ConfigObject(object, root.index(modules.size())));
        }
        return modules;
    }

    private List<Pooling> pooling(ConfigObject module, String path) {
        Path file = below(module, path).resolve(CONFIG);
        ConfigObject settings = object(file);
        List<Pooling> modes = new ArrayList<>();
        for (Mode mode : MODES) {
            if (settings.flag("pooling_mode_" + mode.key, false)) {
                modes.add(mode.pooling);
            }
        }
        Json named = json(file).get("pooling_mode");
        settings.ignore("pooling_mode", "word_embedding_dimension", "embedding_dimension");
        for (Json name : named instanceof Json.Str ? List.of(named) : named.items()) {
            modes.add(
                    MODES.stream()
                            .filter(mode -> mode.name.equals(name.string("")))
                            .findFirst()
                            .orElseThrow(() -> settings.refusal("pooling_mode", "unknown pooling"))
                            .pooling);
        }
        settings.must("include_prompt", settings.flag("include_prompt", true), "true");
        settings.finish();
        settings.require(!modes.isEmpty(), "pooling_mode", "a pooling must be chosen");
        return modes;
    }

    /** Limits the input to the tokens of {@code sentence_bert_config.json} or of the tokenizer. */
    private ModelSpec cut(ModelSpec spec) {
        if (!(spec.input() instanceof InputSpec.Tokens tokens)) {
            return spec;
        }
        int length = tokens.length();
        Path tokenizer = folder.resolve("tokenizer_config.json");
        Path own = folder.resolve("sentence_bert_config.json");
        if (Files.isRegularFile(tokenizer)) {
            // A tokenizer without a limit stores 1e30.
            length = (int) Math.min(length, object(tokenizer).number("model_max_length", length));
        }
        if (Files.isRegularFile(own)) {
            ConfigObject settings = object(own);
            length = Math.min(tokens.length(), settings.integer("max_seq_length", length));
            if (settings.flag("do_lower_case", false)) {
                warnings.add(
                        own
                                + ": do_lower_case is true; lower-case texts unless the tokenizer"
                                + " does");
            }
        }
        if (length == tokens.length()) {
            return spec;
        }
        LayerSpec network =
                spec.network() instanceof LanguageFamily family
                        ? family.withPositions(tokens.length())
                        : spec.network();
        return spec.withNetwork(network)
                .withInput(new InputSpec.Tokens(length, tokens.vocabulary()));
    }

    private Prompts prompts() {
        return Prompts.of(settings());
    }

    /** Warns if the model was trained to be compared by another number than the cosine. */
    private void warnOfSimilarity(boolean normalized) {
        String similarity = settings().get("similarity_fn_name").string("cosine");
        // Vectors of length 1 have the same order by all three.
        boolean same = normalized && Set.of("dot", "euclidean").contains(similarity);
        if (!similarity.equals("cosine") && !same) {
            warnings.add(
                    "%s: similarity_fn_name is %s, but searches and scores compare cosines"
                            .formatted(folder.resolve(SETTINGS), JsonText.quote(similarity)));
        }
    }

    private Json settings() {
        Path file = folder.resolve(SETTINGS);
        return Files.isRegularFile(file) ? json(file) : Json.object();
    }

    private static ConfigObject object(Path file) {
        if (json(file) instanceof Json.Obj object) {
            return new ConfigObject(object, JsonPath.root(file.toString()));
        }
        throw new SpecException(file + ": must hold an object");
    }

    private static Json json(Path file) {
        try {
            return JsonReader.read(file);
        } catch (JsonException e) {
            throw new SpecException(e);
        }
    }
}
