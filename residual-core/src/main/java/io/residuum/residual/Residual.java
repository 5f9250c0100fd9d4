package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.stream.ReadSpec;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.NormSpec;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * A residual unit: {@code after(merge(shortcut(tap),
 * dropPath(scale(afterBranch(branch(before(read(x))))))))}. The parameters of each part are below
 * the part's name, for instance {@code branch.conv.weight}.
 *
 * @param read what {@code before} and the branch read of the unit's input: all of it, one of its
 *     streams, or its sum with earlier states; or, as a string, a value of the graph around the
 *     unit instead of the input, which only the shortcut and a gate read then. Default: the unit's
 *     input
 * @param before norm and activation before the branch. Default: none
 * @param branch the layers of F
 * @param afterBranch norm and activation after the branch. Default: none
 * @param scale factor of the branch. Default: none
 * @param dropPath stochastic depth. Default: 0
 * @param shortcut path beside the branch. Default: identity
 * @param tap tensor that the shortcut and the branch share: the unit's input, the output of {@code
 *     read}, the output of {@code before}, or the output of the shortcut ({@code carry}), which the
 *     branch reads. Default: input
 * @param merge operation that joins shortcut and branch. Default: add
 * @param after norm and activation after the merge. Default: none
 */
@WithBuilder
@TypeName("residual")
public record Residual(
        @Default("\"\"") String name,
        @Default("\"\"") ReadSpec read,
        @Default("{}") NormActivation before,
        LayerSpec branch,
        @Default("{}") NormActivation afterBranch,
        @Default("\"none\"") ScaleSpec scale,
        @Default("0.0") DropPathSpec dropPath,
        @Default("\"identity\"") ShortcutSpec shortcut,
        @Default("\"input\"") Tap tap,
        @Default("\"add\"") MergeSpec merge,
        @Default("{}") NormActivation after)
        implements SeveralInputs, ResidualBuilder.With {
    /** The block, and its layers around the branch except the shortcut. */
    private static final int SLOTS = 5;

    private static final String BRANCH = "branch";

    public Residual {
        boolean plain = shortcut instanceof ShortcutSpec.None;
        Check.that(
                !plain || merge.equals(MergeSpec.ADD),
                "merge must be add without a shortcut, got %s",
                merge);
        Check.that(
                !plain || dropPath.rate() == 0,
                "dropPath must be 0 without a shortcut, got %s: nothing would remain",
                dropPath.rate());
        boolean ofGraph = read instanceof ReadSpec.Value && !read.isInput();
        Check.that(
                !ofGraph || tap == Tap.INPUT,
                "tap must be input with read, got %s: the shortcut keeps the unit's input",
                tap.name().toLowerCase(Locale.ROOT));
        Check.that(
                !ofGraph || !plain, "read needs a shortcut, got none: name the value in \"from\"");
        boolean streams = merge instanceof MergeSpec.Write || merge instanceof MergeSpec.Correct;
        Check.that(
                !streams || after.norm().equals(NormSpec.NONE),
                "after must have no norm if the merge writes to streams, since it would span all of"
                        + " them, got %s: put it into an eachStream layer",
                after.norm());
    }

    /**
     * {@return the simplest unit, {@code x + branch(x)}}
     *
     * @param name its name; may be empty
     * @param branch the layers of F, in order
     */
    public static Residual of(String name, LayerSpec... branch) {
        return builder(name, branch).build();
    }

    /**
     * {@return a builder of a unit, with all settings of the parts around the branch at their
     * defaults}
     *
     * @param name its name; may be empty
     * @param branch the layers of F, in order
     */
    public static ResidualBuilder builder(String name, LayerSpec... branch) {
        return Defaults.fill(ResidualBuilder.builder())
                .name(name)
                .branch(branch.length == 1 ? branch[0] : new Sequential("", branch));
    }

    @Override
    public long layerCount() {
        return SLOTS
                + (read.isInput() ? 0 : Build.layerCount("read", read))
                + Build.layerCount("branch", branch)
                + Build.layerCount(shortcut.layers());
    }

    @Override
    public Residual withLayers(UnaryOperator<LayerSpec> change) {
        return with().branch(change.apply(branch)).shortcut(shortcut.withLayers(change)).build();
    }

    @Override
    public LayerSpec changedAt(String path, UnaryOperator<LayerSpec> change) {
        if (path.isEmpty()) {
            return change.apply(this);
        }
        Check.that(
                path.equals(BRANCH) || path.startsWith(BRANCH + "."),
                "the part of a residual unit that changes must be in its branch, got \"%s\"",
                path);
        String rest = path.substring(Math.min(path.length(), BRANCH.length() + 1));
        return withBranch(branch.changedAt(rest, change));
    }

    @Override
    public LayerSpec atDepth(int unit, int units) {
        return withScale(scale.atDepth(unit, units))
                .withLayers(layer -> layer.atDepth(unit, units));
    }

    @Override
    public List<String> reads() {
        return read instanceof ReadSpec.Value of && !read.isInput()
                ? List.of(of.value())
                : List.of();
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        if (reads().isEmpty()) {
            LayerSpec.requireOne(inputs);
        } else {
            Check.that(
                    inputs.size() == 2,
                    "read must name a value beside the unit's input, got \"%s\" and %s inputs: put"
                            + " the unit into the layers of a graph that makes this value",
                    reads().get(0),
                    inputs.size());
        }
        Shape input = inputs.get(0);
        Layer readLayer = Build.child("read", read, inputs.get(inputs.size() - 1));
        Layer beforeLayer = before.newBlock(readLayer.outputShape());
        Layer branchLayer = Build.child("branch", branch, beforeLayer.outputShape());
        Layer afterBranchLayer = afterBranch.newBlock(branchLayer.outputShape());
        Layer scaleLayer = scale.newBlock(afterBranchLayer.outputShape());
        Shape output = scaleLayer.outputShape();
        Shape tapped =
                switch (tap) {
                    case INPUT, CARRY -> input;
                    case READ -> readLayer.outputShape();
                    case BEFORE -> beforeLayer.outputShape();
                };
        Layer shortcutLayer = shortcut.newBlock(tapped, output);
        Shape carried = shortcutLayer.outputShape();
        Check.that(
                tap != Tap.CARRY || carried.equals(input),
                "tap must be input for a shortcut that changes the shape, got carry and a shortcut"
                        + " from %s to %s",
                input,
                carried);
        Merge join =
                shortcut instanceof ShortcutSpec.None
                        ? new Merge.BranchOnly()
                        : merge.toMerge(input, carried, output);
        Layer afterLayer = after.newBlock(join.outputShape(carried, output));
        ResidualBlock.Parts parts =
                new ResidualBlock.Parts(
                        readLayer,
                        beforeLayer,
                        branchLayer,
                        afterBranchLayer,
                        scaleLayer,
                        shortcutLayer,
                        afterLayer);
        return new ResidualBlock(inputs, parts, tap, join, dropPath.toDropPath(branchLayer));
    }
}
