package io.residuum.weights.peft;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.spec.LowRank;
import io.residuum.weights.WeightsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The settings in an {@code adapter_config.json}. Settings that would change the branches in an
 * unknown way are errors.
 *
 * @param alpha the numerator of the scale
 * @param alphas other numerators, by pattern of modules
 * @param dropout the rate of dropout
 * @param scaling the denominator of the scale
 * @param method what was learned
 */
record PeftConfig(
        double alpha,
        Map<Pattern, Double> alphas,
        double dropout,
        LowRank.Scaling scaling,
        LowRank.Method method) {

    /** Settings that say nothing about the values: origin, initialization, targets. */
    private static final Set<String> NOT_NEEDED =
            Set.of(
                    "auto_mapping",
                    "base_model_name_or_path",
                    "eva_config", // how A began
                    "exclude_modules",
                    "fan_in_fan_out",
                    "inference_mode",
                    "layers_pattern",
                    "layers_to_transform",
                    "megatron_core",
                    "modules_to_save", // the file of the weights has their tensors
                    "peft_version",
                    "qalora_group_size",
                    "r",
                    "rank_pattern",
                    "revision",
                    "runtime_config",
                    "target_modules",
                    "task_type",
                    "velora_config"); // what training keeps for gradients

    /** Initializations that do not change the weights of the base model. */
    private static final Set<String> PLAIN_INITS = Set.of("gaussian", "eva", "orthogonal", "mica");

    /** The biases that were trained. The file of the weights has their tensors. */
    private static final Set<String> BIASES = Set.of("none", "all", "lora_only");

    private static final double DEFAULT_ALPHA = 8;

    /** Compiling a pattern takes a level of the stack for each pair of parentheses. */
    private static final int MAX_PATTERN = 1000;

    static PeftConfig read(Path file) {
        Json json;
        try {
            json = JsonReader.read(file);
        } catch (JsonException e) {
            throw new WeightsException(String.valueOf(e.getMessage()), e);
        }
        Reader reader = new Reader(JsonPath.root(file.toString()), json);
        if (!json.get("peft_type").string("").equals("LORA")) {
            throw reader.error("peft_type", "must be LORA");
        }
        Json bias = json.get("bias");
        if (!(bias instanceof Json.Null) && !BIASES.contains(bias.string(""))) {
            throw reader.error("bias", "must be none, all or lora_only");
        }
        Json init = json.get("init_lora_weights");
        if (init instanceof Json.Str text && !PLAIN_INITS.contains(text.value())) {
            throw reader.error(
                    "init_lora_weights",
                    "must not change the weights of the base model, as this one does");
        }
        Set<String> read =
                Set.of(
                        "peft_type",
                        "bias",
                        "init_lora_weights",
                        "lora_alpha",
                        "alpha_pattern",
                        "lora_dropout",
                        "use_rslora",
                        "use_dora");
        json.members()
                .forEach(
                        (key, value) -> {
                            if (!read.contains(key)
                                    && !NOT_NEEDED.contains(key)
                                    && !isNeutral(value)) {
                                throw reader.error(
                                        key, "must be absent or null: it is not supported");
                            }
                        });
        Json patterns = json.get("alpha_pattern");
        if (!(patterns instanceof Json.Null) && !(patterns instanceof Json.Obj)) {
            throw reader.error("alpha_pattern", "must be an object");
        }
        Map<Pattern, Double> alphas = new LinkedHashMap<>();
        patterns.members()
                .keySet()
                .forEach(key -> alphas.put(reader.pattern(key), reader.alpha(key)));
        return new PeftConfig(
                reader.number(json, "lora_alpha", DEFAULT_ALPHA),
                alphas,
                reader.number(json, "lora_dropout", 0),
                reader.flag("use_rslora") ? LowRank.Scaling.SQRT_RANK : LowRank.Scaling.RANK,
                reader.flag("use_dora") ? LowRank.Method.DORA : LowRank.Method.LORA);
    }

    private static boolean isNeutral(Json value) {
        return value instanceof Json.Null
                || (value instanceof Json.Bool && !value.bool(true))
                || (value instanceof Json.Obj && value.members().isEmpty())
                || (value instanceof Json.Arr && value.items().isEmpty());
    }

    /** {@return the scale of a module's branch} */
    double scale(String module, int rank) {
        double numerator =
                alphas.entrySet().stream()
                        .filter(e -> e.getKey().matches(module))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(alpha);
        return numerator / denominator(rank);
    }

    /** {@return the number by which alpha is divided} */
    double denominator(int rank) {
        return scaling == LowRank.Scaling.RANK ? rank : Math.sqrt(rank);
    }

    /**
     * {@return the file of branches}
     *
     * @param modules the branch of each module; they differ in rank and alpha alone
     * @param saved the modules and biases that the file has in full
     * @param transposed true if the modules store weights as (in, out)
     */
    static Json write(
            Map<String, LowRank> modules, SavedModules.Written saved, boolean transposed) {
        LowRank adapter = modules.values().iterator().next();
        Map<String, Object> ranks = new LinkedHashMap<>();
        Map<String, Object> alphas = new LinkedHashMap<>();
        modules.forEach(
                (module, branch) -> {
                    if (branch.rank() != adapter.rank()) {
                        ranks.put(module, branch.rank());
                    }
                    if (branch.alpha() != adapter.alpha()) {
                        alphas.put(module, branch.alpha());
                    }
                });
        return Json.object(
                "alpha_pattern",
                alphas,
                "peft_type",
                "LORA",
                "base_model_name_or_path",
                null,
                "bias",
                saved.bias(),
                "fan_in_fan_out",
                transposed,
                "inference_mode",
                true,
                "init_lora_weights",
                true,
                "lora_alpha",
                adapter.alpha(),
                "lora_dropout",
                adapter.dropout(),
                "modules_to_save",
                saved.modules().isEmpty() ? null : saved.modules(),
                "r",
                adapter.rank(),
                "rank_pattern",
                ranks,
                "target_modules",
                List.copyOf(modules.keySet()),
                "task_type",
                null,
                "use_dora",
                adapter.method() == LowRank.Method.DORA,
                "use_rslora",
                adapter.scaling() == LowRank.Scaling.SQRT_RANK);
    }

    private record Reader(JsonPath root, Json json) {

        WeightsException error(String key, String problem) {
            Json value = json.get(key);
            return new WeightsException(
                    String.valueOf(
                            root.key(key)
                                    .error(
                                            value.line(),
                                            key + " " + problem + ", found " + value.compact())
                                    .getMessage()));
        }

        double number(Json owner, String key, double absent) {
            Json value = owner.get(key);
            if (value instanceof Json.Null) {
                return absent;
            }
            if (value instanceof Json.Num number) {
                return Double.parseDouble(number.text());
            }
            throw error(key, "must be a number");
        }

        boolean flag(String key) {
            Json value = json.get(key);
            if (!(value instanceof Json.Null) && !(value instanceof Json.Bool)) {
                throw error(key, "must be true or false");
            }
            return value.bool(false);
        }

        double alpha(String pattern) {
            return number(json.get("alpha_pattern"), pattern, 0);
        }

        /** {@return a pattern of complete names that may begin with parents of the module} */
        Pattern pattern(String text) {
            if (text.length() > MAX_PATTERN) {
                throw error("alpha_pattern", "must have keys of at most 1,000 characters");
            }
            try {
                return Pattern.compile("(.*\\.)?(" + text + ")");
            } catch (PatternSyntaxException e) {
                throw error("alpha_pattern", "must have regular expressions as keys");
            }
        }
    }
}
