package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.residual.stream.Connection.Role;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.Defaults;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The weights with which a unit reads n streams, carries them, or writes to them. To read and to
 * write there are n numbers. To carry there are n x n by rows, of which row j makes stream j.
 *
 * <p>{@code init} is the list of the weights at the start. If it is empty, the unit starts with the
 * mean of the streams to read, the identity to carry and ones to write.
 */
public sealed interface StreamWeights
        permits StreamWeights.Fixed,
                StreamWeights.Learned,
                StreamWeights.Tanh,
                StreamWeights.Sigmoid,
                StreamWeights.Sinkhorn,
                StreamWeights.Orthogonal,
                StreamWeights.Router {

    /**
     * {@return the weights of a connection, with new parameters}
     *
     * @param owner registers the parameters
     */
    Numbers numbers(Connection connection, Numbers.Owner owner);

    /** {@return the name of this kind of weights} */
    default String kind() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    private static double[] initial(List<Double> init, Connection connection) {
        if (init.isEmpty()) {
            return connection.plain();
        }
        requireCount("init", init, connection);
        return init.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static void requireCount(String name, List<Double> values, Connection connection) {
        Check.that(
                values.size() == connection.count(),
                "%s must have %s numbers to %s %s streams, got %s",
                name,
                connection.count(),
                connection.role().name().toLowerCase(Locale.ROOT),
                connection.streams(),
                values.size());
    }

    private static void requireCarry(String type, String instead, Connection connection) {
        Check.that(
                connection.role() == Role.CARRY,
                "%s weights must stand in the shortcut, got them in %s: use %s",
                type,
                connection,
                instead);
    }

    private static void requireAllStreams(String type, Connection connection) {
        Check.that(
                connection.read() == connection.streams(),
                "weights of a correction must be fixed, learned or router, got %s: it needs all"
                        + " streams",
                type);
    }

    /**
     * Constants: one stream, reversible couplings, momentum, leapfrog.
     *
     * @param values the weights
     */
    @TypeName("fixed")
    record Fixed(List<Double> values) implements StreamWeights {
        public Fixed {
            values = List.copyOf(values);
            values.forEach(v -> Check.finite("values", v));
        }

        /**
         * {@return constants}
         *
         * @param values the weights
         */
        public static Fixed of(double... values) {
            return new Fixed(Arrays.stream(values).boxed().toList());
        }

        /**
         * {@return constants that select one of several streams}
         *
         * @param stream its index
         * @param streams the number of streams
         */
        public static Fixed one(int stream, int streams) {
            double[] values = new double[streams];
            values[stream] = 1;
            return of(values);
        }

        @Override
        public Numbers numbers(Connection connection, Numbers.Owner owner) {
            requireCount("values", values, connection);
            return Numbers.ofAll(
                    (pass, like) -> pass.shared(new Table(values, like.getDataType())));
        }
    }

    /**
     * Learned numbers for all positions: static hyper-connections (Zhu et al. 2024,
     * arXiv:2409.19606, Section 2.1). Parameter: {@code weight (k)}.
     *
     * @param init the weights at the start. Default: those of a plain network
     */
    @TypeName("learned")
    record Learned(@Default("[]") List<Double> init) implements StreamWeights {
        public Learned {
            init = List.copyOf(init);
            init.forEach(v -> Check.finite("init", v));
        }

        @Override
        public Numbers numbers(Connection connection, Numbers.Owner owner) {
            double[] start = initial(init, connection);
            Parameter weight = owner.parameter("weight", Init.values(start), connection.count());
            return Numbers.ofAll((pass, like) -> pass.value(weight));
        }
    }

    /**
     * {@code bias + scale tanh(W norm(s_i))} for each stream i: dynamic hyper-connections (Zhu et
     * al. 2024, arXiv:2409.19606, Section 2.2). To carry, row i of the numbers says how much of
     * stream i each stream gets, as published. W starts at 0. Parameters: {@code weight (k / n,
     * C)}, {@code scale (1)}, {@code bias (k)}.
     *
     * @param init the weights at the start, which are the bias. Default: those of a plain network
     * @param scale the initial scale. Default: 0.01
     * @param eps added to the mean square by the RMS norm. Default: 1e-6
     */
    @TypeName("tanh")
    record Tanh(
            @Default("[]") List<Double> init,
            @Default("0.01") double scale,
            @Default("1e-6") double eps)
            implements StreamWeights {
        public Tanh {
            init = List.copyOf(init);
            init.forEach(v -> Check.finite("init", v));
            Check.finite("scale", scale);
            Check.positive("eps", eps);
        }

        @Override
        public Numbers numbers(Connection connection, Numbers.Owner owner) {
            requireAllStreams("tanh", connection);
            int n = connection.streams();
            int each = connection.count() / n;
            Dynamic dynamic =
                    new Dynamic(
                            owner, each, connection.width(), initial(init, connection), scale, eps);
            return Numbers.perPosition(
                    dynamic.macs() * n,
                    (pass, rows) -> {
                        NDArray streams = rows.reshape(-1, n, connection.width());
                        NDArray tanh = dynamic.projected(pass, streams).tanh();
                        NDArray numbers =
                                dynamic.affine(pass, tanh.reshape(-1, connection.count()));
                        return connection.role() == Role.CARRY ? transposed(numbers, n) : numbers;
                    });
        }

        private static NDArray transposed(NDArray numbers, int n) {
            return numbers.reshape(-1, n, n).transpose(0, 2, 1).reshape(-1, (long) n * n);
        }
    }

    /**
     * {@code factor sigmoid(scale W norm(S) + bias) + eps}: reading (factor 1) and writing (factor
     * 2) of manifold-constrained hyper-connections (Xie et al. 2025, arXiv:2512.24880, Section
     * 4.2). W starts at 0. Parameters: {@code weight (k, n C)} and {@code scale (1)} of dynamic
     * weights, {@code bias (k)}.
     *
     * @param init the weights at the start, between eps and factor + eps. Default: those of a plain
     *     network
     * @param factor the upper bound. Default: 1
     * @param eps the lower bound. Default: 0
     * @param dynamic true for weights that depend on the position, false for the bias alone.
     *     Default: true
     * @param scale the initial scale of dynamic weights. Default: 0.01
     * @param normEps added to the mean square by the RMS norm. Default: 1e-6
     */
    @TypeName("sigmoid")
    record Sigmoid(
            @Default("[]") List<Double> init,
            @Default("1.0") double factor,
            @Default("0.0") double eps,
            @Default("true") boolean dynamic,
            @Default("0.01") double scale,
            @Default("1e-6") double normEps)
            implements StreamWeights {
        public Sigmoid {
            init = List.copyOf(init);
            Check.positive("factor", factor);
            Check.notNegative("eps", eps);
            Check.finite("scale", scale);
            Check.positive("normEps", normEps);
            if (!dynamic) {
                Defaults.requireUnread(
                        Sigmoid.class,
                        Map.of("scale", scale, "normEps", normEps),
                        "dynamic is false");
            }
        }

        @Override
        public Numbers numbers(Connection connection, Numbers.Owner owner) {
            requireAllStreams("sigmoid", connection);
            double[] bias =
                    Arrays.stream(initial(init, connection))
                            .map(weight -> logit((weight - eps) / factor, weight))
                            .toArray();
            return Dynamic.numbers(
                    connection,
                    owner,
                    bias,
                    dynamic,
                    scale,
                    normEps,
                    (pass, logits) -> {
                        NDArray gate = logits.getNDArrayInternal().sigmoid();
                        NDArray scaled = factor == 1 ? gate : pass.ops().mul(gate, factor);
                        return eps == 0 ? scaled : pass.ops().add(scaled, eps);
                    });
        }

        private double logit(double share, double weight) {
            Check.that(
                    share > 0 && share < 1,
                    "init must be above eps and below factor + eps, got %s with factor %s and eps"
                            + " %s",
                    weight,
                    factor,
                    eps);
            return Math.log(share / (1 - share));
        }
    }

    /**
     * A nearly doubly stochastic matrix to carry streams, by the iteration of Sinkhorn and Knopp:
     * softmax over each row of {@code scale W norm(S) + bias}, then columns and rows in turn are
     * divided by their sums (Xie et al. 2025, arXiv:2512.24880, Section 4.2; eps as in
     * DeepSeek-V4). Row i of the matrix says how much of stream i each stream gets, as published. W
     * starts at 0. Parameters: {@code weight (n n, n C)} and {@code scale (1)} of dynamic weights,
     * {@code bias (n n)}.
     *
     * @param iterations the divisions by the columns' sums. Default: 20
     * @param diagonal the initial bias of the diagonal; others are 0. The larger, the closer the
     *     matrix starts to the identity. Default: 8
     * @param eps added to shares and sums. Default: 1e-6
     * @param dynamic true for a matrix that depends on the position, false for one of the bias
     *     alone. Default: true
     * @param scale the initial scale of dynamic weights. Default: 0.01
     * @param normEps added to the mean square by the RMS norm. Default: 1e-6
     */
    @TypeName("sinkhorn")
    record Sinkhorn(
            @Default("20") int iterations,
            @Default("8.0") double diagonal,
            @Default("1e-6") double eps,
            @Default("true") boolean dynamic,
            @Default("0.01") double scale,
            @Default("1e-6") double normEps)
            implements StreamWeights {
        public Sinkhorn {
            Check.positive("iterations", iterations);
            Check.finite("diagonal", diagonal);
            Check.notNegative("eps", eps);
            Check.finite("scale", scale);
            Check.positive("normEps", normEps);
            if (!dynamic) {
                Defaults.requireUnread(
                        Sinkhorn.class,
                        Map.of("scale", scale, "normEps", normEps),
                        "dynamic is false");
            }
        }

        @Override
        public Numbers numbers(Connection connection, Numbers.Owner owner) {
            requireCarry("sinkhorn", "sigmoid", connection);
            double[] bias = Arrays.stream(connection.plain()).map(one -> one * diagonal).toArray();
            return Dynamic.numbers(
                    connection,
                    owner,
                    bias,
                    dynamic,
                    scale,
                    normEps,
                    (pass, logits) -> balanced(pass, logits, connection.streams()));
        }

        private NDArray balanced(ForwardPass pass, NDArray logits, int n) {
            // With positions last, a compiler fuses all divisions into one loop.
            NDArray m = logits.transpose(1, 0).reshape(n, n, -1).softmax(1);
            m = divided(pass, pass.ops().add(m, eps), 0);
            for (int i = 1; i < iterations; i++) {
                m = divided(pass, divided(pass, m, 1), 0);
            }
            return m.transpose(2, 1, 0).reshape(-1, (long) n * n);
        }

        private NDArray divided(ForwardPass pass, NDArray m, int axis) {
            return m.div(pass.ops().add(m.sum(new int[] {axis}, true), eps));
        }
    }

    /**
     * A learned orthogonal matrix to carry streams, the exponential of {@code W - W'}
     * (Lezcano-Casado and Martinez-Rubio 2019, arXiv:1901.08428, Section 3), so that signals and
     * gradients keep their norms over depth. W starts at 0 and the matrix as the identity.
     * Parameter: {@code weight (n, n)}.
     */
    @TypeName("orthogonal")
    record Orthogonal() implements StreamWeights {
        @Override
        public Numbers numbers(Connection connection, Numbers.Owner owner) {
            requireCarry("orthogonal", "learned", connection);
            int n = connection.streams();
            Parameter weight = owner.parameter("weight", Init.ZEROS, n, n);
            return Numbers.ofAll((pass, like) -> SkewExponential.of(pass, weight, like));
        }
    }

    /**
     * {@code plain + W tanh(R norm(s) / C)}, where s is the active stream, or the branch's output
     * to correct: alternating updates (Baykal et al. 2023, arXiv:2301.13310, Section 3; with a
     * router as in Gemma 3n). W starts at 0. Parameters: {@code weight (k, n)}, {@code router (n,
     * C)}, {@code norm (C)}.
     *
     * @param active the index of the active stream. Default: 0
     * @param eps added to the mean square by the RMS norm. Default: 1e-6
     */
    @TypeName("router")
    record Router(@Default("0") int active, @Default("1e-6") double eps) implements StreamWeights {
        public Router {
            Check.notNegative("active", active);
            Check.positive("eps", eps);
        }

        @Override
        public Numbers numbers(Connection connection, Numbers.Owner owner) {
            int n = connection.streams();
            long width = connection.width();
            Check.that(active < n, "active must be in [0, %s), got %s", n, active);
            Parameter weight = owner.parameter("weight", Init.ZEROS, connection.count(), n);
            Parameter router = owner.parameter("router", Init.fanNormal(Init.Fan.IN, 1), n, width);
            Parameter norm = owner.parameter("norm", Init.ONES, width);
            List<Double> plain = Arrays.stream(connection.plain()).boxed().toList();
            long from = connection.read() == 1 ? 0 : active * width;
            return Numbers.perPosition(
                    n * (width + connection.count()),
                    (pass, rows) -> {
                        NDArray s =
                                connection.read() == 1
                                        ? rows
                                        : rows.get(":, {}:{}", from, from + width);
                        NDArray normal = Dynamic.rms(pass, s, eps).mul(pass.value(norm));
                        NDArray scaled = pass.ops().div(normal, width);
                        NDArray routed = Dynamic.linear(scaled, pass.value(router)).tanh();
                        NDArray offset = pass.shared(new Table(plain, s.getDataType()));
                        return Dynamic.linear(routed, pass.value(weight)).add(offset);
                    });
        }
    }
}
