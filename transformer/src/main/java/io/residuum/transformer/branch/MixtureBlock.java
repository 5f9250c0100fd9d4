package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Ids;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.Shapes;
import io.residuum.spec.layers.ActivationSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A mixture of experts, {@code (N, T, C) -> (N, T, C)} (Shazeer et al. 2017, arXiv:1701.06538).
 *
 * <p>Operation by operation, each expert computes only the tokens that chose it. A captured program
 * cannot depend on values, so there every expert computes every token, and unchosen outputs get the
 * weight 0.
 */
final class MixtureBlock extends Layer {
    private static final String EXPERTS = "experts";

    private final FeedForward spec;
    private final FeedForward.Router routing;
    private final Layer router;
    private final @Nullable Parameter correction;
    private final List<Layer> experts;
    private final @Nullable Layer shared;
    private final @Nullable Layer sharedGate;
    private final Layer sigmoid;
    private final Layer dropout;

    /** Creates the block for {@code (-1, T, C)}. */
    MixtureBlock(Shape input, FeedForward spec) {
        super(input);
        requireRank("a mixture of experts", input, 3);
        this.spec = spec;
        FeedForward.Experts mixture = spec.experts();
        Init init = ScaledInits.times(spec.init().toInit(), spec.gain());
        routing = mixture.router();
        router =
                child(
                        "router",
                        new LinearBlock(input, mixture.count(), routing.bias(), init, Init.ZEROS));
        correction =
                routing.correction()
                        ? buffer(
                                "correction",
                                Parameter.Type.RUNNING_MEAN,
                                Init.ZEROS,
                                mixture.count())
                        : null;
        // The share of an expert if all are chosen equally often, for sizes and costs.
        long share = Math.max(1, input.get(1) * mixture.perToken() / mixture.count());
        Shape tokens = new Shape(-1, share, input.get(2));
        FeedForward expert = spec.expert();
        Group group =
                new Group(
                        tokens,
                        IntStream.range(0, mixture.count())
                                .mapToObj(e -> new FeedForwardBlock(tokens, expert))
                                .toList());
        child(EXPERTS, group);
        experts = List.copyOf(group.children().values());
        FeedForward common = expert.withWidth(mixture.shared());
        shared =
                mixture.shared() == 0 ? null : child("shared", new FeedForwardBlock(input, common));
        sharedGate =
                mixture.sharedGate()
                        ? child("sharedGate", new LinearBlock(input, 1, false, init, Init.ZEROS))
                        : null;
        sigmoid = new ActivationSpec.Sigmoid().newBlock(Shapes.withChannels(input, 1));
        dropout = optionalChild("dropout", DropoutBlock.of(input, spec.dropout()));
    }

    /** Holds the experts under their numbers; {@link MixtureBlock} calls them. */
    private static final class Group extends Layer {
        Group(Shape input, List<FeedForwardBlock> experts) {
            super(input);
            for (int e = 0; e < experts.size(); e++) {
                child(Integer.toString(e), experts.get(e));
            }
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            throw new UnsupportedOperationException("the mixture calls each expert");
        }

        @Override
        public String describe() {
            return "Experts";
        }
    }

