package io.residuum.model;

import static io.residuum.spec.layers.ActivationSpec.RELU;
import static io.residuum.spec.layers.NormSpec.BATCH;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Init.Fan;
import io.residuum.nn.composite.ParallelBlock.Merge;
import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.LayerDrop;
import io.residuum.residual.LayeredShortcut;
import io.residuum.residual.MergeSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Ode;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.ResidualBuilder;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.StochasticDepth;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.Concat;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Names;
import io.residuum.spec.graph.Split;
import io.residuum.spec.graph.Use;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.BlurPool2d;
import io.residuum.spec.layers.Condition;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.Flatten;
import io.residuum.spec.layers.GeneralizedMeanPool;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.GlobalMaxPool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.L2Normalize;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.LocalResponseNorm;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Modulation;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.RootMeanSquare;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import io.residuum.spec.layers.attention.AttentionPool2d;
import io.residuum.spec.layers.attention.Cbam;
import io.residuum.spec.layers.attention.GlobalContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The tables of the block contract: every layer, and every slot of the residual block. */
public final class BlockCases {
    private static final List<ActivationSpec> ACTIVATIONS =
            List.of(
                    RELU,
                    new ActivationSpec.Gelu(),
                    new ActivationSpec.GeluTanh(),
                    new ActivationSpec.Silu(),
                    new ActivationSpec.Mish(),
                    new ActivationSpec.Sigmoid(),
                    new ActivationSpec.Tanh(),
                    new ActivationSpec.LeakyRelu(0.1),
                    new ActivationSpec.Elu(0.7),
                    new ActivationSpec.HardSigmoid(),
                    new ActivationSpec.HardSwish(),
                    new ActivationSpec.PRelu(0.25, true),
                    new ActivationSpec.QuickGelu(),
                    new ActivationSpec.Relu6(),
                    new ActivationSpec.ReluSquared(),
                    new ActivationSpec.Selu(),
                    new ActivationSpec.Softmax(-1),
                    new ActivationSpec.Softplus());

    private static final List<NormSpec> NORMS =
            List.of(
                    BATCH,
                    NormSpec.LAYER,
                    new NormSpec.Channel(1e-6, 1),
                    new NormSpec.Channel(1e-6, 1, false),
                    new NormSpec.OfLayer(1e-6, 1, true, false, 0),
                    new NormSpec.Rms(1e-6, 1),
                    new NormSpec.Rms(1e-6, 1, true, 0, true));

    /** A norm without parameters. */
    private static final NormSpec PLAIN = new NormSpec.Rms(1e-6, 1, false, 0, false);

    private BlockCases() {}

    /**
     * All of them.
     *
     * @return layers, then residual units
     */
    public static List<BlockCase> all() {
        return Stream.of(
                        layers(),
                        SpatialCases.all(),
                        RecurrentCases.all(),
                        StreamCases.all(),
                        residuals())
                .flatMap(List::stream)
                .toList();
    }

    private static Conv2d conv(String name, int filters) {
        return Conv2d.of(filters, 3).withName(name);
    }

    private static Normalization norm(String name, NormSpec norm) {
        return new Normalization(name, norm);
    }

    private static Activation relu(String name) {
        return new Activation(name, RELU);
    }

