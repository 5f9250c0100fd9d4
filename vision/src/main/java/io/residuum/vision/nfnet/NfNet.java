package io.residuum.vision.nfnet;

import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * A residual network without norms for images (Brock et al. 2021, arXiv:2101.08692 and
 * arXiv:2102.06171, NFNet): {@code (N, C, H, W) -> (N, classes)}. The parts are named {@code stem},
 * {@code stage1} and so on (units from {@code 0}), and {@code head}.
 *
 * @param stem the layers before the first unit
 * @param units the number of units in each stage
 * @param widths the channels of each stage
 * @param unit the settings of all units. Default: {@code {}}
 * @param signal the settings that keep the variance of the signal. Default: {@code {}}
 * @param features the channels of a 1x1 convolution before the last activation; 0 for none.
 *     Default: 0
 * @param stochasticDepth the drop-path rate as a function of depth. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("nfnet")
public record NfNet(
        @Default("\"\"") String name,
        Stem stem,
        List<Integer> units,
        List<Integer> widths,
        @Default("{}") NfUnit unit,
        @Default("{}") NfSignal signal,
        @Default("0") int features,
        @Default("0.0") StochasticDepth stochasticDepth,
        int classes)
        implements Family, NfNetBuilder.With {

    /**
     * The layers before the first unit. The first convolution has stride 2, and so has the end of a
     * stem that reduces the image to a quarter. Otherwise the first stage has stride 2.
     *
     * @param widths the channels of each convolution
     * @param kernel the window, odd. Default: 3
     * @param end the last layer with stride 2. Default: none
     */
    public record Stem(
            List<Integer> widths, @Default("3") int kernel, @Default("\"none\"") End end) {

        /** The last layer of a stem with stride 2. */
        public enum End {
            /** None: the stem halves the image. */
            NONE,
            /** The maximum of 3x3 pixels. */
            POOL,
            /** The last convolution. */
            CONVOLUTION
        }

        public Stem {
            widths = List.copyOf(widths);
            Check.that(!widths.isEmpty(), "widths must not be empty");
            widths.forEach(width -> Check.positive("widths", width));
            Check.odd("kernel", kernel);
            Check.that(
                    end != End.CONVOLUTION || widths.size() > 1,
                    "end must be none or pool after one convolution, got %s",
                    end);
        }
    }

    public NfNet {
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        Check.stages(units, widths);
        Check.notNegative("features", features);
        stochasticDepth.requirePerUnit("an NFNet");
        Check.positive("classes", classes);
        Check.that(
                unit.attends() || signal.attentionGain() == NfSignal.DEFAULT.attentionGain(),
                "attentionGain must be %s without attention, got %s; set unit.squeezeExcitation or"
                        + " unit.attention",
                NfSignal.DEFAULT.attentionGain(),
                signal.attentionGain());
    }

    @Override
    public NfNet withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(stemLayers());
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        int channels = stem.widths().get(stem.widths().size() - 1);
        double variance = 1;
        for (int s = 0; s < units.size(); s++) {
            List<LayerSpec> stage = new ArrayList<>();
            for (int u = 0; u < units.get(s); u++) {
                boolean halves = u == 0 && (s > 0 || stem.end() == Stem.End.NONE);
                NfUnit.Settings settings =
                        new NfUnit.Settings(
                                Integer.toString(u),
                                channels,
                                widths.get(s),
                                halves ? 2 : 1,
                                done == 0,
                                variance,
                                stochasticDepth.at(done++, total));
                stage.add(unit.expand(settings, signal));
                channels = widths.get(s);
                // The first unit of a stage resets the variance, also in timm's networks whose
                // first unit keeps the shape.
                variance = (u == 0 ? 1 : variance) + signal.alpha() * signal.alpha();
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        List<LayerSpec> head = new ArrayList<>();
        if (features > 0) {
            head.add(signal.conv("conv", Conv2d.of(features, 1), 1));
        }
        head.add(new Activation("activation", signal.activation(1)));
        head.add(new GlobalAveragePool("pool"));
        head.add(new Linear("fc", classes, true, new InitSpec.Normal(0.01)));
        parts.add(new Sequential("head", head));
        return new Sequential(name, parts);
    }

    private LayerSpec stemLayers() {
        List<LayerSpec> layers = new ArrayList<>();
        int count = stem.widths().size();
        for (int i = 1; i <= count; i++) {
            boolean halves = i == 1 || i == count && stem.end() == Stem.End.CONVOLUTION;
            Conv2d conv =
                    Conv2d.of(stem.widths().get(i - 1), stem.kernel()).withStride(halves ? 2 : 1);
            layers.add(signal.conv(count == 1 ? "conv" : "conv" + i, conv, 1));
            if (i < count) {
                layers.add(new Activation("activation" + (i + 1), signal.activation(1)));
            }
        }
        if (stem.end() == Stem.End.POOL) {
            layers.add(new MaxPool2d("pool", Size2d.of(3), Size2d.of(2), Size2d.of(1)));
        }
        return new Sequential("stem", layers);
    }
}
