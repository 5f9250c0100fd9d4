package io.residuum.residual;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.residual.stream.StreamWeights;
import io.residuum.residual.stream.WriteBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.InitSpec;

/** A setting for the {@link Merge} of a residual unit. */
public sealed interface MergeSpec
        permits MergeSpec.Add,
                MergeSpec.Concat,
                MergeSpec.Gate,
                MergeSpec.Gru,
                MergeSpec.Delta,
                MergeSpec.Slerp,
                MergeSpec.Write,
                MergeSpec.Correct {

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
     * {@return the merge} By default the shape of the shortcut's output does not matter.
     *
     * @param input the shape of the unit's input
     * @param shortcut the shape of the shortcut's output
     * @param output the shape of the branch's output
     */
    default Merge toMerge(Shape input, Shape shortcut, Shape output) {
        return toMerge(input, output);
    }

    /** {@return the number of streams of the shortcut if the branch has one} */
    private static int streams(Shape shortcut, Shape output) {
        long all = Shapes.channels(shortcut);
        long one = Shapes.channels(output);
        Check.that(
                all % one == 0,
                "merge must write one stream to streams of its width, got %s channels and %s",
                one,
                all);
        return Math.toIntExact(all / one);
    }

    /**
     * A weighted sum.
     *
     * @param shortcut the weight of the shortcut. Default: 1
     * @param branch the weight of the branch. Default: 1
     */
    @TypeName("add")
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

    /**
     * The gate of a gated recurrent unit, with the shortcut as its state (GTrXL, Parisotto et al.
     * 2019, arXiv:1910.06764, Section 3.2). Its parameters are below {@code gruBranch}, {@code
     * gruReset}, {@code gruUpdate} and {@code gruCandidate}.
     *
     * @param bias the initial bias of the update gate; the more negative, the closer the unit
     *     starts to its shortcut. Default: -2
     */
    @TypeName("gru")
    record Gru(@Default("-2.0") double bias) implements MergeSpec {
        public Gru {
            Check.finite("bias", bias);
        }

        @Override
        public Merge toMerge(Shape input, Shape output) {
            Shape three = Shapes.withChannels(output, 3 * Shapes.channels(output));
            return new Merge.Gru(
                    ShortcutSpec.map(output, three, InitSpec.HE),
                    ShortcutSpec.map(output, output, InitSpec.HE),
                    ShortcutSpec.gate(output, output, bias),
                    ShortcutSpec.map(output, output, InitSpec.HE),
                    Shapes.channelAxis(output));
        }
    }

    /**
     * Erases and writes the shortcut along the direction of the branch's output (Deep Delta
     * Learning, Zhang et al. 2026, arXiv:2601.00417, Section 2): {@code s + b k (v - k's)}. Its
     * parameters are below {@code deltaBeta} and {@code deltaValue}.
     *
     * @param bias the initial bias of b = 2 sigmoid(W s + bias); the more negative, the closer the
     *     unit starts to its shortcut. Default: -2
     */
    @TypeName("delta")
    record Delta(@Default("-2.0") double bias) implements MergeSpec {
        public Delta {
            Check.finite("bias", bias);
        }

        @Override
        public Merge toMerge(Shape input, Shape output) {
            Shape one = Shapes.withChannels(output, 1);
            return new Merge.Delta(
                    ShortcutSpec.gate(output, one, bias),
                    ShortcutSpec.gate(output, one, 0),
                    Shapes.channelAxis(output));
        }
    }

    /**
     * A step on the unit sphere from the shortcut towards the branch (nGPT, Loshchilov et al. 2024,
     * arXiv:2410.01131, Section 2.2.2): {@code norm(s + a (norm(y) - s))}. The step is {@code a =
     * |alpha| init / scale}. The paper's networks also keep their matrices at unit norm.
     *
     * @param init the initial step per channel, positive. Default: 0.05
     * @param scale the initial value of the parameter {@code step.alpha}, which sets the pace at
     *     which Adam changes the step; 0 for {@code 1 / sqrt(C)}. Default: 0
     */
    @TypeName("slerp")
    record Slerp(@Default("0.05") double init, @Default("0.0") double scale) implements MergeSpec {
        public Slerp {
            Check.positive("init", init);
            Check.notNegative("scale", scale);
        }

        @Override
        public Merge toMerge(Shape input, Shape output) {
            double start = scale == 0 ? 1 / Math.sqrt(Shapes.channels(output)) : scale;
            return new Merge.Slerp(new StepBlock(output, init, start), Shapes.channelAxis(output));
        }
    }

    /**
     * Writes the branch's output to n streams: {@code s_j + w_j y} (hyper-connections, Zhu et al.
     * 2024, arXiv:2409.19606, Equation 2). The weights may depend on the unit's input. Their
     * parameters are below {@code write}.
     *
     * @param weights n weights
     */
    @TypeName("write")
    record Write(StreamWeights weights) implements MergeSpec {
        @Override
        public Merge toMerge(Shape input, Shape output) {
            return toMerge(input, input, output);
        }

        @Override
        public Merge toMerge(Shape input, Shape shortcut, Shape output) {
            int streams = streams(shortcut, output);
            return new Merge.Write(WriteBlock.write(input, output, streams, weights), false);
        }
    }

    /**
     * Corrects n streams by the change of one: {@code s_j + w_j (y - s_a)} (alternating updates,
     * Baykal et al. 2023, arXiv:2301.13310, Algorithm 1). The weights may depend on y. Their
     * parameters are below {@code write}.
     *
     * @param active the index a of the stream that the branch reads. Default: 0
     * @param weights n weights
     */
    @TypeName("correct")
    record Correct(@Default("0") int active, StreamWeights weights) implements MergeSpec {
        public Correct {
            Check.notNegative("active", active);
        }

        @Override
        public Merge toMerge(Shape input, Shape output) {
            return toMerge(input, input, output);
        }

        @Override
        public Merge toMerge(Shape input, Shape shortcut, Shape output) {
            streams(shortcut, output);
            return new Merge.Write(WriteBlock.correct(shortcut, output, active, weights), true);
        }
    }
}