    /** Every layer that a spec can name, apart from the residual unit. */
    static List<BlockCase> layers() {
        Size2d one = Size2d.of(1);
        Size2d two = Size2d.of(2);
        List<BlockCase> cases = new ArrayList<>();
        for (ActivationSpec a : ACTIVATIONS) {
            cases.add(
                    BlockCase.vector(
                            a.toString(),
                            new Sequential("", new Linear("fc", 5), new Activation("", a))));
        }
        NormSpec group = new NormSpec.Group(32, 1e-5, 1, 2);
        cases.add(BlockCase.image(group + " on images", norm("", group)));
        NormSpec instance = new NormSpec.Instance(1e-3, true, 1);
        cases.add(BlockCase.image(instance + " on images", norm("", instance)));
        cases.add(BlockCase.sequence(instance + " on sequences", norm("", instance)));
        for (NormSpec n : NORMS) {
            cases.add(BlockCase.image(n + " on images", norm("", n)));
            cases.add(BlockCase.sequence(n + " on sequences", norm("", n)));
            cases.add(BlockCase.vector(n + " on vectors", norm("", n)));
        }
        // Parameters set the type of a network.
        cases.add(
                BlockCase.image(
                        PLAIN + " on images",
                        new Sequential("", conv("conv", 3), norm("norm", PLAIN))));
        cases.add(
                BlockCase.sequence(
                        PLAIN + " on sequences",
                        new Sequential("", new Linear("fc", 4), norm("norm", PLAIN))));
        cases.add(
                BlockCase.vector(
                        PLAIN + " on vectors",
                        new Sequential("", new Linear("fc", 4), norm("norm", PLAIN))));
        cases.add(
                BlockCase.image(
                        "conv2d, all numbers",
                        new Conv2d(
                                "",
                                6,
                                new Size2d(3, 2),
                                new Size2d(2, 1),
                                new Size2d(2, 1),
                                new Size2d(2, 1),
                                2,
                                true,
                                InitSpec.HE,
                                0)));
        cases.add(BlockCase.image("conv2d, depthwise", conv("", 4).withGroups(4).withBias(false)));
        Padding2d sides = new Padding2d.Sides(0, 1, 1, 0);
        for (Padding2d p : List.of(sides, Padding2d.SAME)) {
            Conv2d conv = conv("conv", 3).withStride(2).withPadding(p);
            cases.add(BlockCase.image("conv2d, " + p, conv));
            pool(cases, "max pool, " + p, new MaxPool2d("", Size2d.of(3), two, p));
            pool(
                    cases,
                    "average pool inside, " + p,
                    new AveragePool2d("", Size2d.of(3), two, p, false, false));
        }
        pool(cases, "max pool, ceil", new MaxPool2d("", two, two, one, true));
        cases.add(
                BlockCase.image(
                        "conv2d, standardized",
                        new WeightStandardizedConv2d("", conv("", 3), 1e-3)));
        pool(cases, "adaptive average pool", new AdaptiveAveragePool2d("", new Size2d(2, 4)));
        pool(cases, "blur pool", new BlurPool2d("", 3, 2));
        pool(cases, "blur pool, zeros", new BlurPool2d("", 3, 2, false));
        // The bound is low, as a kink spoils finite differences, and elements are positive.
        pool(
                cases,
                "generalized mean pool",
                new Sequential(
                        "",
                        new Activation("positive", new ActivationSpec.Sigmoid()),
                        new GeneralizedMeanPool("gem", 3, 1e-3)));
        pool(cases, "local response norm", new LocalResponseNorm("", 2, 0.3, 0.75, 1));
        pool(cases, "l2 normalize", new L2Normalize("", 1e-12));
        pool(cases, "root mean square", new RootMeanSquare(""));
        cases.add(BlockCase.vector("linear on vectors", new Linear("", 3)));
        cases.add(
                BlockCase.sequence(
                        "linear on sequences, no bias",
                        new Linear("", 3, false, new InitSpec.XavierNormal())));
        pool(cases, "max pool", new MaxPool2d("", Size2d.of(3), two, one));
        pool(cases, "average pool", new AveragePool2d("", two, two, Size2d.of(0), false, true));
        pool(
                cases,
                "average pool, padding inside",
                new AveragePool2d("", Size2d.of(3), two, one, false, false));
        pool(cases, "average pool, ceil", new AveragePool2d("", two, two, one, true, false));
        pool(
                cases,
                "adaptive average pool, windows that overlap",
                new AdaptiveAveragePool2d("", new Size2d(3, 5)));
        pool(cases, "adaptive average pool, equal windows", new AdaptiveAveragePool2d("", two));
        pool(cases, "global average pool", new GlobalAveragePool(""));
        pool(cases, "global max pool", new GlobalMaxPool(""));
        cases.add(
                BlockCase.sequence(
                        "global average pool on sequences",
                        new Sequential("", new Linear("", 3), new GlobalAveragePool(""))));
        cases.add(
                BlockCase.sequence(
                        "global max pool on sequences",
                        new Sequential("", new Linear("", 3), new GlobalMaxPool(""))));
        cases.add(
                BlockCase.vector(
                        "dropout", new Sequential("", new Linear("", 8), new Dropout("", 0.3))));
        cases.add(
                new BlockCase(
                        "flatten",
                        new Sequential("", new Flatten(""), new Linear("", 3)),
                        new Shape(3, 2, 3, 2),
                        new Shape(2, 2, 3, 2),
                        false));
        cases.add(
                BlockCase.image(
                        "squeeze-excitation",
                        new SqueezeExcitation("", 2, new InitSpec.HeNormal(Fan.IN))));
        cases.add(
                BlockCase.image(
                        "squeeze-excitation with offsets",
                        new SqueezeExcitation("", 2, true, new InitSpec.HeNormal(Fan.IN))));
        cases.add(
                BlockCase.sequence(
                        "parallel",
                        new Parallel(
                                "", List.of(new Linear("a", 4), new Linear("b", 4), seq("c")))));
        cases.add(
                BlockCase.image(
                        "parallel, concat",
                        Parallel.concat("", conv("a", 3), Conv2d.of(5, 1).withName("b"))));
        // All channels fill blocks of oneDNN, but parts begin within one.
        cases.add(
                BlockCase.image(
                        "parallel, concat between convolutions",
                        new Sequential(
                                "",
                                List.of(
                                        Parallel.concat(
                                                "parts", conv("a", 8), conv("b", 16), conv("c", 8)),
                                        norm("norm", BATCH),
                                        conv("conv", 16)))));
        cases.add(
                BlockCase.sequence(
                        "parallel, concat on sequences",
                        Parallel.concat("", new Linear("a", 3), new Linear("b", 2))));
        cases.add(
                BlockCase.image(
                        "conv2d, scaled standardization",
                        new WeightStandardizedConv2d("", conv("", 3), 1e-3, 1.7)));
        cases.add(
                BlockCase.image(
                        "conv2d, scaled standardization, gain",
                        new WeightStandardizedConv2d("", conv("", 3), 1e-3, 1.7, 0.5)));
        for (boolean add : new boolean[] {false, true}) {
            cases.add(BlockCase.image("global context, " + add, new GlobalContext("", 1, add)));
        }
        cases.add(
                new BlockCase(
                        "attention pool",
                        new AttentionPool2d("", 2, 3),
                        new Shape(3, 4, 6, 6),
                        new Shape(2, 4, 6, 6),
                        false));
        for (boolean light : new boolean[] {false, true}) {
            cases.add(BlockCase.image("cbam, light " + light, new Cbam("", 1, 3, light)));
        }
        ActivationSpec tanh = new ActivationSpec.Scaled(new ActivationSpec.Tanh(), 1.7);
        pool(cases, "activation, scaled", new Activation("", tanh));
        for (Ode.Method method : Ode.Method.values()) {
            cases.add(BlockCase.sequence("ode " + method, new Ode("", method, 2, 0.7, seq(""))));
        }
        cases.add(
                BlockCase.image(
                        "parallel, shake",
                        new Parallel("", Merge.SHAKE, List.of(conv("a", 3), conv("b", 3)))));
        cases.add(BlockCase.sequence("repeat", new Repeat("", 3, seq(""), false)));
        cases.add(BlockCase.sequence("repeat, tied", new Repeat("", 3, seq(""), true)));
        cases.add(
                BlockCase.image(
                        "repeat, tied, with batch norm",
                        new Repeat(
                                "",
                                2,
                                new Sequential("", conv("conv", 4), norm("norm", BATCH)),
                                true)));
        graphs(cases);
        return cases;
    }

