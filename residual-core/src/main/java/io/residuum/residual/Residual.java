package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.spec.ActivationSpec;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.NormSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;

/**
 * A residual unit: {@code after(merge(shortcut(tap),
 * dropPath(scale(afterBranch(branch(before(x)))))))}. Every part's parameters are found below the
 * part's name.
 *
 * @param name its name. Default: empty
 * @param before norm and activation ahead of the branch. Default: none
 * @param branch the layers of F
 * @param afterBranch norm and activation behind the branch. Default: none
 * @param scale what the branch is multiplied by. Default: none
 * @param dropPath stochastic depth. Default: 0
 * @param shortcut what runs beside the branch. Default: identity
 * @param tap which tensor the shortcut reads: the unit's input, or what {@code before} made of it.
 *     Default: input
 * @param merge how shortcut and branch become one. Default: add
 * @param after norm and activation behind the merge. Default: none
 */
@TypeName("residual")
@Doc(
        "A residual unit: after(merge(shortcut(tap),"
                + " dropPath(scale(afterBranch(branch(before(x)))))))")
public record Residual(
        @Default("\"\"") String name,
        @Default("{}") NormActivation before,
        LayerSpec branch,
        @Default("{}") NormActivation afterBranch,
        @Default("\"none\"") ScaleSpec scale,
        @Default("0.0") DropPathSpec dropPath,
        @Default("\"identity\"") ShortcutSpec shortcut,
        @Default("\"input\"") Tap tap,
        @Default("\"add\"") MergeSpec merge,
        @Default("{}") NormActivation after)
        implements LayerSpec {
    /** Checks the parts. */
    public Residual {
        boolean plain = shortcut instanceof ShortcutSpec.None;
        Check.that(
                !plain || merge.equals(MergeSpec.ADD),
                "merge must be add where there is no shortcut, got %s",
                merge);
        Check.that(
                !plain || dropPath.rate() == 0,
                "dropPath must be 0 where there is no shortcut, got %s: nothing would be left",
                dropPath.rate());
    }

    /**
     * The plainest unit: {@code x + branch(x)}.
     *
     * @param name its name; may be empty
     * @param branch the layers of F
     * @return the unit
     */
    public static Residual of(String name, LayerSpec... branch) {
        return builder(name, branch).build();
    }

    /**
     * Begins a unit.
     *
     * @param name its name; may be empty
     * @param branch the layers of F
     * @return a builder with every other part at its default
     */
    public static Builder builder(String name, LayerSpec... branch) {
        return new Builder(name, branch.length == 1 ? branch[0] : new Sequential("", branch));
    }

    @Override
    public LayerSpec expanded() {
        return new Residual(
                name,
                before,
                branch.expanded(),
                afterBranch,
                scale,
                dropPath,
                shortcut,
                tap,
                merge,
                after);
    }

    @Override
    public Layer newBlock(Shape input) {
        Layer first = before.newBlock(input);
        Layer f = Build.child("branch", branch, first.outputShape());
        Layer behind = afterBranch.newBlock(f.outputShape());
        Layer factor = scale.newBlock(behind.outputShape());
        Shape output = factor.outputShape();
        Layer beside = shortcut.newBlock(tap == Tap.INPUT ? input : first.outputShape(), output);
        Merge how =
                shortcut instanceof ShortcutSpec.None
                        ? new Merge.BranchOnly()
                        : merge.toMerge(input, output);
        Layer last = after.newBlock(how.outputShape(beside.outputShape(), output));
        return new ResidualBlock(
                input,
                new ResidualBlock.Parts(first, f, behind, factor, beside, last),
                tap,
                how,
                dropPath.toDropPath());
    }

    /** Collects the parts of a unit. */
    public static final class Builder {
        private final String name;
        private final LayerSpec branch;
        private NormActivation before = NormActivation.NONE;
        private NormActivation afterBranch = NormActivation.NONE;
        private ScaleSpec scale = ScaleSpec.NONE;
        private DropPathSpec dropPath = DropPathSpec.NONE;
        private ShortcutSpec shortcut = ShortcutSpec.IDENTITY;
        private Tap tap = Tap.INPUT;
        private MergeSpec merge = MergeSpec.ADD;
        private NormActivation after = NormActivation.NONE;

        private Builder(String name, LayerSpec branch) {
            this.name = name;
            this.branch = branch;
        }

        /**
         * Sets what runs ahead of the branch.
         *
         * @param norm the norm
         * @param activation the activation
         * @return this
         */
        public Builder before(NormSpec norm, ActivationSpec activation) {
            before = new NormActivation(norm, activation);
            return this;
        }

        /**
         * Sets what runs behind the branch.
         *
         * @param norm the norm
         * @param activation the activation
         * @return this
         */
        public Builder afterBranch(NormSpec norm, ActivationSpec activation) {
            afterBranch = new NormActivation(norm, activation);
            return this;
        }

        /**
         * Sets the branch's factor.
         *
         * @param value the factor
         * @return this
         */
        public Builder scale(ScaleSpec value) {
            scale = value;
            return this;
        }

        /**
         * Sets stochastic depth.
         *
         * @param value the drop-path
         * @return this
         */
        public Builder dropPath(DropPathSpec value) {
            dropPath = value;
            return this;
        }

        /**
         * Sets the shortcut and what it reads.
         *
         * @param value the shortcut
         * @param reads the tap
         * @return this
         */
        public Builder shortcut(ShortcutSpec value, Tap reads) {
            shortcut = value;
            tap = reads;
            return this;
        }

        /**
         * Sets the merge.
         *
         * @param value the merge
         * @return this
         */
        public Builder merge(MergeSpec value) {
            merge = value;
            return this;
        }

        /**
         * Sets what runs behind the merge.
         *
         * @param norm the norm
         * @param activation the activation
         * @return this
         */
        public Builder after(NormSpec norm, ActivationSpec activation) {
            after = new NormActivation(norm, activation);
            return this;
        }

        /**
         * Completes the unit.
         *
         * @return the unit
         */
        public Residual build() {
            return new Residual(
                    name,
                    before,
                    branch,
                    afterBranch,
                    scale,
                    dropPath,
                    shortcut,
                    tap,
                    merge,
                    after);
        }
    }
}
