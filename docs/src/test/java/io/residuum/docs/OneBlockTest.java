package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Cost;
import io.residuum.model.ModelFiles;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.residual.IdentityCertificate;
import io.residuum.residual.InverseBlock;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBlock.Tap;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.vision.resnet.ActivationOrder;
import io.residuum.vision.resnet.ResNet;
import io.residuum.vision.resnet.ResNetUnit;
import io.residuum.vision.resnet.ShortcutPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The listings of the guide "One block": each unit is built, run and differentiated. */
class OneBlockTest {
    private static final List<Integer> IMAGE = List.of(16, 8, 8);
    private static final List<Integer> SEQUENCE = List.of(12, 32);
    private static final List<Integer> VECTOR = List.of(32);
    private static Backend backend;

    @BeforeAll
    static void openBackend() {
        backend = Backend.open();
    }

    @AfterAll
    static void closeBackend() {
        backend.close();
    }

    static LayerSpec unit(String name) {
        String resource = "units/" + name + ".json";
        return SpecJson.standard()
                .parse(Guide.read(Guide.resource(resource)), resource, LayerSpec.class);
    }

    private static Network network(Backend on, List<Integer> input, LayerSpec unit) {
        return Network.create(new ModelSpec("unit", new InputSpec.Features(input), unit), on, 1);
    }

    // Parameters by hand: conv k*k*in*out (+ out), norm 2*c, linear in*out + out.
    @ParameterizedTest
    @CsvSource({
        "resnet-v1,          image,    4672, '(16, 8, 8)'",
        "bottleneck-v1.5,    image,    4928, '(64, 4, 4)'",
        "resnet-v2,          image,   14432, '(32, 4, 4)'",
        "plain,              image,    2336, '(16, 8, 8)'",
        "constant-scale,     image,    2320, '(16, 8, 8)'",
        "exclusive-gate,     image,    2592, '(16, 8, 8)'",
        "shortcut-only-gate, image,    2592, '(16, 8, 8)'",
        "conv-shortcut,      image,    2608, '(16, 8, 8)'",
        "dropout-shortcut,   image,    2320, '(16, 8, 8)'",
        "highway,            vector,   2112, '(32)'",
        "densenet,           image,   14960, '(64, 8, 8)'",
        "inception-resnet,   image,    1211, '(16, 8, 8)'",
        "rezero,             vector,   1057, '(32)'",
        "layer-scale,        sequence, 8448, '(12, 32)'",
        "pre-ln,             sequence, 8416, '(12, 32)'",
        "post-ln,            sequence, 8416, '(12, 32)'",
        "sandwich,           sequence, 8480, '(12, 32)'",
        "deepnorm,           sequence, 8416, '(12, 32)'",
        "parallel,           sequence, 9472, '(12, 32)'",
        "convnext,           image,    2976, '(16, 8, 8)'",
        "tied,               image,    2352, '(16, 8, 8)'",
        "stochastic-depth,   image,    2320, '(16, 8, 8)'",
        "hyper-connections,  sequence, 1144, '(12, 32)'",
        "mhc,                sequence, 4219, '(12, 32)'",
        "alt-up,             sequence, 1260, '(12, 32)'",
        "reversible,         sequence,  544, '(12, 32)'",
        "momentum,           sequence, 1056, '(12, 32)'",
        "latent-attention,   sequence, 2104, '(12, 32)'",
        "laurel,             sequence, 1312, '(12, 32)'",
        "x0,                 sequence, 2114, '(12, 32)'",
        "mudd,               sequence, 5656, '(12, 32)'",
        "attention-residuals, sequence, 2176, '(12, 32)'",
        "connected,          sequence, 2117, '(12, 32)'",
        "stable-resnet,      vector,   4224, '(32)'",
        "affine,             sequence, 1120, '(12, 32)'",
        "adaln-zero,         sequence, 3280, '(12, 32)'",
        "shake-shake,        image,    4672, '(16, 8, 8)'",
        "shake-drop,         image,    6960, '(16, 8, 8)'",
        "fractal,            image,    6960, '(16, 8, 8)'",
        "gru,                sequence, 7296, '(12, 32)'",
        "delta,              sequence, 1186, '(12, 32)'",
        "slerp,              sequence, 1056, '(12, 32)'",
        "layer-drop,         sequence, 2240, '(12, 32)'",
        "ode,                image,    2320, '(16, 8, 8)'"
    })
    void unitBuildsRunsAndDifferentiates(
            String name, String kind, long parameters, String outputShape) {
        LayerSpec unit = unit(name);
        assertEquals(
                unit,
                SpecJson.standard().parse(SpecJson.standard().write(unit), name, LayerSpec.class));
        List<Integer> input =
                switch (kind) {
                    case "image" -> IMAGE;
                    case "sequence" -> SEQUENCE;
                    default -> VECTOR;
                };
        for (EngineChoice engine : List.of(EngineChoice.MXNET, EngineChoice.PYTORCH)) {
            try (Backend on = Backend.open(engine, DeviceChoice.CPU)) {
                runs(on, unit, input, parameters, outputShape);
            }
        }
    }