    private static void graphs(List<BlockCase> cases) {
        NormSpec channel = new NormSpec.Channel(1e-6, 1);
        cases.add(
                BlockCase.image(
                        "graph, skip across scales",
                        new LayerGraph(
                                List.of(
                                        LayerNode.of(conv("fine", 3)),
                                        LayerNode.of(conv("coarse", 5).withStride(2)),
                                        LayerNode.of(conv("skip", 2).withStride(2)).from("fine"),
                                        LayerNode.of(new Concat("both", null))
                                                .from("coarse", "skip"),
                                        LayerNode.of(norm("norm", channel))))));
        cases.add(
                BlockCase.sequence(
                        "graph, two streams that read each other",
                        new LayerGraph(
                                List.of(
                                        LayerNode.of(new Linear("a", 3)).from("input"),
                                        LayerNode.of(new Linear("b", 3)).from("input"),
                                        LayerNode.of(new Repeat("blocks", 2, exchange(), false))
                                                .from("a", "b")
                                                .to("a", "b"),
                                        LayerNode.of(new Multiply("")).from("a", "b")))));
        cases.add(
                BlockCase.vector(
                        "graph, shared layer",
                        new LayerGraph(
                                List.of(
                                        LayerNode.of(seq("tower")),
                                        LayerNode.of(new Linear("other", 4)).from("input"),
                                        LayerNode.of(new Use("again", "tower")).from("other"),
                                        LayerNode.of(new Add("sum"))
                                                .from("tower", "again", "input")))));
        cases.add(
                BlockCase.sequence(
                        "graph, gates of a cell",
                        new LayerGraph(
                                List.of(
                                        LayerNode.of(new Linear("gates", 9)),
                                        LayerNode.of(
                                                        new Split(
                                                                "parts",
                                                                Split.Parts.of(List.of(4, 4, 1)),
                                                                null))
                                                .to("i", "g", "o"),
                                        LayerNode.of(
                                                        new Activation(
                                                                "si", new ActivationSpec.Sigmoid()))
                                                .from("i"),
                                        LayerNode.of(new Multiply("kept")).from("si", "g"),
                                        LayerNode.of(new Multiply("cell")).from("kept", "o")))));
    }

