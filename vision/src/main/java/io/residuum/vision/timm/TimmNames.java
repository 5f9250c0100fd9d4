package io.residuum.vision.timm;

import io.residuum.json.Json;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.SpecJson;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds presets by the names of timm and torchvision, where these differ in more than dashes. */
public final class TimmNames implements PresetProvider {
    private static final Pattern VIT =
            Pattern.compile(
                    "(vit|deit3|deit(?=.*distilled))-(tiny|small|base)(-distilled)?-patch16-224");

    private static final Map<String, String> SIZES =
            Map.of("tiny", "ti", "small", "s", "base", "b", "large", "l");
    private static final Pattern CAIT = Pattern.compile("cait-([a-z0-9]+)-([0-9]+)");
    private static final Pattern SWIN =
            Pattern.compile(
                    "(swin|swinv2)-(tiny|small|base|large)-(?:patch4-)?window[78]-(224|256)");
    private static final Map<String, String> SWIN_SIZES =
            Map.of("tiny", "t", "small", "s", "base", "b", "large", "l");
    private static final Pattern DINO =
            Pattern.compile("vit-(small|base|large)-patch14(-reg4)?-dinov2");

    /** The presets by torchvision's names, except RegNets. */
    private static final Map<String, String> TORCHVISION =
            Map.of(
                    "mobilenet-v2", "mobilenetv2-100",
                    "mnasnet0-5", "mnasnet-050",
                    "mnasnet0-75", "mnasnet-075",
                    "mnasnet1-0", "mnasnet-100",
                    "mnasnet1-3", "mnasnet-130",
                    "swin-v2-t", "swinv2-t",
                    "swin-v2-s", "swinv2-s",
                    "swin-v2-b", "swinv2-b");

    private static final Pattern REGNET =
            Pattern.compile("regnet-([xy])-([0-9]{1,3})(?:-([0-9]))?(mf|gf)");

    /** The RegNets whose widths torchvision rounds to others. */
    private static final Set<String> ROUNDED = Set.of("regnetx-004", "regnety-008", "regnety-080");

    /** {@return no presets, only names of others} */
    @Override
    public List<Preset> presets() {
        return List.of();
    }

    @Override
    public Optional<String> alias(String architecture) {
        Matcher vit = VIT.matcher(architecture);
        if (vit.matches()) {
            String distilled = vit.group(3) == null ? "" : vit.group(3);
            String size = SIZES.get(vit.group(2));
            return Optional.of(vit.group(1) + "-" + size + "-16" + distilled);
        }
        Matcher swin = SWIN.matcher(architecture);
        if (swin.matches()) {
            return Optional.of(swin.group(1) + "-" + SWIN_SIZES.get(swin.group(2)));
        }
        Matcher dino = DINO.matcher(architecture);
        if (dino.matches()) {
            String registers = dino.group(2) == null ? "" : "-reg4";
            return Optional.of("dinov2-" + SIZES.get(dino.group(1)) + "-14" + registers);
        }
        Matcher cait = CAIT.matcher(architecture);
        if (cait.matches()) {
            String size = cait.group(2).equals("224") ? "" : "-" + cait.group(2);
            return Optional.of("cait-" + cait.group(1) + "-16" + size);
        }
        Matcher regnet = REGNET.matcher(architecture);
        if (regnet.matches()) {
            // 1-6gf and 16 are 1.6 GF, 400mf and 4 are 0.4 GF.
            int tenths =
                    Integer.parseInt(
                            regnet.group(2) + Objects.requireNonNullElse(regnet.group(3), "0"));
            int size = regnet.group(4).equals("gf") ? tenths : tenths / 1000;
            String name = "regnet%s-%03d".formatted(regnet.group(1), size);
            return Optional.of(ROUNDED.contains(name) ? name + "-tv" : name);
        }
        if (architecture.startsWith("flexivit-")) {
            return Optional.of(architecture + "-patch16-240");
        }
        return Optional.ofNullable(TORCHVISION.get(architecture));
    }

    /** {@return timm's word for how a preset pools before its head} */
    static String pool(Preset preset) {
        Json network = SpecJson.standard().tree(preset.spec().network());
        String pool = network.get("pool").string("");
        return switch (preset.family()) {
            case "cait" -> "token";
            case "byobnet" -> network.get("poolHeads").integer(0) > 0 ? "token" : "avg";
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
