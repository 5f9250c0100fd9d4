package io.residuum.vision.timm;

import io.residuum.spec.Preset;
import io.residuum.spec.json.SpecJson;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of our presets in timm. */
final class TimmNames {
    private static final Pattern VIT =
            Pattern.compile("(vit|deit|deit3)_(tiny|small|base)(_distilled)?_patch16_[0-9]+");

    /** DeiTs without distillation are the same networks as ViTs. */
    private static final Map<String, String> FAMILIES = Map.of("deit", "vit");

    private static final Map<String, String> SIZES =
            Map.of("tiny", "ti", "small", "s", "base", "b", "large", "l");
    private static final Pattern CAIT = Pattern.compile("cait_([a-z0-9]+)_([0-9]+)");
    private static final Pattern SWIN =
            Pattern.compile(
                    "(swin|swinv2)_(tiny|small|base|large)_(?:patch4_)?window[78]_(224|256)");
    private static final Map<String, String> SWIN_SIZES =
            Map.of("tiny", "t", "small", "s", "base", "b", "large", "l");
    private static final Pattern DINO =
            Pattern.compile("vit_(small|base|large)_patch14(_reg4)?_dinov2");
    private static final Pattern SIGLIP = Pattern.compile("vit_base_patch16_siglip_[0-9]+");

    private TimmNames() {}

    /** {@return the preset of an architecture, whose image size may be another one} */
    static String preset(String architecture) {
        Matcher vit = VIT.matcher(architecture);
        if (vit.matches()) {
            boolean distilled = vit.group(3) != null;
            String family = vit.group(1);
            return (distilled ? family : FAMILIES.getOrDefault(family, family))
                    + "-"
                    + SIZES.get(vit.group(2))
                    + "-16"
                    + (distilled ? "-distilled" : "");
        }
        Matcher swin = SWIN.matcher(architecture);
        if (swin.matches()) {
            return swin.group(1) + "-" + SWIN_SIZES.get(swin.group(2));
        }
        Matcher dino = DINO.matcher(architecture);
        if (dino.matches()) {
            String registers = dino.group(2) == null ? "" : "-reg4";
            return "dinov2-" + SIZES.get(dino.group(1)) + "-14" + registers;
        }
        if (SIGLIP.matcher(architecture).matches()) {
            return "siglip-b-16";
        }
        Matcher cait = CAIT.matcher(architecture);
        if (cait.matches()) {
            String size = cait.group(2).equals("224") ? "" : "-" + cait.group(2);
            return "cait-" + cait.group(1) + "-16" + size;
        }
        if (architecture.startsWith("flexivit_")) {
            return architecture.replace('_', '-') + "-patch16-240";
        }
        return architecture.replace('_', '-');
    }

    /** {@return timm's word for how a preset pools before its head} */
    static String pool(Preset preset) {
        String pool = SpecJson.standard().tree(preset.spec().network()).get("pool").string("");
        return switch (preset.family()) {
            case "cait" -> "token";
            case "vit" ->
                    switch (pool) {
                        case "mean" -> "avg";
                        case "attention", "patch-attention" -> "map";
                        default -> "token";
                    };
            default -> "avg";
        };
    }
}
