package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;

/** A setting for the {@link Merge} of a residual unit. */
public sealed interface MergeSpec permits MergeSpec.Add, MergeSpec.Concat, MergeSpec.Gate {

    /** The sum. */
    MergeSpec ADD = Defaults.of(Add.class);

    /**
     * {@return the merge}
     *
     * @param input the shape of the unit's input
     * @param output the shape of the branch's output
     */
    Merge toMerge(Shape input, Shape output);

    /**
     * A weighted sum.
     *
     * @param shortcut the weight of the shortcut. Default: 1
     * @param branch the weight of the branch. Default: 1
     */
    @TypeName("add")
    @Doc("A weighted sum.")
    record Add(@Default("1.0") double shortcut, @Default("1.0") double branch)
            implements MergeSpec {
        public Add {
            Check.finite("shortcut", shortcut);
            Check.finite("branch", branch);
        }

        @Override
        public Merge toMerge(Shape input, Shape output) {
            return new Merge.Add(shortcut, branch);
        }
    }

    /** Concatenation of the channels (DenseNet, Huang et al. 2017). */
    @TypeName("concat")
    @Doc("Concatenation of the channels, as in DenseNet.")
    record Concat() implements MergeSpec {
        @Override
        public Merge toMerge(Shape input, Shape output) {
            return new Merge.Concat(Shapes.channelAxis(input));
        }
    }

    /** The paths that a gate scales. */
    enum Gated {
        /** Both: (1 - g) shortcut + g branch (Highway networks; "exclusive gating"). */
        BOTH,
        /** The shortcut alone: (1 - g) shortcut + branch ("shortcut-only gating"). */
        SHORTCUT
    }

    /**
     * A learned gate g = sigmoid(W x + b), where W is a 1x1 convolution or linear map of the unit's
     * input (Srivastava et al. 2015; He et al. 2016, Section 3). Its parameters are below {@code
     * gate}.
     *
     * @param on the paths that the gate scales: {@code both} or {@code shortcut}. Default: both
     * @param bias the initial b; the more negative, the closer the unit starts to its shortcut.
     *     Default: -1
     */
    @TypeName("gate")
    @Doc("A learned gate: Highway networks and the gated shortcuts of He et al. 2016.")
    record Gate(@Default("\"both\"") Gated on, @Default("-1.0") double bias) implements MergeSpec {
        public Gate {
            Check.finite("bias", bias);
        }

        @Override
        public Merge toMerge(Shape input, Shape output) {
            Layer gate = ShortcutSpec.gate(input, output, bias);
            return new Merge.Gate(gate, on == Gated.BOTH);
        }
    }
}