    /** A block of two streams: each adds what it makes of the other. */
    private static LayerGraph exchange() {
        return new LayerGraph(
                "",
                Names.of(List.of("a", "b")),
                List.of(
                        LayerNode.of(new Linear("read", 3)).from("b"),
                        LayerNode.of(new Add("write")).from("a", "read").to("a"),
                        LayerNode.of(new Linear("back", 3)).from("a"),
                        LayerNode.of(new Add("answer")).from("b", "back").to("b")),
                Names.of(List.of("a", "b")));
    }

    private static void pool(List<BlockCase> cases, String name, LayerSpec pool) {
        cases.add(BlockCase.image(name, new Sequential("", conv("conv", 3), pool)));
    }

    private static Sequential seq(String name) {
        return new Sequential(
                name, new Linear("fc", 4), new Activation("act", new ActivationSpec.Tanh()));
    }

    /** Every value of every slot of the residual unit. */
    static List<BlockCase> residuals() {
        List<BlockCase> cases = new ArrayList<>();
        orders(cases);
        shortcuts(cases);
        merges(cases);
        norms(cases);
        for (ScaleSpec s :
                List.of(
                        new ScaleSpec.Constant(0.3),
                        new ScaleSpec.Learned(0.5, false),
                        new ScaleSpec.Learned(0.5, true),
                        new ScaleSpec.Affine(0.5, false),
                        new ScaleSpec.Affine(0.5, true),
                        shakeDrop(Mode.SAMPLE),
                        shakeDrop(Mode.BATCH))) {
            cases.add(BlockCase.image(s.toString(), preActivated().scale(s).build()));
            cases.add(BlockCase.sequence(s + " on sequences", preNorm().scale(s).build()));
            cases.add(BlockCase.vector(s + " on vectors", preNorm().scale(s).build()));
        }
        cases.add(
                BlockCase.sequence(
                        "scale by depth",
                        new Repeat(
                                "",
                                3,
                                preNorm()
                                        .scale(
                                                new ScaleSpec.ByDepth(
                                                        0.8, ScaleSpec.Schedule.DECREASING))
                                        .build(),
                                false)));
        conditions(cases);
        cases.addAll(dropPaths());
        return cases;
    }

    private static ScaleSpec shakeDrop(Mode mode) {
        return new ScaleSpec.ShakeDrop(
                0.6,
                StochasticDepth.Schedule.CONSTANT,
                List.of(-1.0, 1.0),
                List.of(0.0, 1.0),
                mode);
    }

