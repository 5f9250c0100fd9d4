package io.residuum.vision.huggingface;

import static io.residuum.vision.huggingface.StagedConfigs.integers;

import io.residuum.model.ConfigObject;
import io.residuum.model.huggingface.TransformersConfig;
import io.residuum.nn.Shapes;
import io.residuum.residual.StochasticDepth;
import io.residuum.residual.StochasticDepth.Schedule;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.efficientnet.BlockRow;
import io.residuum.vision.efficientnet.BlockRow.Kind;
import io.residuum.vision.efficientnet.BlockRowBuilder;
import io.residuum.vision.efficientnet.BlockSettings;
import io.residuum.vision.efficientnet.EfficientNet;
import io.residuum.vision.efficientnet.EfficientNetBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the settings of MobileNetV2 and EfficientNet. Transformers numbers the blocks of all stages
 * in one sequence, so these networks have one stage of inverted residuals.
 */
final class InvertedConfigs {
    private static final int DIVISOR = 8;
    private static final double LIMIT = 0.9;
    private static final int HEAD = 1280;

    private static final int[] MOBILE_CHANNELS = {
        24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320
    };
    private static final int[] MOBILE_STRIDES = {2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1};

    private InvertedConfigs() {}

    static LayerSpec mobilenet(ConfigObject settings, int classes) {
        for (String key : List.of("depth_divisible_by", "min_depth")) {
            settings.must(key, settings.integer(key, DIVISOR) == DIVISOR, "8");
        }
        settings.must("output_stride", settings.integer("output_stride", 32) == 32, "32");
        settings.must(
                "first_layer_is_expansion",
                settings.flag("first_layer_is_expansion", true),
                "true");
        settings.ignore("semantic_loss_ignore_index");
        double factor = settings.number("depth_multiplier", 1);
        double ratio = settings.number("expand_ratio", 6);
        List<BlockRow> rows = new ArrayList<>();
        for (int i = 0; i < MOBILE_CHANNELS.length; i++) {
            int channels = scaled(MOBILE_CHANNELS[i], factor);
            rows.add(row(Kind.INVERTED, MOBILE_STRIDES[i], ratio, channels).build());
        }
        boolean wide = settings.flag("finegrained_output", true) && factor < 1;
        // The first block belongs to transformers' stem and has no shortcut.
        BlockRow first = row(Kind.SEPARABLE, 1, 1, scaled(16, factor)).skip(false).build();
        BlockSettings block =
                block(
                        settings,
                        settings.number("layer_norm_eps", 1e-3),
                        0.997,
                        TransformersConfig.activation(settings, "hidden_act", "relu6"),
                        settings.flag("tf_padding", true));
        return Defaults.fill(EfficientNetBuilder.builder())
                .stem(scaled(32, factor))
                .stages(List.of(List.of(first), rows))
                .block(block)
                .head(new EfficientNet.Head(wide ? HEAD : scaled(HEAD, factor), false, true))
                .dropout(settings.number("classifier_dropout_prob", 0.8))
                .classes(classes)
                .build();
    }

    private static int scaled(int channels, double factor) {
        return Shapes.divisible((int) Math.rint(channels * factor), DIVISOR, LIMIT);
    }

