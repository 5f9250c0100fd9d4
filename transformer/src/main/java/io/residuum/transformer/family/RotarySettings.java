package io.residuum.transformer.family;

import io.residuum.model.ConfigObject;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.branch.RotaryScaling;
import java.util.List;
import java.util.Set;

/**
 * Reads the rotary positions of transformers: {@code rope_parameters}, or {@code rope_theta} with
 * {@code rope_scaling} in older files.
 *
 * @param settings the {@code config.json}
 * @param headWidth the width of a head
 * @param length the number of positions of the model
 * @param interleaved true if neighbours form a pair
 * @param base the base that a file may leave out
 * @param fraction the rotated part of a head that a file may leave out
 */
record RotarySettings(
        ConfigObject settings,
        int headWidth,
        int length,
        boolean interleaved,
        double base,
        double fraction) {

    /** The model types whose settings may rotate a part of each head; others rotate all of it. */
    private static final Set<String> PARTIAL =
            Set.of(
                    "glm",
                    "glm4",
                    "glm4_moe",
                    "gpt_neox",
                    "minimax_m2",
                    "nemotron",
                    "persimmon",
                    "phi",
                    "phi3",
                    "stablelm");

    RotarySettings withBase(double other) {
        return new RotarySettings(settings, headWidth, length, interleaved, other, fraction);
    }

    /**
     * {@return the positions of layers of a type}
     *
     * @param type the type, if there are settings for each, such as {@code full_attention}
     * @param scaled true if {@code rope_scaling} of older files is for these layers
     */
    PositionSpec.Rotary of(String type, boolean scaled) {
        double theta = settings.number("rope_theta", base);
        double part = settings.number("partial_rotary_factor", fraction);
        String key = settings.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
        settings.ignore("rope_scaling");
        ConfigObject scaling = settings.object(key).orElse(null);
        if (scaling != null && scaling.isObject(type)) {
            scaling = scaling.object(type).orElseThrow();
        } else if (scaling != null && !scaled) {
            scaling = null;
        }
        if (scaling != null) {
            theta = scaling.number("rope_theta", theta);
            part = scaling.number("partial_rotary_factor", part);
        }
        settings.must(
                "partial_rotary_factor",
                part == fraction || PARTIAL.contains(settings.text("model_type", "")),
                fraction + ", as transformers does not read it for this model type");
        int width = (int) (headWidth * part);
        settings.must(
                "partial_rotary_factor",
                width > 0 && width <= headWidth && width % 2 == 0,
                "in (0, 1] and rotate an even number of elements of a head of " + headWidth);
        RotaryScaling how = RotaryScaling.NONE;
        if (scaling != null) {
            how = scaling(scaling, width / 2);
            theta *= stretch(scaling);
            scaling.finish();
        }
        // transformers stores rows in the order in which it rotates them.
        return new PositionSpec.Rotary(
                theta, interleaved, how, width == headWidth ? 0 : width, interleaved);
    }

    /**
     * {@return the factor of the base: that of GTE's "ntk", and that by which Hunyuan multiplies
     * the base of "dynamic" for all lengths}
     */
    private double stretch(ConfigObject scaling) {
        if (type(scaling).equals("ntk")) {
            return scaling.number("factor", 1);
        }
        if (!settings.text("model_type", "").startsWith("hunyuan_v1_")
                || !type(scaling).equals("dynamic")) {
            return 1;
        }
        // Its files have settings of "yarn" too, which "dynamic" does not read.
        scaling.ignore("beta_fast", "beta_slow", "mscale", "mscale_all_dim");
        double alpha = scaling.number("alpha", 0);
        return alpha > 0 ? Math.pow(alpha, headWidth / (headWidth - 2.0)) : 1;
    }

    private static String type(ConfigObject scaling) {
        return scaling.text("rope_type", scaling.text("type", "default"));
    }

    private RotaryScaling scaling(ConfigObject scaling, int pairs) {
        scaling.ignore("type");
        return switch (type(scaling)) {
            // "dynamic" changes the base only for texts beyond the model's positions.
            case "default", "dynamic" -> {
                scaling.ignore("factor", "original_max_position_embeddings");
                yield RotaryScaling.NONE;
            }
            case "linear" -> new RotaryScaling.Linear(scaling.number("factor", 1));
            case "llama3" ->
                    new RotaryScaling.Llama3(
                            scaling.number("factor", 8),
                            scaling.number("low_freq_factor", 1),
                            scaling.number("high_freq_factor", 4),
                            scaling.integer("original_max_position_embeddings", 8192));
            case "yarn" -> yarn(scaling);
            case "ntk" -> ntk(scaling, pairs);
            case "longrope", "su" -> longRope(scaling, pairs);
            default ->
                    throw scaling.refusal(
                            "rope_type",
                            "must be default, dynamic, linear, llama3, longrope or yarn");
        };
    }

    /**
     * {@return GTE's scaling, beside the larger base: all frequencies become lower by a power of
     * the factor, so that the lowest one is divided by the factor}
     */
    private RotaryScaling ntk(ConfigObject scaling, int pairs) {
        settings.must(
                "rope_scaling",
                settings.text("model_type", "").equals("new"),
                "of another type than ntk, whose meaning depends on the model's code");
        scaling.must("mixed_b", !scaling.has("mixed_b"), "null");
        double factor = scaling.number("factor", 1);
        scaling.must("factor", factor >= 1, "at least 1");
        return new RotaryScaling.Linear(Math.pow(factor, 1.0 / pairs));
    }

    private RotaryScaling yarn(ConfigObject scaling) {
        int original = original(scaling);
        double factor = scaling.number("factor", length / (double) original);
        double attention = scaling.number("attention_factor", 0);
        double mscale = scaling.number("mscale", 0);
        double all = scaling.number("mscale_all_dim", 0);
        if (attention == 0 && mscale != 0 && all != 0) {
            attention = mscale(factor, mscale) / mscale(factor, all);
        }
        return new RotaryScaling.Yarn(
                factor,
                original,
                scaling.number("beta_fast", 32),
                scaling.number("beta_slow", 1),
                attention,
                scaling.flag("truncate", true));
    }

    private static double mscale(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private RotaryScaling longRope(ConfigObject scaling, int pairs) {
        for (String key : List.of("short_factor", "long_factor")) {
            int found = scaling.numbers(key, List.of()).size();
            scaling.must(key, found == pairs, "one number for each of %d pairs".formatted(pairs));
        }
        int original = original(scaling);
        double factor = scaling.number("factor", length / (double) original);
        double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new RotaryScaling.LongRope(
                scaling.numbers("short_factor", List.of()),
                scaling.numbers("long_factor", List.of()),
                original,
                scaling.number("attention_factor", attention));
    }

    private int original(ConfigObject scaling) {
        int whole = settings.integer("original_max_position_embeddings", length);
        return scaling.integer("original_max_position_embeddings", whole);
    }
}
