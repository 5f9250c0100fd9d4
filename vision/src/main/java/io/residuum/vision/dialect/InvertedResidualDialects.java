package io.residuum.vision.dialect;

import io.residuum.spec.Preset;
import io.residuum.vision.efficientnet.BlockRow;
import io.residuum.vision.efficientnet.EfficientNet;
import io.residuum.vision.efficientnet.EfficientNetPresets;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Rule;
import io.residuum.weights.dialect.TensorNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Builds torchvision's dialects of networks of inverted residuals. torchvision numbers the layers
 * of a block, so a name depends on whether the block has squeeze-excitation. MobileNets number the
 * blocks of all stages in one sequence. So each kind of network has a table for itself.
 */
final class InvertedResidualDialects {
    /** The ways in which torchvision names blocks and their layers. */
    private enum Style {
        MOBILENET_V2,
        MOBILENET_V3,
        MNASNET,
        EFFICIENTNET
    }

    private final Style style;

    /** The prefix of our names; networks on these features have {@code backbone} instead. */
    private final String prefix;

    private final List<Rule> rules = new ArrayList<>();

    private InvertedResidualDialects(Style style, String prefix) {
        this.style = style;
        this.prefix = prefix;
    }

    /**
     * {@return the tables of segmentation networks on the features of MobileNetV3}
     *
     * @param deeplab the table of DeepLabV3 on ResNets, whose head is the same
     */
    static List<Dialect> segmentation(Dialect deeplab) {
        EfficientNet large = preset(new EfficientNetPresets().presets(), "mobilenet-v3-large");
        InvertedResidualDialects features =
                new InvertedResidualDialects(Style.MOBILENET_V3, "backbone.");
        features.network(large);
        InvertedResidualDialects lite =
                new InvertedResidualDialects(Style.MOBILENET_V3, "backbone.");
        lite.network(large);
        lite.rule("head.features.conv.*", "classifier.cbr.0.*");
        lite.rule("head.features.norm.*", "classifier.cbr.1.*");
        lite.rule("head.gate.conv.*", "classifier.scale.1.*");
        lite.rule("head.low.*", "classifier.low_classifier.*");
        lite.rule("head.high.*", "classifier.high_classifier.*");
        return List.of(
                features.table("deeplabv3_mobilenet_v3_large").extending(deeplab),
                lite.table("lraspp_mobilenet_v3_large"));
    }

    /** {@return the tables; a table of fewer stages precedes those that have its stages too} */
    static List<Dialect> all() {
        List<Preset> presets = new EfficientNetPresets().presets();
        return List.of(
                table("mobilenet_v2", Style.MOBILENET_V2, preset(presets, "mobilenetv2-100")),
                table(
                        "mobilenet_v3_small",
                        Style.MOBILENET_V3,
                        preset(presets, "mobilenet-v3-small")),
                table(
                        "mobilenet_v3_large",
                        Style.MOBILENET_V3,
                        preset(presets, "mobilenet-v3-large")),
                table("mnasnet", Style.MNASNET, preset(presets, "mnasnet-100")),
                table("efficientnet", Style.EFFICIENTNET, preset(presets, "efficientnet-b0")),
                table("efficientnet_v2_s", Style.EFFICIENTNET, preset(presets, "efficientnetv2-s")),
                table("efficientnet_v2", Style.EFFICIENTNET, preset(presets, "efficientnetv2-m")));
    }

    private static EfficientNet preset(List<Preset> presets, String name) {
        Preset found =
                presets.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
        return (EfficientNet) found.spec().network();
    }

    private static Dialect table(String name, Style style, EfficientNet network) {
        InvertedResidualDialects table = new InvertedResidualDialects(style, "");
        table.network(network);
        return table.table(name);
    }

    private Dialect table(String name) {
        return Dialect.of(
                "torchvision",
                name,
                name + " of torchvision",
                rules,
                List.of("*.num_batches_tracked"));
    }