    /** {@code sum over the chosen e of weight_e expert_e(x)}, and the shared network. */
    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray tokens = x.reshape(-1, x.getShape().get(2));
        NDArray logits = router.forward(pass, x).reshape(-1, experts.size());
        NDArray scores =
                routing.score() == FeedForward.Score.SIGMOID
                        ? sigmoid.forward(pass, logits)
                        : logits.softmax(1);
        NDArray ranked = ranked(pass, logits, scores);
        NDArray sum =
                pass.ops().captures()
                        ? ofAll(pass, tokens, scores, ranked)
                        : ofChosen(pass, tokens, scores, ranked);
        NDArray y = sum.reshape(x.getShape());
        return dropout.forward(pass, shared == null ? y : y.add(ofShared(pass, shared, x)));
    }

    /** {@return numbers whose order is that of the experts of each token, {@code (M, E)}} */
    private NDArray ranked(ForwardPass pass, NDArray logits, NDArray scores) {
        if (correction == null && routing.groups() == 1) {
            return logits; // have the order of their scores, without rounding
        }
        NDArray corrected =
                correction == null
                        ? scores
                        : scores.add(pass.value(correction).reshape(1, experts.size()));
        return routing.groups() == 1
                ? corrected
                : Routing.inBestGroups(pass, corrected, routing.groups(), routing.chosenGroups());
    }

    private NDArray ofShared(ForwardPass pass, Layer network, NDArray x) {
        NDArray y = network.forward(pass, x);
        return sharedGate == null ? y : y.mul(sigmoid.forward(pass, sharedGate.forward(pass, x)));
    }

    /** Computes each expert on the tokens that chose it, {@code (M, C)}. */
    private NDArray ofChosen(ForwardPass pass, NDArray tokens, NDArray scores, NDArray ranked) {
        int k = spec.experts().perToken();
        int[][] chosen = Routing.largest(Values.floats(ranked), experts.size(), k);
        NDArray weights = weights(pass, scoresOf(pass, scores, chosen)).reshape(-1, 1);
        List<List<Integer>> choices = new ArrayList<>();
        experts.forEach(expert -> choices.add(new ArrayList<>()));
        for (int choice = 0; choice < chosen.length * k; choice++) {
            choices.get(chosen[choice / k][choice % k]).add(choice);
        }
        NDList outputs = new NDList();
        // The row of each choice among the outputs, which are ordered by experts.
        long[] rows = new long[chosen.length * k];
        int next = 0;
        for (int e = 0; e < experts.size(); e++) {
            long[] readers = choices.get(e).stream().mapToLong(choice -> choice / k).toArray();
            for (int choice : choices.get(e)) {
                rows[choice] = next++;
            }
            if (readers.length > 0) {
                outputs.add(expert(pass, e, rows(pass, readers, tokens)));
            }
        }
        NDArray ordered = outputs.size() == 1 ? outputs.head() : NDArrays.concat(outputs);
        NDArray perChoice = rows(pass, rows, ordered);
        long width = tokens.getShape().get(1);
        return perChoice.mul(weights).reshape(-1, k, width).sum(new int[] {1});
    }

    /** {@return the score of each choice, {@code (M, k)}} */
    private NDArray scoresOf(ForwardPass pass, NDArray scores, int[][] chosen) {
        int count = experts.size();
        int k = spec.experts().perToken();
        long[] ids = new long[chosen.length * k];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (long) (i / k) * count + chosen[i / k][i % k];
        }
        return rows(pass, ids, scores.reshape(-1, 1)).reshape(-1, k);
    }

    /** {@return the weights of outputs by the scores of chosen experts, zeros of others} */
    private NDArray weights(ForwardPass pass, NDArray scores) {
        NDArray weights =
                spec.experts().normalized() ? scores.div(scores.sum(new int[] {1}, true)) : scores;
        return routing.scale() == 1 ? weights : pass.ops().mul(weights, routing.scale());
    }

    /** Computes an expert, {@code (M, C) -> (M, C)}. */
    private NDArray expert(ForwardPass pass, int index, NDArray tokens) {
        return experts.get(index).forward(pass, tokens.expandDims(0)).squeeze(0);
    }

    private static NDArray rows(ForwardPass pass, long[] ids, NDArray table) {
        NDArray wanted = Values.create(pass.manager(), ids, new Shape(ids.length));
        return Ids.rows(pass.ops(), "tokens of experts", wanted, table);
    }

    /** Computes every expert on all tokens and weights the outputs, {@code (M, C)}. */
    private NDArray ofAll(ForwardPass pass, NDArray tokens, NDArray scores, NDArray ranked) {
        Ops ops = pass.ops();
        NDArray chosen = Routing.mask(pass, ranked, spec.experts().perToken());
        NDArray weights = weights(pass, scores.mul(chosen));
        NDArray sum = null;
        for (int e = 0; e < experts.size(); e++) {
            NDArray weight = ops.slice(weights, 1, e, e + 1L);
            NDArray part = expert(pass, e, tokens).mul(weight);
            sum = sum == null ? part : ops.add(sum, part);
        }
        return sum == null ? tokens : sum;
    }

    @Override
    public long activations(Shape in) {
        return Shapes.product(Shapes.size(in), spec.experts().perToken());
    }

    @Override
    public String describe() {
        return "Mixture(%d of %d experts)"
                .formatted(spec.experts().perToken(), spec.experts().count());
    }
}
