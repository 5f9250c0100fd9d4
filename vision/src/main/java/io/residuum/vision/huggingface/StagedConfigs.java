package io.residuum.vision.huggingface;

import io.residuum.model.ConfigObject;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.residual.StochasticDepth;
import io.residuum.residual.StochasticDepth.Schedule;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.vision.convnext.ConvNeXt;
import io.residuum.vision.convnext.ConvNeXtBuilder;
import io.residuum.vision.regnet.RegNetBuilder;
import io.residuum.vision.resnet.ResNet;
import io.residuum.vision.resnet.ResNetUnit;
import io.residuum.vision.resnet.ResNetUnit.Kind;
import io.residuum.vision.resnet.ResNetUnit.StrideOn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the settings of networks whose stages have lists of depths and widths. */
final class StagedConfigs {
    private static final int EXPANSION = 4;

    private StagedConfigs() {}

    static LayerSpec resnet(ConfigObject settings, int classes) {
        String kind = settings.text("layer_type", "bottleneck");
        boolean bottleneck = kind.equals("bottleneck");
        settings.must("layer_type", bottleneck || kind.equals("basic"), "basic or bottleneck");
        settings.mustBeFalse("downsample_in_first_stage");
        // Other activations would be in the stem and after sums only: transformers' branches have
        // ReLU.
        settings.must("hidden_act", settings.text("hidden_act", "relu").equals("relu"), "relu");
        List<Integer> widths = integers(settings, "hidden_sizes", 256, 512, 1024, 2048);
        settings.must(
                "hidden_sizes",
                !bottleneck || widths.stream().allMatch(w -> w % EXPANSION == 0),
                "multiples of " + EXPANSION + " with bottlenecks");
        boolean first = settings.flag("downsample_in_bottleneck", false);
        ResNetUnit unit =
                ResNetUnit.ORIGINAL
                        .with()
                        .kind(bottleneck ? Kind.BOTTLENECK : Kind.BASIC)
                        .strideOn(first && bottleneck ? StrideOn.FIRST : StrideOn.SPATIAL)
                        .build();
        return ResNet.imagenet(50)
                .with()
                .depth(0)
                .units(integers(settings, "depths", 3, 4, 6, 3))
                .widths(bottleneck ? widths.stream().map(w -> w / EXPANSION).toList() : widths)
                .stemWidth(settings.integer("embedding_size", 64))
                .unit(unit)
                .classes(classes)
                .build();
    }

    static LayerSpec regnet(ConfigObject settings, int classes) {
        String kind = settings.text("layer_type", "y");
        boolean squeezes = kind.equals("y");
        settings.must("layer_type", squeezes || kind.equals("x"), "x or y");
        settings.must(
                "downsample_in_first_stage",
                settings.flag("downsample_in_first_stage", true),
                "true");
        // Squeeze-excitation of transformers always has ReLU, and ours the activation of all units.
        settings.must(
                "hidden_act",
                !squeezes || settings.text("hidden_act", "relu").equals("relu"),
                "relu with \"layer_type\": \"y\"");
        List<Integer> widths = integers(settings, "hidden_sizes", 128, 192, 512, 1088);
        int least = settings.integer("groups_width", 64);
        List<Integer> groups = new ArrayList<>();
        for (int width : widths) {
            int count = Math.max(1, width / least);
            settings.must("groups_width", width % count == 0, "a divisor of hidden_sizes");
            groups.add(width / count);
        }
        return Defaults.fill(RegNetBuilder.builder())
                .stem(settings.integer("embedding_size", 32))
                .units(integers(settings, "depths", 2, 6, 12, 2))
                .widths(widths)
                .groupWidths(groups)
                .squeezeExcitation(squeezes ? 0.25 : 0)
                .activation(TransformersConfig.activation(settings, "hidden_act", "relu"))
                .classes(classes)
                .build();
    }

    static LayerSpec convnext(ConfigObject settings, int classes, boolean second) {
        settings.must("patch_size", settings.size("patch_size", 4).equals(Size2d.of(4)), "4");
        List<Integer> depths = integers(settings, "depths", 3, 3, 9, 3);
        settings.must(
                "num_stages",
                settings.integer("num_stages", depths.size()) == depths.size(),
                "the number of depths, " + depths.size());
        double scale = second ? 0 : settings.number("layer_scale_init_value", 1e-6);
        ConvNeXt.Unit unit =
                Defaults.of(ConvNeXt.Unit.class)
                        .with()
                        .layerScale(Math.max(0, scale))
                        .responseNorm(second)
                        .activation(TransformersConfig.activation(settings, "hidden_act", "gelu"))
                        .build();
        NormSpec last = new NormSpec.OfLayer(settings.number("layer_norm_eps", 1e-12), 1);
        StochasticDepth depth =
                StochasticDepth.of(settings.number("drop_path_rate", 0))
                        .withSchedule(Schedule.LINEAR_FROM_ZERO);
        return Defaults.fill(ConvNeXtBuilder.builder())
                .units(depths)
                .widths(integers(settings, "hidden_sizes", 96, 192, 384, 768))
                .unit(unit)
                .head(new ConvNeXt.Head(false, 0, 0, last))
                .stochasticDepth(depth)
                .classes(classes)
                .build();
    }

    /** Returns a list of sizes, or what transformers has without one. */
    static List<Integer> integers(ConfigObject settings, String key, int... absent) {
        List<Double> usual = Arrays.stream(absent).asDoubleStream().boxed().toList();
        List<Double> given = settings.numbers(key, usual);
        settings.must(
                key,
                given.stream().allMatch(n -> n > 0 && n == n.intValue()),
                "a list of positive whole numbers");
        return given.stream().map(Double::intValue).toList();
    }
}
