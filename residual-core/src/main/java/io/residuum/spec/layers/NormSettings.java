package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Init;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;

/** Checks the settings that kinds of norms share, and converts them. */
final class NormSettings {
    /** The usual number of groups. */
    private static final int GROUPS = 32;

    private NormSettings() {}

    static Init weight(double init) {
        return Init.constant((float) init);
    }

    static void check(double eps, double init) {
        Check.positive("eps", eps);
        Check.finite("init", init);
    }

    static void requireWeight(boolean affine, String name, double value, double usual) {
        Check.that(
                affine || value == usual,
                "%s needs a weight, got %s without one; set \"affine\": true",
                name,
                value);
    }

    static void requireGroups(int groups, int width) {
        Check.positive("groups", groups);
        Check.notNegative("width", width);
        Check.that(
                width == 0 || groups == GROUPS,
                "groups must be left out with width, which determines them, got %s",
                groups);
    }

    /** Returns the number of groups of an input's channels. */
    static int groupsOf(Shape input, NormSpec.Group norm) {
        long channels = Shapes.channels(input);
        int width = norm.width();
        Check.that(
                width == 0 || channels % width == 0,
                "width must divide the channels %s, got %s",
                channels,
                width);
        return width == 0 ? norm.groups() : Math.toIntExact(channels / width);
    }
}