    private void network(EfficientNet network) {
        boolean mnasnet = style == Style.MNASNET;
        ends("stem", mnasnet ? "layers.%d" : "features.0.%d", 0);
        int index = 1;
        for (int s = 1; s <= network.stages().size(); s++) {
            int unit = 0;
            for (BlockRow row : network.stages().get(s - 1)) {
                if (style == Style.EFFICIENTNET) {
                    // Sizes of EfficientNet differ in the number of blocks in a stage.
                    unit("stage" + s + ".{u}", row, "features." + s + ".{u}.block", 0);
                    continue;
                }
                for (int r = 0; r < row.repeats(); r++) {
                    block(s, unit++, index++, row);
                }
            }
        }
        int last = style == Style.EFFICIENTNET ? network.stages().size() + 1 : index;
        if (!network.head().pooled()) {
            ends("head", mnasnet ? "layers.%d" : "features." + last + ".%d", mnasnet ? 14 : 0);
        }
        if (!prefix.isEmpty()) {
            return;
        }
        rename("head.hidden.*", "classifier.0.*");
        rename("head.fc.*", network.head().pooled() ? "classifier.3.*" : "classifier.1.*");
    }

    private void block(int stage, int unit, int index, BlockRow row) {
        String ours = "stage" + stage + "." + unit;
        boolean plain = row.kind() == BlockRow.Kind.CONVOLUTION;
        switch (style) {
            case MOBILENET_V2 -> unit(ours, row, "features." + index + ".conv", 0);
            case MNASNET -> {
                if (stage == 1) {
                    unit(ours, row, "layers", 1); // after the stem
                } else {
                    unit(ours, row, "layers." + (stage + 6) + "." + unit + ".layers", 0);
                }
            }
            default -> unit(ours, row, "features." + index + (plain ? "" : ".block"), 0);
        }
    }

    /** Adds the names of a block, whose layers have numbers from a first step on. */
    private void unit(String ours, BlockRow row, String theirs, int first) {
        List<String> convolutions =
                switch (row.kind()) {
                    case INVERTED -> List.of("expand", "depthwise", "project");
                    case SEPARABLE, SEPARABLE_ACTIVATED -> List.of("depthwise", "pointwise");
                    case FUSED -> List.of("fused", "project");
                    case CONVOLUTION -> List.of("conv");
                    case UNIVERSAL ->
                            throw new IllegalArgumentException(
                                    "torchvision has no universal blocks");
                };
        String branch = ours + ".branch";
        int step = first;
        for (int c = 1; c <= convolutions.size(); c++) {
            boolean last = c == convolutions.size();
            if (last && row.squeezeExcitation() > 0) {
                squeeze(branch + ".se.reduce", theirs + "." + step + ".fc1");
                squeeze(branch + ".se.expand", theirs + "." + step + ".fc2");
                step++;
            }
            rename(
                    branch + "." + convolutions.get(c - 1) + ".*",
                    theirs + "." + layer(row, step, last, 0) + ".*");
            rename(branch + ".norm" + c + ".*", theirs + "." + layer(row, step, last, 1) + ".*");
            step++;
        }
    }

    /** {@return the number of a convolution (part 0) or of its norm (part 1) in a block} */
    private String layer(BlockRow row, int step, boolean last, int part) {
        return switch (style) {
            case MNASNET -> Integer.toString(3 * step + part); // the activation is the third
            case MOBILENET_V2 -> last ? Integer.toString(step + part) : step + "." + part;
            case MOBILENET_V3 ->
                    row.kind() == BlockRow.Kind.CONVOLUTION
                            ? Integer.toString(part)
                            : step + "." + part;
            case EFFICIENTNET -> step + "." + part;
        };
    }

    /** Adds the names of the first or last convolution and its norm. */
    private void ends(String ours, String theirs, int first) {
        rename(ours + ".conv.*", theirs.formatted(first) + ".*");
        rename(ours + ".norm.*", theirs.formatted(first + 1) + ".*");
    }

    private void squeeze(String ours, String theirs) {
        rules.add(
                Rule.rearranging(
                        TensorNames.of(prefix + ours + ".weight"),
                        TensorNames.of(within(theirs) + ".weight"),
                        "o i 1 1 -> o i",
                        Map.of()));
        rename(ours + ".bias", theirs + ".bias");
    }

    private void rename(String ours, String theirs) {
        rule(prefix + ours, within(theirs));
    }

    private String within(String theirs) {
        return prefix.isEmpty() ? theirs : theirs.replaceFirst("^features\\.", "backbone.");
    }

    private void rule(String ours, String theirs) {
        rules.add(Rule.renaming(TensorNames.of(ours), TensorNames.of(theirs)));
    }
}
