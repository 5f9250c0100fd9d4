package io.residuum.vision.regnet;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Provides the RegNets of the paper as presets, with timm's names. Those with {@code tv} have the
 * widths of torchvision, which rounds to groups in another way.
 */
public final class RegNetPresets implements PresetProvider {
    private static final String PAPER = "Radosavovic et al. 2020, arXiv:2003.13678, Table ";
    private static final String V = "; pre-activated units of timm";
    private static final String Z = "Dollar et al. 2021, arXiv:2103.06877; sizes of timm";
    private static final int X = 6;
    private static final int Y = 7;

    /** The least share of a width that torchvision's rounding keeps. */
    private static final double LIMIT = 0.9;

    @Override
    public List<Preset> presets() {
        List<Preset> all = new ArrayList<>();
        add(all, X, "002", 13, 24, 36.44, 2.49, 8);
        add(all, X, "004", 22, 24, 24.48, 2.54, 16);
        add(all, X, "006", 16, 48, 36.97, 2.24, 24);
        add(all, X, "008", 16, 56, 35.73, 2.28, 16);
        add(all, X, "016", 18, 80, 34.01, 2.25, 24);
        add(all, X, "032", 25, 88, 26.31, 2.25, 48);
        add(all, X, "040", 23, 96, 38.65, 2.43, 40);
        add(all, X, "064", 17, 184, 60.83, 2.07, 56);
        add(all, X, "080", 23, 80, 49.56, 2.88, 120);
        add(all, X, "120", 19, 168, 73.36, 2.37, 112);
        add(all, X, "160", 22, 216, 55.59, 2.1, 128);
        add(all, X, "320", 23, 320, 69.86, 2.0, 168);
        add(all, Y, "002", 13, 24, 36.44, 2.49, 8);
        add(all, Y, "004", 16, 48, 27.89, 2.09, 8);
        add(all, Y, "006", 15, 48, 32.54, 2.32, 16);
        add(all, Y, "008", 14, 56, 38.84, 2.4, 16);
        add(all, Y, "016", 27, 48, 20.71, 2.65, 24);
        add(all, Y, "032", 21, 80, 42.63, 2.66, 24);
        add(all, Y, "040", 22, 96, 31.41, 2.24, 64);
        add(all, Y, "064", 25, 112, 33.22, 2.27, 72);
        add(all, Y, "080", 17, 192, 76.82, 2.19, 56);
        add(all, Y, "120", 19, 168, 73.36, 2.37, 112);
        add(all, Y, "160", 18, 200, 106.23, 2.48, 112);
        add(all, Y, "320", 20, 232, 115.89, 2.53, 232);
        add(all, Y, "640", 20, 352, 147.48, 2.4, 328);
        add(all, Y, "1280", 27, 456, 160.83, 2.52, 264);
        add(all, Y, "2560", 27, 640, 230.83, 2.53, 373);
        relatives(all);
        return StandardInputs.published(all);
    }

    /** Adds timm's relatives: RegNetV, whose units are pre-activated, RegNetZ, and group norms. */
    private static void relatives(List<Preset> all) {
        ActivationSpec silu = new ActivationSpec.Silu();
        RegNet y40 = net(Y, 22, 96, 31.41, 2.24, 64, 0).withActivation(silu);
        RegNet.Bottleneck unit = y40.unit();
        NormSpec groups = new NormSpec.Group(32, 1e-5, 1, 16);
        add(all, "regnety-040-sgn", y40.withNorm(groups), PAPER + Y + "; group norms of timm");
        RegNet.Bottleneck before = unit.withPreactivated(true);
        add(all, "regnetv-040", y40.withUnit(before), PAPER + Y + V);
        RegNet.Bottleneck pooled = before.withShortcut(RegNet.Shortcut.POOLED);
        RegNet y64 = net(Y, 25, 112, 33.22, 2.27, 72, 0).withActivation(silu);
        add(all, "regnetv-064", y64.withUnit(pooled), PAPER + Y + V);
        RegNet.Bottleneck wide =
                unit.with().ratio(4).shortcut(RegNet.Shortcut.NONE).linear(true).build();
        RegNet z5 = net(Y, 21, 16, 10.7, 2.51, 4, 0, 4).with().activation(silu).unit(wide).build();
        add(all, "regnetz-005", z5.withFeatures(1024), Z);
        RegNet z40 = net(Y, 28, 48, 14.5, 2.226, 8, 0, 4);
        RegNet z40Wide = z40.with().activation(silu).unit(wide).build();
        add(all, "regnetz-040", z40Wide, Z);
        add(all, "regnetz-040-h", z40Wide.withFeatures(1536), Z);
    }

    private static void add(
            List<Preset> all,
            int table,
            String size,
            int depth,
            int w0,
            double wa,
            double wm,
            int group) {
        String name = (table == X ? "regnetx-" : "regnety-") + size;
        RegNet net = net(table, depth, w0, wa, wm, group, 0);
        add(all, name, net, PAPER + table);
        RegNet vision = net(table, depth, w0, wa, wm, group, LIMIT);
        if (!vision.equals(net)) {
            add(all, name + "-tv", vision, PAPER + table + "; widths of torchvision");
        }
    }

    private static void add(List<Preset> all, String name, RegNet net, String citation) {
        ModelSpec spec = new ModelSpec(name, StandardInputs.imagenet(224), net);
        all.add(new Preset(name, "regnet", spec, citation));
    }

    /**
     * Returns a network from the quantized linear widths of the paper, Section 3.3: unit j of the
     * depth has the width w0 + wa j, rounded to a power of wm times w0.
     */
    private static RegNet net(
            int table, int depth, int w0, double wa, double wm, int group, double limit) {
        return net(table, depth, w0, wa, wm, group, limit, 1);
    }

    /** Returns a network whose inner widths are a ratio of these, rounded to groups. */
    private static RegNet net(
            int table,
            int depth,
            int w0,
            double wa,
            double wm,
            int group,
            double limit,
            int ratio) {
        Map<Integer, Integer> units = new LinkedHashMap<>();
        for (int j = 0; j < depth; j++) {
            double power = Math.rint(Math.log((w0 + wa * j) / w0) / Math.log(wm));
            units.merge((int) Math.rint(w0 * Math.pow(wm, power) / 8) * 8, 1, Integer::sum);
        }
        List<Integer> widths = new ArrayList<>();
        List<Integer> groups = new ArrayList<>();
        for (int width : units.keySet()) {
            int inner = width * ratio;
            int each = Math.min(group, inner);
            groups.add(each);
            widths.add((limit == 0 ? nearest(inner, each) : above(inner, each, limit)) / ratio);
        }
        return Defaults.fill(RegNetBuilder.builder())
                .units(List.copyOf(units.values()))
                .widths(widths)
                .groupWidths(groups)
                .squeezeExcitation(table == Y ? 0.25 : 0)
                .classes(1000)
                .build();
    }

    private static int nearest(int width, int group) {
        return (int) Math.rint((double) width / group) * group;
    }

    private static int above(int width, int group, double limit) {
        int rounded = Math.max(group, (width + group / 2) / group * group);
        return rounded < limit * width ? rounded + group : rounded;
    }
}