    /** Units that read a side input, which the graph around them computes. */
    private static void conditions(List<BlockCase> cases) {
        InitSpec init = new InitSpec.XavierUniform();
        Condition condition = Condition.of(3);
        NormSpec adaptive = new NormSpec.Adaptive(NormSpec.LAYER, condition, init);
        ScaleSpec gate = new ScaleSpec.Conditioned(condition, init);
        cases.add(
                BlockCase.sequence(
                        "adaLN-Zero on sequences",
                        conditioned(
                                new GlobalAveragePool("pool"),
                                Residual.builder("unit", new Linear("fc", 4))
                                        .before(NormActivation.of(adaptive))
                                        .scale(gate)
                                        .build())));
        cases.add(
                BlockCase.image(
                        "FiLM on images",
                        conditioned(
                                new GlobalAveragePool("pool"),
                                Residual.builder(
                                                "unit",
                                                conv("conv", 4),
                                                new Modulation("film", condition, init))
                                        .scale(gate)
                                        .build())));
        cases.add(
                BlockCase.vector(
                        "FiLM on vectors",
                        conditioned(
                                new Activation("pool", new ActivationSpec.Tanh()),
                                Residual.of(
                                        "unit",
                                        new Linear("fc", 4),
                                        new Modulation("film", condition, init)))));
    }

    private static LayerSpec conditioned(LayerSpec pool, LayerSpec unit) {
        return new LayerGraph(
                List.of(
                        LayerNode.of(pool),
                        LayerNode.of(new Linear("c", 3)),
                        LayerNode.of(unit).from("input").with("condition", "c")));
    }

    /** He et al. 2016, Figure 4, (a) to (e). */
    private static void orders(List<BlockCase> cases) {
        LayerSpec[] inner = {conv("conv1", 4), norm("norm1", BATCH), relu("act1")};
        Sequential toNorm = chain(inner, conv("conv2", 4), norm("norm2", BATCH));
        Sequential toConv = chain(inner, conv("conv2", 4));
        Sequential toRelu = chain(inner, conv("conv2", 4), norm("norm2", BATCH), relu("act2"));
        cases.add(
                BlockCase.image(
                        "order (a)",
                        Residual.builder("", toNorm).after(NormActivation.of(RELU)).build()));
        cases.add(
                BlockCase.image(
                        "order (b)",
                        Residual.builder("", toConv)
                                .after(new NormActivation(BATCH, RELU))
                                .build()));
        cases.add(BlockCase.image("order (c)", Residual.of("", toRelu)));
        cases.add(
                BlockCase.image(
                        "order (d)",
                        Residual.builder("", toNorm).before(NormActivation.of(RELU)).build()));
        cases.add(
                BlockCase.image(
                        "order (e)",
                        Residual.builder("", toConv)
                                .before(new NormActivation(BATCH, RELU))
                                .build()));
        for (NormSpec n : NORMS) {
            cases.add(
                    BlockCase.sequence(
                            "post-norm " + n,
                            Residual.builder("", new Linear("fc", 4))
                                    .after(NormActivation.of(n))
                                    .build()));
            cases.add(
                    BlockCase.sequence(
                            "sandwich " + n,
                            Residual.builder("", new Linear("fc", 4))
                                    .before(NormActivation.of(n))
                                    .afterBranch(NormActivation.of(n))
                                    .build()));
        }
    }

    private static Sequential chain(LayerSpec[] first, LayerSpec... rest) {
        return new Sequential("", Stream.of(first, rest).flatMap(Stream::of).toList());
    }

    private static ResidualBuilder preActivated() {
        return Residual.builder("", conv("conv", 4)).before(new NormActivation(BATCH, RELU));
    }

    private static ResidualBuilder preNorm() {
        return Residual.builder("", new Linear("fc", 4)).before(NormActivation.of(NormSpec.LAYER));
    }

