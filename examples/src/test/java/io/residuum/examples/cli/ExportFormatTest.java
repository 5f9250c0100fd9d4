package io.residuum.examples.cli;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.model.Presets;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares exported files in DJL with their networks. */
@ExtendWith(Seeds.class)
class ExportFormatTest {
    private static final int LENGTH = 7;

    @TempDir private Path folder;

    private String save(Network network) {
        Path file = folder.resolve("saved.safetensors");
        network.save(file);
        return file.toString();
    }

    private static ModelSpec preset(String name) {
        return Presets.find(name).orElseThrow().spec();
    }

    /** Two samples, of which one is padded where there is a mask. */
    private static Map<String, NDArray> inputs(ModelSpec spec, NDManager manager) {
        Map<String, NDArray> inputs = new HashMap<>();
        if (spec.input() instanceof InputSpec.Image) {
            Shape shape = new Shape(2).addAll(spec.input().batchShape().slice(1));
            inputs.put("data", Tensors.random(manager, Seeds.SEED, shape.getShape()));
            return inputs;
        }
        long[] ids = new long[2 * LENGTH];
        long[] segments = new long[2 * LENGTH];
        float[] mask = new float[2 * LENGTH];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = 5 * i % 60;
            segments[i] = i % LENGTH < 4 ? 0 : 1;
            mask[i] = i < ids.length - 2 ? 1 : 0;
        }
        Shape shape = new Shape(2, LENGTH);
        inputs.put("data", manager.create(ids, shape));
        inputs.put("segments", manager.create(segments, shape));
        inputs.put("mask", manager.create(mask, shape));
        return inputs;
    }

    private static NDList named(Map<String, NDArray> arrays, List<String> names) {
        NDList list = new NDList();
        for (String name : names) {
            NDArray array = arrays.get(name);
            array.setName(name);
            list.add(array);
        }
        return list;
    }

    @ParameterizedTest
    @CsvSource({
        "resnet20-b, torchscript, net.pt",
        "resnet20-b, mxnet, net",
        "char-gpt, torchscript, net.pt",
        "char-gpt, mxnet, net",
        "stories260k, mxnet, net",
        "bert-tiny, torchscript, net.pt",
        "bert-tiny, mxnet, net",
    })
    void djlComputesTheSame(String preset, String format, String file) throws Exception {
        ModelSpec spec = preset(preset);
        boolean torch = format.equals("torchscript");
        Backend backend = Engines.backend(torch ? EngineChoice.PYTORCH : EngineChoice.MXNET);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager();
                Model model = Model.newInstance("net", backend.engine().getEngineName())) {
            List<String> args = new ArrayList<>(List.of("export", save(network)));
            args.addAll(List.of("--format", format, "-o", path(file).toString()));
            if (!torch && spec.input() instanceof InputSpec.Tokens) {
                args.add("--length=" + LENGTH);
            }
            Cli cli = Cli.ok(args.toArray(String[]::new));
            model.load(folder, "net");
            Map<String, NDArray> arrays = inputs(spec, manager);
            List<String> order =
                    cli.err()
                            .lines()
                            .filter(line -> line.startsWith("input"))
                            .map(line -> line.split(" +")[1])
                            .toList();
            double[] expected = Tensors.values(network.predict(named(arrays, order)));
            try (Predictor<NDList, NDList> predictor =
                    model.newPredictor(new NoopTranslator(null))) {
                NDArray found = predictor.predict(named(arrays, order)).head();
                assertClose(expected, Tensors.values(found), 1e-5, preset + " as " + format);
            }
        }
    }

    private Path path(String file) {
        return folder.resolve(file);
    }

    @Test
    void torchScriptHasTheSpecAndPyTorchsOwnAttention() throws IOException {
        Path out = path("gpt.pt");
        Cli cli = Cli.ok("export", "char-gpt", "--format", "torchscript", "-o", out.toString());
        assertTrue(cli.err().contains("wrote    " + out + ", as torchscript"), cli.err());
        assertTrue(text(out, "code/__torch__.py").contains("scaled_dot_product_attention"));
        String json = text(out, "extra/residuum.spec");
        assertEquals(preset("char-gpt"), SpecJson.standard().parse(json, "extra", ModelSpec.class));
    }

    private static String text(Path archive, String name) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile());
                var in = zip.getInputStream(zip.getEntry("residuum/" + name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void mxnetHasTwoFiles() {
        Path out = path("gpt");
        Cli cli = Cli.ok("export", "char-gpt", "--format", "mxnet", "-o", out.toString());
        String files = "wrote    %1$s-symbol.json and %1$s-0000.params, as mxnet".formatted(out);
        assertTrue(cli.err().contains(files), cli.err());
    }

    @ParameterizedTest
    @CsvSource({
        "onnx, net.pt, end with \".onnx\"",
        "torchscript, net.onnx, end with \".pt\"",
        "mxnet, net-symbol.json, be the prefix of two files",
        "mxnet, net-0000.params, be the prefix of two files",
    })
    void aNameThatReadersDoNotFindIsRefused(String format, String file, String message) {
        Cli cli = Cli.run("export", "char-gpt", "--format", format, "-o", path(file).toString());
        assertEquals(2, cli.code(), cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
        assertTrue(cli.err().contains("-o must " + message), cli.err());
    }

    @ParameterizedTest
    @CsvSource({"torchscript, net.pt", "mxnet, net"})
    void aFolderThatIsNotThereIsNamed(String format, String file) {
        Path out = path("missing").resolve(file);
        Cli cli = Cli.run("export", "char-gpt", "--format", format, "-o", out.toString());
        assertEquals(1, cli.code(), cli.err());
        assertTrue(cli.err().contains(": the folder " + out.getParent()), cli.err());
    }
}
