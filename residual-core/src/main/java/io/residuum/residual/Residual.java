package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.List;

/**
 * A residual unit: {@code after(merge(shortcut(tap),
 * dropPath(scale(afterBranch(branch(before(x)))))))}. The parameters of each part are below the
 * part's name, for instance {@code branch.conv.weight}.
 *
 * @param name its name. Default: empty
 * @param read value of the graph around the unit that {@code before} and the branch read instead of
 *     the unit's input, which only the shortcut and a gate read then. Default: the unit's input
 * @param before norm and activation before the branch. Default: none
 * @param branch the layers of F
 * @param afterBranch norm and activation after the branch. Default: none
 * @param scale factor of the branch. Default: none
 * @param dropPath stochastic depth. Default: 0
 * @param shortcut path beside the branch. Default: identity
 * @param tap tensor that the shortcut reads: the unit's input, or the output of {@code before}.
 *     Default: input
 * @param merge operation that joins shortcut and branch. Default: add
 * @param after norm and activation after the merge. Default: none
 */
@WithBuilder
@TypeName("residual")
@Doc(
        "A residual unit: after(merge(shortcut(tap),"
                + " dropPath(scale(afterBranch(branch(before(x)))))))")
public record Residual(
        @Default("\"\"") String name,
        @Default("\"\"")
                @Doc("The value that before and the branch read. Default: the unit's input.")
                String read,
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
    /** The block, and its layers around the branch. */
    private static final int SLOTS = 6;

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
        Check.that(
                read.isEmpty() || tap == Tap.INPUT,
                "tap must be input with read, got before: the shortcut keeps the unit's input");
        Check.that(
                read.isEmpty() || !plain,
                "read needs a shortcut, got none: name the value in \"from\"");
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
        return SLOTS + Build.layerCount("branch", branch);
    }

    @Override
    public LayerSpec expanded() {
        return withBranch(branch.expanded());
    }

    @Override
    public LayerSpec atDepth(int unit, int units) {
        return withScale(scale.atDepth(unit, units)).withBranch(branch.atDepth(unit, units));
    }

    @Override
    public List<String> reads() {
        return read.isEmpty() ? List.of() : List.of(read);
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        if (read.isEmpty()) {
            LayerSpec.requireOne(inputs);
        } else {
            Check.that(
                    inputs.size() == 2,
                    "read must name a value beside the unit's input, got \"%s\" and %s inputs: put"
                            + " the unit into the layers of a graph that makes this value",
                    read,
                    inputs.size());
        }
        Shape input = inputs.get(0);
        Layer beforeLayer = before.newBlock(inputs.get(inputs.size() - 1));
        Layer branchLayer = Build.child("branch", branch, beforeLayer.outputShape());
        Layer afterBranchLayer = afterBranch.newBlock(branchLayer.outputShape());
        Layer scaleLayer = scale.newBlock(afterBranchLayer.outputShape());
        Shape output = scaleLayer.outputShape();
        Shape tapped = tap == Tap.INPUT ? input : beforeLayer.outputShape();
        Layer shortcutLayer = shortcut.newBlock(tapped, output);
        Merge join =
                shortcut instanceof ShortcutSpec.None
                        ? new Merge.BranchOnly()
                        : merge.toMerge(input, output);
        Layer afterLayer = after.newBlock(join.outputShape(shortcutLayer.outputShape(), output));
        ResidualBlock.Parts parts =
                new ResidualBlock.Parts(
                        beforeLayer,
                        branchLayer,
                        afterBranchLayer,
                        scaleLayer,
                        shortcutLayer,
                        afterLayer);
        return new ResidualBlock(inputs, parts, tap, join, dropPath.toDropPath());
    }
}