    static LayerSpec efficientnet(ConfigObject settings, InputSpec.Image input, int classes) {
        settings.must("pooling_type", settings.text("pooling_type", "mean").equals("mean"), "mean");
        int divisor = settings.integer("depth_divisor", DIVISOR);
        settings.must("depth_divisor", divisor % DIVISOR == 0, "a multiple of 8");
        double width = settings.number("width_coefficient", 2);
        double depth = settings.number("depth_coefficient", 3.1);
        double share = settings.number("squeeze_expansion_ratio", 0.25);
        List<Integer> kernels = integers(settings, "kernel_sizes", 3, 3, 5, 3, 5, 5, 3);
        List<Integer> in = integers(settings, "in_channels", 32, 16, 24, 40, 80, 112, 192);
        List<Integer> out = integers(settings, "out_channels", 16, 24, 40, 80, 112, 192, 320);
        List<Integer> strides = integers(settings, "strides", 1, 2, 2, 2, 1, 2, 1);
        List<Integer> repeats = integers(settings, "num_block_repeats", 1, 2, 2, 3, 3, 4, 1);
        List<Integer> ratios = integers(settings, "expand_ratios", 1, 6, 6, 6, 6, 6, 6);
        for (List<Integer> list : List.of(kernels, out, strides, repeats, ratios)) {
            settings.must("in_channels", list.size() == in.size(), "as long as the other lists");
        }
        List<BlockRow> rows = new ArrayList<>();
        int channels = divisible(32, width, divisor);
        int stem = channels;
        for (int i = 0; i < in.size(); i++) {
            settings.must(
                    "in_channels",
                    divisible(in.get(i), width, divisor) == channels,
                    "32 and out_channels");
            int count = (int) Math.ceil(depth * repeats.get(i));
            for (int j = 0; j < count; j++) {
                boolean begins = j == 0;
                Kind kind = ratios.get(i) == 1 ? Kind.SEPARABLE : Kind.INVERTED;
                int hidden = Math.max(1, (int) (channels * share));
                int next = divisible(out.get(i), width, divisor);
                rows.add(
                        row(kind, begins ? strides.get(i) : 1, ratios.get(i), next)
                                .kernel(kernels.get(i))
                                .squeezeExcitation(hidden / (double) channels)
                                // The first block of a stage has no shortcut.
                                .skip(!begins)
                                .build());
                channels = next;
            }
        }
        requirePadding(settings, input, rows);
        int head = divisible(HEAD, width, divisor);
        settings.must("hidden_dim", settings.integer("hidden_dim", 2560) == head, "" + head);
        StochasticDepth drop =
                StochasticDepth.of(settings.number("drop_connect_rate", 0.2))
                        .withSchedule(Schedule.LINEAR_BELOW);
        settings.ignore("num_hidden_layers");
        BlockSettings block =
                block(
                        settings,
                        settings.number("batch_norm_eps", 1e-3),
                        settings.number("batch_norm_momentum", 0.99),
                        TransformersConfig.activation(settings, "hidden_act", "swish"),
                        true);
        return Defaults.fill(EfficientNetBuilder.builder())
                .stem(stem)
                .stages(List.of(rows))
                .block(block)
                .head(new EfficientNet.Head(head, false, true))
                .dropout(settings.number("dropout_rate", 0.5))
                .stochasticDepth(drop)
                .classes(classes)
                .build();
    }

    private static int divisible(int channels, double factor, int divisor) {
        return Shapes.divisible(channels * factor, divisor, LIMIT);
    }

    /**
     * Requires equal padding of all sides exactly where TensorFlow pads an image of the given size
     * so: before strided convolutions of an odd size.
     */
    private static void requirePadding(
            ConfigObject settings, InputSpec.Image input, List<BlockRow> rows) {
        List<Double> given = settings.numbers("depthwise_padding", List.of());
        for (int axis = 1; axis <= 2; axis++) {
            int size = input.shape().get(axis);
            settings.must("image_size", size % 2 == 0, "even");
            size /= 2;
            for (int i = 0; i < rows.size(); i++) {
                int stride = rows.get(i).stride();
                settings.must(
                        "depthwise_padding",
                        stride == 1 || size % 2 == 1 == given.contains((double) i),
                        "the blocks with stride 2 whose input has an odd size");
                size = (size + stride - 1) / stride;
            }
        }
    }

    private static BlockRowBuilder row(Kind kind, int stride, double expansion, int channels) {
        return Defaults.fill(BlockRowBuilder.builder())
                .kind(kind)
                .stride(stride)
                .expansion(kind == Kind.SEPARABLE ? 1 : expansion)
                .channels(channels);
    }

    /** Keras' momentum is the share of the running statistics that stays. */
    private static BlockSettings block(
            ConfigObject settings,
            double eps,
            double kept,
            ActivationSpec activation,
            boolean same) {
        settings.must("batch_norm_momentum", kept >= 0 && kept <= 1, "in [0, 1]");
        return Defaults.of(BlockSettings.class)
                .with()
                .norm(new NormSpec.Batch(eps, 1 - kept, 1))
                .activation(activation)
                .same(same)
                .build();
    }
}
