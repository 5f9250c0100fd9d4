package io.residuum.vision.convnext;

import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.Permute;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A ConvNeXt for images (Liu et al. 2022, arXiv:2201.03545; version 2, Woo et al. 2023,
 * arXiv:2301.00808): {@code (N, C, H, W) -> (N, classes)}. The parts are named {@code stem}, {@code
 * stage1} to {@code stage4} ({@code downsample} and the units from {@code 0}), and {@code head}.
 *
 * @param stem the layers before the first stage. Default: patch
 * @param units the number of units in each stage
 * @param widths the channels of each stage
 * @param unit the settings of all units. Default: {@code {}}
 * @param head the layers after the last stage. Default: {@code {}}
 * @param stochasticDepth the drop-path rate as a function of depth; timm and torchvision spread it
 *     with the schedule {@code linear-from-zero}. Default: none
 * @param patch the window and stride of the stem {@code patch}; 1 or 2 suits images of 32x32
 *     pixels. Default: 4
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("convnext")
public record ConvNeXt(
        @Default("\"\"") String name,
        @Default("\"patch\"") Stem stem,
        List<Integer> units,
        List<Integer> widths,
        @Default("{}") Unit unit,
        @Default("{}") Head head,
        @Default("0.0") StochasticDepth stochasticDepth,
        @Default("4") int patch,
        int classes)
        implements Family, ConvNeXtBuilder.With {

    /** The layers before the first stage, which reduce the image to a quarter of its size. */
    public enum Stem {
        /**
         * A convolution of patches, 4x4 with stride 4 unless {@code patch} says other, and a norm.
         */
        PATCH,
        /** Two 3x3 convolutions with stride 2, and a norm. */
        OVERLAP,
        /** As overlap; the first convolution has half of the channels. */
        OVERLAP_TIERED,
        /** As overlap, with an activation between the convolutions. */
        OVERLAP_ACTIVATED
    }

    /**
     * The settings that all units share.
     *
     * @param kernel the window of the depthwise convolution. Default: 7
     * @param expansion the hidden width by the unit's width. Default: 4
     * @param layerScale the initial factor per channel of the branch; 0 for no factor, as in
     *     version 2. Default: 1e-6
     * @param responseNorm true for global response normalization of the hidden channels, as in
     *     version 2. Default: false
     * @param convolutions true for 1x1 convolutions, false for linear maps with channels last,
     *     which compute the same with weights of another shape. Default: false
     * @param norm the norm. Default: channel
     * @param activation the activation. Default: gelu
     * @param kernels the window in each stage instead of one kernel. Default: empty
     */
    @WithBuilder
    public record Unit(
            @Default("7") int kernel,
            @Default("4.0") double expansion,
            @Default("1e-6") double layerScale,
            @Default("false") boolean responseNorm,
            @Default("false") boolean convolutions,
            @Default("\"channel\"") NormSpec norm,
            @Default("\"gelu\"") ActivationSpec activation,
            @Default("[]") List<Integer> kernels)
            implements ConvNeXtUnitBuilder.With {
        public Unit {
            Check.odd("kernel", kernel);
            kernels = List.copyOf(kernels);
            kernels.forEach(window -> Check.odd("kernels", window));
            Check.that(
                    kernels.isEmpty() || kernel == 7,
                    "kernel must be left out beside kernels, got %s and %s",
                    kernel,
                    kernels);
            Check.positive("expansion", expansion);
            Check.finite("layerScale", layerScale);
        }
    }

    /**
     * The layers after the last stage.
     *
     * @param normFirst true for the norm before the pooling. Default: false
     * @param hidden the width of a linear map with an activation before the classifier; 0 for none.
     *     Default: 0
     * @param dropout the dropout rate before the classifier. Default: 0
     * @param norm the norm. Default: that of the units
     */
    public record Head(
            @Default("false") boolean normFirst,
            @Default("0") int hidden,
            @Default("0.0") double dropout,
            @Nullable NormSpec norm) {
        public Head {
            Check.notNegative("hidden", hidden);
            Check.rate("dropout", dropout);
        }

        /**
         * Creates a head with the norm of the units.
         *
         * @param normFirst true for the norm before the pooling
         * @param hidden the width of a linear map before the classifier; 0 for none
         * @param dropout the dropout rate before the classifier
         */
        public Head(boolean normFirst, int hidden, double dropout) {
            this(normFirst, hidden, dropout, null);
        }
    }

    public ConvNeXt {
        units = List.copyOf(units);
        widths = List.copyOf(widths);
        Check.stages(units, widths);
        Check.that(
                unit.kernels().isEmpty() || unit.kernels().size() == units.size(),
                "unit.kernels must have one entry for each stage, got %s",
                unit.kernels());
        Check.positive("patch", patch);
        Check.that(
                patch == 4 || stem == Stem.PATCH,
                "patch must be 4 unless stem is patch, got %s",
                patch);
        stochasticDepth.requirePerUnit("a ConvNeXt");
        Check.positive("classes", classes);
    }

    @Override
    public ConvNeXt withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<LayerSpec> parts = new ArrayList<>();
        parts.add(stemLayers());
        int total = units.stream().mapToInt(Integer::intValue).sum();
        int done = 0;
        for (int s = 0; s < units.size(); s++) {
            List<LayerSpec> stage = new ArrayList<>();
            int width = widths.get(s);
            int kernel = unit.kernels().isEmpty() ? unit.kernel() : unit.kernels().get(s);
            if (s > 0) {
                stage.add(new Sequential("downsample", norm(), conv("conv", width, 2, 2, 0)));
            }
            for (int u = 0; u < units.get(s); u++) {
                ScaleSpec scale =
                        unit.layerScale() == 0
                                ? ScaleSpec.NONE
                                : new ScaleSpec.Learned(unit.layerScale(), true);
                stage.add(
                        Residual.builder(
                                        Integer.toString(u),
                                        new Sequential("", branch(width, kernel)))
                                .scale(scale)
                                .dropPath(stochasticDepth.at(done++, total))
                                .build());
            }
            parts.add(new Sequential("stage" + (s + 1), stage));
        }
        parts.add(headLayers());
        return new Sequential(name, parts);
    }

    private LayerSpec stemLayers() {
        int width = widths.get(0);
        if (stem == Stem.PATCH) {
            return new Sequential("stem", conv("conv", width, patch, patch, 0), norm());
        }
        List<LayerSpec> layers = new ArrayList<>();
        int first = stem == Stem.OVERLAP_TIERED ? Math.max(8, (width / 2 + 4) / 8 * 8) : width;
        layers.add(conv("conv1", first, 3, 2, 1));
        if (stem == Stem.OVERLAP_ACTIVATED) {
            layers.add(new Activation("activation", unit.activation()));
        }
        layers.add(conv("conv2", width, 3, 2, 1));
        layers.add(norm());
        return new Sequential("stem", layers);
    }

    private List<LayerSpec> branch(int width, int kernel) {
        int hidden = (int) (width * unit.expansion());
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(conv("depthwise", width, kernel, 1, (kernel - 1) / 2).withGroups(width));
        if (!unit.convolutions()) {
            layers.add(new Permute("last", List.of(2, 3, 1), true));
        }
        layers.add(norm());
        layers.add(map("fc1", hidden));
        layers.add(new Activation("activation", unit.activation()));
        if (unit.responseNorm()) {
            layers.add(new Normalization("grn", new NormSpec.GlobalResponse(1e-6, 0)));
        }
        layers.add(map("fc2", width));
        if (!unit.convolutions()) {
            layers.add(new Permute("first", List.of(3, 1, 2)));
        }
        return layers;
    }

    private LayerSpec map(String layer, int width) {
        return unit.convolutions() ? conv(layer, width, 1, 1, 0) : new Linear(layer, width);
    }

    private LayerSpec norm() {
        return new Normalization("norm", unit.norm());
    }

    private static Conv2d conv(String layer, int filters, int kernel, int stride, int padding) {
        return Conv2d.of(filters, kernel)
                .with()
                .name(layer)
                .stride(Size2d.of(stride))
                .padding(Size2d.of(padding))
                .build();
    }

    private LayerSpec headLayers() {
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(new GlobalAveragePool("pool"));
        boolean first = head.normFirst();
        layers.add(
                first ? 0 : 1,
                new Normalization(
                        first ? "preNorm" : "norm",
                        head.norm() == null ? unit.norm() : head.norm()));
        if (head.hidden() > 0) {
            layers.add(new Linear("hidden", head.hidden()));
            layers.add(new Activation("activation", unit.activation()));
        }
        if (head.dropout() > 0) {
            layers.add(new Dropout("dropout", head.dropout()));
        }
        layers.add(new Linear("fc", classes));
        return new Sequential("head", layers);
    }
}