    private static void shortcuts(List<BlockCase> cases) {
        NormSpec none = NormSpec.NONE;
        List<ShortcutSpec> changing =
                List.of(
                        new ShortcutSpec.ZeroPad(false),
                        new ShortcutSpec.ZeroPad(true),
                        new ShortcutSpec.Projection(BATCH, false),
                        new ShortcutSpec.Projection(none, true),
                        new ShortcutSpec.PooledProjection(BATCH),
                        new ShortcutSpec.PooledProjection(none),
                        new ShortcutSpec.None());
        List<ShortcutSpec> keeping =
                List.of(
                        ShortcutSpec.IDENTITY,
                        new ShortcutSpec.ZeroPad(false),
                        new ShortcutSpec.Projection(BATCH, false),
                        new ShortcutSpec.PooledProjection(BATCH),
                        new ShortcutSpec.Normalized(BATCH),
                        new ShortcutSpec.Dropped(0.4),
                        new ShortcutSpec.None());
        for (boolean pooled : new boolean[] {false, true}) {
            ShortcutSpec standardized = new ShortcutSpec.StandardizedProjection(1.7, 1e-3, pooled);
            cases.add(
                    BlockCase.image(
                            standardized + " strided",
                            Residual.builder("", conv("conv", 7).withStride(2))
                                    .shortcut(standardized)
                                    .build()));
        }
        ShortcutSpec layers = new LayeredShortcut(List.of(conv("conv", 7).withStride(2)));
        cases.add(
                BlockCase.image(
                        layers + " strided",
                        Residual.builder("", conv("conv", 7).withStride(2))
                                .shortcut(layers)
                                .build()));
        for (Tap tap : List.of(Tap.INPUT, Tap.BEFORE)) {
            for (ShortcutSpec s : changing) {
                ResidualBuilder strided =
                        Residual.builder("", conv("conv", 7).withStride(2))
                                .before(new NormActivation(BATCH, RELU));
                cases.add(
                        BlockCase.image(
                                s + " strided, reads " + tap,
                                strided.shortcut(s).tap(tap).build()));
                LayerSpec wide =
                        Residual.builder("", new Linear("fc", 7))
                                .before(NormActivation.of(NormSpec.LAYER))
                                .shortcut(s)
                                .tap(tap)
                                .build();
                cases.add(BlockCase.sequence(s + " on sequences, reads " + tap, wide));
                cases.add(BlockCase.vector(s + " on vectors, reads " + tap, wide));
            }
            for (ShortcutSpec s : keeping) {
                cases.add(
                        BlockCase.image(
                                s + ", reads " + tap, preActivated().shortcut(s).tap(tap).build()));
            }
        }
    }

    private static void merges(List<BlockCase> cases) {
        for (MergeSpec m :
                List.of(
                        new MergeSpec.Add(0.5, 0.5),
                        new MergeSpec.Add(2.2, 1),
                        new MergeSpec.Concat(),
                        new MergeSpec.Gate(MergeSpec.Gated.BOTH, -1),
                        new MergeSpec.Gate(MergeSpec.Gated.SHORTCUT, -1),
                        new MergeSpec.Gru(-1),
                        new MergeSpec.Delta(-1),
                        new MergeSpec.Slerp(0.3, 0))) {
            cases.add(BlockCase.image(m.toString(), preActivated().merge(m).build()));
            cases.add(BlockCase.sequence(m + " on sequences", preNorm().merge(m).build()));
            cases.add(BlockCase.vector(m + " on vectors", preNorm().merge(m).build()));
            if (!(m instanceof MergeSpec.Concat)) {
                cases.add(
                        BlockCase.image(
                                m + " strided",
                                Residual.builder("", conv("conv", 6).withStride(2))
                                        .shortcut(new ShortcutSpec.Projection(BATCH, false))
                                        .merge(m)
                                        .build()));
            }
        }
    }

    private static void norms(List<BlockCase> cases) {
        for (NormSpec n : NORMS) {
            cases.add(
                    BlockCase.image(
                            "before " + n,
                            Residual.builder("", conv("conv", 4))
                                    .before(new NormActivation(n, RELU))
                                    .build()));
        }
        NormSpec group = new NormSpec.Group(2, 1e-5, 1);
        cases.add(
                BlockCase.image(
                        "everywhere " + group,
                        Residual.builder("", conv("conv", 4))
                                .before(new NormActivation(group, RELU))
                                .afterBranch(NormActivation.of(group))
                                .after(new NormActivation(group, RELU))
                                .build()));
    }

    static List<BlockCase> dropPaths() {
        List<BlockCase> cases = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            cases.add(
                    BlockCase.sequence(
                            "layerDrop " + mode,
                            new LayerDrop(
                                    "",
                                    new DropPathSpec(0.4, mode, Rescale.TRAINING),
                                    List.of(
                                            preNorm().name("a").build(),
                                            preNorm().name("b").build()))));
        }
        for (Mode mode : Mode.values()) {
            for (Rescale rescale : Rescale.values()) {
                DropPathSpec drop = new DropPathSpec(0.4, mode, rescale);
                cases.add(BlockCase.image(drop.toString(), preActivated().dropPath(drop).build()));
                cases.add(
                        BlockCase.sequence(
                                drop + " on sequences", preNorm().dropPath(drop).build()));
            }
        }
        return cases;
    }
}
