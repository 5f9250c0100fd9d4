package io.residuum.transformer.family;

import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.model.ConfigObject;
import io.residuum.model.ModelDescription;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.transformer.layers.Pooling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Reads the {@code modules.json} of sentence-transformers beside a {@code config.json}: which
 * modules follow the encoder, and how many tokens it reads.
 */
final class SentenceModules {
    private static final String MODULES = "modules.json";
    private static final String CONFIG = "config.json";

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
                case "Normalize" -> normalize = true;
                default ->
                        throw module.refusal(
                                "type",
                                "the module must be Transformer, Pooling or Normalize of"
                                        + " sentence_transformers");
            }
            module.ignore("idx", "name");
            module.finish();
        }
        if (pooling.isEmpty()) {
            throw new SpecException(folder.resolve(MODULES) + ": must have a module Pooling");
        }
        prompts();
        ModelSpec spec = encoder.spec();
        if (!(spec.network() instanceof LanguageFamily family)) {
            throw new SpecException(
                    "%s: the network must be an encoder of text, got %s"
                            .formatted(folder.resolve(MODULES), spec.name()));
        }
        LayerSpec embedder = family.withEmbedding(new TextEmbedding(pooling, normalize));
        return new ModelDescription(cut(spec.withNetwork(embedder)), encoder.metadata(), warnings);
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
        Path file = folder.resolve(path).resolve(CONFIG).normalize();
        module.must("path", file.startsWith(folder), "a folder below that of " + MODULES);
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
        LayerSpec network = ((LanguageFamily) spec.network()).withPositions(tokens.length());
        return spec.withNetwork(network)
                .withInput(new InputSpec.Tokens(length, tokens.vocabulary()));
    }

    /** Warns of a prompt, which the caller must write before texts. */
    private void prompts() {
        Path file = folder.resolve("config_sentence_transformers.json");
        if (!Files.isRegularFile(file)) {
            return;
        }
        String prompt = object(file).text("default_prompt_name", "");
        if (!prompt.isEmpty()) {
            warnings.add(
                    "%s: write the prompt \"%s\" before each text: %s"
                            .formatted(
                                    file,
                                    prompt,
                                    json(file).get("prompts").get(prompt).string("")));
        }
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