    private static void runs(
            Backend on, LayerSpec unit, List<Integer> input, long parameters, String outputShape) {
        try (Network network = network(on, input, unit);
                NDManager manager = on.newManager()) {
            assertEquals(parameters, network.cost().parameters());
            assertEquals(outputShape, network.outputShape().slice(1).toString());
            NDArray x = input(manager, input);
            try (GradientCollector collector = on.newGradientCollector()) {
                NDArray y = network.forward(new NDList(x), true);
                assertEquals(outputShape, y.getShape().slice(1).toString());
                for (float v : y.toFloatArray()) {
                    assertTrue(Float.isFinite(v));
                }
                collector.backward(y.square().sum());
            }
            assertTrue(gradients(network) > 0);
        }
    }

    /** Counts the parameters whose gradient is not zero; all must be finite. */
    private static int gradients(Network network) {
        int some = 0;
        for (Parameter p : network.parameters().values()) {
            try (NDArray gradient = p.getArray().getGradient()) {
                float[] values = gradient.toFloatArray();
                float sum = 0;
                for (float v : values) {
                    sum += Math.abs(v);
                }
                assertTrue(Float.isFinite(sum), p.getName());
                some += sum > 0 ? 1 : 0;
            }
        }
        return some;
    }

    @Test
    void everyUnitIsTested() throws IOException {
        CsvSource rows =
                Arrays.stream(OneBlockTest.class.getDeclaredMethods())
                        .filter(m -> m.isAnnotationPresent(CsvSource.class))
                        .findFirst()
                        .orElseThrow()
                        .getAnnotation(CsvSource.class);
        Set<String> tested =
                Arrays.stream(rows.value())
                        .map(row -> row.substring(0, row.indexOf(',')) + ".json")
                        .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.list(Guide.resource("units"))) {
            assertEquals(
                    files.map(f -> f.getFileName().toString())
                            .collect(Collectors.toCollection(TreeSet::new)),
                    tested);
        }
    }

    private static NDArray input(NDManager manager, List<Integer> shape) {
        long[] dims = new long[shape.size() + 1];
        dims[0] = 2;
        for (int i = 0; i < shape.size(); i++) {
            dims[i + 1] = shape.get(i);
        }
        return manager.randomNormal(0, 1, new Shape(dims), DataType.FLOAT32);
    }

    private static Map<String, float[]> outputs(
            LayerSpec unit, List<Integer> input, List<String> names) {
        try (Network network = network(backend, input, unit);
                NDManager manager = backend.newManager()) {
            NDArray x = input(manager, input);
            Map<String, float[]> values = new LinkedHashMap<>();
            values.put("x", x.toFloatArray());
            network.features(new NDList(x), names)
                    .forEach((n, a) -> values.put(n, a.toFloatArray()));
            return values;
        }
    }

    @Test
    void reZeroBeginsAsTheIdentity() {
        Map<String, float[]> values = outputs(unit("rezero"), VECTOR, List.of(""));
        assertArrayEquals(values.get("x"), values.get(""));
    }

    @Test
    void certificatesFollowFromTheSpec() {
        // tag::identity
        Layer layers =
                ResNet.cifar(20)
                        .withUnit(ResNetUnit.ORIGINAL.withZeroInit(true))
                        .newBlock(new Shape(-1, 3, 32, 32));
        for (IdentityCertificate unit : IdentityCertificate.of(layers)) {
            System.out.println(unit.path() + " " + unit.start() + " " + unit.reasons());
        }
        // end::identity
        assertEquals(
                7,
                IdentityCertificate.of(layers).stream()
                        .filter(unit -> unit.start() == IdentityCertificate.Start.RELU)
                        .count());
    }

    @Test
    void reversibleUnitsHaveAnInverse() {
        // tag::inverse
        Layer units = unit("reversible").newBlock(new Shape(-1, 6, 32));
        Layer inverse = InverseBlock.of(units);
        // end::inverse
        assertEquals("Inverse(2 units)", inverse.describe());
        assertEquals(units.inputShape(), inverse.outputShape());
    }

    @Test
    void adaLnZeroBeginsAsTheIdentity() {
        Map<String, float[]> values = outputs(unit("adaln-zero"), SEQUENCE, List.of(""));
        assertArrayEquals(values.get("x"), values.get(""));
    }

    @Test
    void normFreeNetworkHasNoNorms() {
        ModelSpec spec = SpecJson.standard().readModel(Guide.resource("specs/norm-free.json"));
        Set<String> paths = spec.newBlock().namedParameters().keySet();
        assertTrue(paths.contains("stage1.0.branch.conv1.gain"), paths.toString());
        assertTrue(paths.stream().noneMatch(path -> path.contains("norm")), paths.toString());
    }

    @Test
    void highwayWeighsShortcutAndBranch() {
        Map<String, float[]> v = outputs(unit("highway"), VECTOR, List.of("branch", "gate", ""));
        float[] x = v.get("x");
        for (int i = 0; i < x.length; i++) {
            double g = 1 / (1 + Math.exp(-v.get("gate")[i]));
            assertEquals((1 - g) * x[i] + g * v.get("branch")[i], v.get("")[i], 1e-5);
        }
    }

    @Test
    void shortcutOnlyGateLeavesTheBranchAlone() {
        Map<String, float[]> v =
                outputs(unit("shortcut-only-gate"), IMAGE, List.of("branch", "gate", ""));
        float[] x = v.get("x");
        for (int i = 0; i < x.length; i++) {
            double g = 1 / (1 + Math.exp(-v.get("gate")[i]));
            assertEquals((1 - g) * x[i] + v.get("branch")[i], v.get("")[i], 1e-4);
        }
    }

    @Test
    void tiedUnitsShareOneSetOfWeights() {
        Set<String> paths;
        try (Network network = network(backend, IMAGE, unit("tied"))) {
            paths = network.parameters().keySet();
        }
        assertEquals(
                Set.of(
                        "0.before.norm.weight",
                        "0.before.norm.bias",
                        "0.branch.weight",
                        "0.branch.bias"),
                paths);
    }

    @Test
    void javaAndJsonAreOneUnit() {
        // tag::v2-java
        Residual unit =
                Residual.builder(
                                "",
                                Conv2d.of(32, 3).withStride(2).withBias(false).withName("conv1"),
                                new Normalization("norm1", NormSpec.BATCH),
                                new Activation("activation1", ActivationSpec.RELU),
                                Conv2d.of(32, 3).withBias(false).withName("conv2"))
                        .before(new NormActivation(NormSpec.BATCH, ActivationSpec.RELU))
                        .shortcut(new ShortcutSpec.Projection(NormSpec.NONE, false))
                        .tap(Tap.BEFORE)
                        .build();
        // end::v2-java
        assertEquals(unit("resnet-v2"), unit);
    }

    @Test
    void activationOrdersAreSettingsOfOneBlock() {
        // tag::orders
        LayerSpec conv1 = Conv2d.of(16, 3).withBias(false).withName("conv1");
        LayerSpec conv2 = Conv2d.of(16, 3).withBias(false).withName("conv2");
        LayerSpec bn1 = new Normalization("norm1", NormSpec.BATCH);
        LayerSpec bn2 = new Normalization("norm2", NormSpec.BATCH);
        LayerSpec relu1 = new Activation("activation1", ActivationSpec.RELU);
        LayerSpec relu2 = new Activation("activation2", ActivationSpec.RELU);
        NormSpec none = NormSpec.NONE;
        NormSpec bn = NormSpec.BATCH;
        ActivationSpec relu = ActivationSpec.RELU;

        Map<ActivationOrder, Residual> units =
                Map.of(
                        // (a)
                        ActivationOrder.ORIGINAL,
                        Residual.builder("0", conv1, bn1, relu1, conv2, bn2)
                                .after(new NormActivation(none, relu))
                                .build(),
                        // (b)
                        ActivationOrder.NORM_AFTER_ADD,
                        Residual.builder("0", conv1, bn1, relu1, conv2)
                                .after(new NormActivation(bn, relu))
                                .build(),
                        // (c)
                        ActivationOrder.RELU_BEFORE_ADD,
                        Residual.of("0", conv1, bn1, relu1, conv2, bn2, relu2),
                        // (d)
                        ActivationOrder.RELU_PRE_ACTIVATION,
                        Residual.builder("0", conv1, bn1, relu1, conv2, bn2)
                                .before(new NormActivation(none, relu))
                                .build(),
                        // (e)
                        ActivationOrder.PRE_ACTIVATION,
                        Residual.builder("0", conv1, bn1, relu1, conv2)
                                .before(new NormActivation(bn, relu))
                                .build());
        // end::orders
        units.forEach(
                (order, unit) -> {
                    ResNet net =
                            ResNet.cifar(
                                    20, ResNetUnit.ORIGINAL.withOrder(order), ShortcutPolicy.A);
                    Sequential parts = (Sequential) net.expand();
                    Sequential stage1 = (Sequential) parts.layers().get(1);
                    assertEquals(stage1.layers().get(0), unit, order.toString());
                });
        assertEquals(Set.of(ActivationOrder.values()), units.keySet());
    }

    @Test
    void familiesAreOptionsAway() {
        // tag::family
        ResNet v15 = ResNet.imagenet(50);
        ResNet v1 = v15.withUnit(ResNetUnit.ORIGINAL.withStrideOn(ResNetUnit.StrideOn.FIRST));
        ResNet v2 = v15.withUnit(ResNetUnit.ORIGINAL.withOrder(ActivationOrder.PRE_ACTIVATION));
        ResNet resnext = v15.withUnit(ResNetUnit.ORIGINAL.withGroups(32).withGroupWidth(4));
        ResNet plain = v15.withShortcut(ShortcutPolicy.NONE);
        // end::family
        assertEquals(
                Cost.of(v15.newBlock(SHAPE)).parameters(),
                Cost.of(v1.newBlock(SHAPE)).parameters());
        assertNotEquals(Cost.of(v15.newBlock(SHAPE)).macs(), Cost.of(v1.newBlock(SHAPE)).macs());
        assertEquals(25_549_352, Cost.of(v2.newBlock(SHAPE)).parameters());
        assertEquals(25_028_904, Cost.of(resnext.newBlock(SHAPE)).parameters());
        // What is missing are the four projections and their norms.
        long projections = 64 * 256 + 256 * 512 + 512 * 1024 + 1024 * 2048;
        assertEquals(
                25_557_032 - projections - 2 * (256 + 512 + 1024 + 2048),
                Cost.of(plain.newBlock(SHAPE)).parameters());
    }

    private static final Shape SHAPE = new Shape(-1, 3, 224, 224);

    @Test
    void expandingAFamilyKeepsItsFingerprint() {
        // tag::expand
        ModelSpec family = SpecJson.standard().readModel(Guide.resource("specs/resnet20.json"));
        ModelSpec plain = family.expand();
        Map<String, Parameter> paths = plain.newBlock().namedParameters();
        // end::expand
        assertEquals(ModelFiles.fingerprint(family), ModelFiles.fingerprint(plain));
        assertEquals(
                List.copyOf(family.newBlock().namedParameters().keySet()),
                List.copyOf(paths.keySet()));
        assertTrue(paths.containsKey("stage2.0.branch.conv1.weight"));
    }
}
