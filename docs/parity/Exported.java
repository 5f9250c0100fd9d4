import ai.djl.Model;
import ai.djl.ModelException;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.weights.SafetensorsWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Exports networks with random weights by the command, and runs the files: {@code exported.py} does
 * that in Python, DJL does it for MXNet. A source-file program, run by {@code exported.sh} with the
 * launcher's class path: the folder it lies in, and which presets to compare.
 */
public final class Exported {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BATCH = 2;

    /** Where the length of sequences, and that of a translator's source, is free or given. */
    private static final long[] LENGTHS = {17, 9, 33};

    private static final long[] SOURCES = {17, 21, 8};

    /** The pixels added to the size of images where it is free. */
    private static final long[] HEIGHTS = {0, 32, 5};

    private static final long[] WIDTHS = {0, 64, 2};

    /** Those that are compared where nobody asks for others. */
    private static final List<String> FAMILIES =
            List.of(
                    "resnet18",
                    "resnet20",
                    "resnet50",
                    "resnet50d",
                    "resnetv2-50",
                    "resnext50-32x4d",
                    "seresnet50",
                    "wide-resnet50-2",
                    "preact-resnet164",
                    "wrn-28-10",
                    "vgg11-bn",
                    "densenet121",
                    "densenet-bc-100-12",
                    "inception-v4",
                    "inception-resnet-v2",
                    "vit-ti-16",
                    "deit-ti-16-distilled",
                    "deit3-s-16",
                    "cait-xxs24-16",
                    "gpt1",
                    "gpt2",
                    "char-gpt",
                    "bert-base-uncased",
                    "stories15m",
                    "transformer-base");

    /** The value of {@code -o} for each format. */
    private static final Map<String, String> FILES = files();

    /** The description of each input by {@code residuum export}. */
    private static final Pattern INPUT =
            Pattern.compile("input +(\\S+) \\(N, ([0-9LSHW, ]+)\\), (\\w+)");

    private record Input(String name, List<String> sizes, boolean ids) {
        boolean isFree() {
            return sizes.stream().anyMatch(s -> !Character.isDigit(s.charAt(0)));
        }

        /** One of several shapes, if some sizes are free. */
        Shape shape(ModelSpec spec, int round) {
            Shape made = spec.input().batchShape();
            long[] dims =
                    sizes.stream()
                            .mapToLong(
                                    size ->
                                            switch (size) {
                                                case "L" -> LENGTHS[round];
                                                case "S" -> SOURCES[round];
                                                case "H" -> made.get(2) + HEIGHTS[round];
                                                case "W" -> made.get(3) + WIDTHS[round];
                                                default -> Long.parseLong(size);
                                            })
                            .toArray();
            return new Shape(BATCH).addAll(new Shape(dims));
        }
    }

    /** The inputs, in the order of the formats, and the outputs of the network itself. */
    private record Sample(NDList inputs, float[] output) {
        List<String> names() {
            return inputs.stream().map(NDArray::getName).toList();
        }
    }

    /** The process of the other runtimes: a line of JSON to it, a line of JSON from it. */
    private record Runtimes(Process process, PrintStream to, BufferedReader from)
            implements AutoCloseable {

        static Runtimes start(Path script) throws IOException {
            Process process =
                    new ProcessBuilder(System.getProperty("parity.python"), script.toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            return new Runtimes(
                    process,
                    new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8),
                    process.inputReader(StandardCharsets.UTF_8));
        }

        JsonNode ask(Map<String, Object> request) throws IOException {
            to.println(JSON.writeValueAsString(request));
            String line = from.readLine();
            if (line == null) {
                throw new IOException("the runtimes' process ended: see above");
            }
            JsonNode answer = JSON.readTree(line);
            if (answer.has("failed")) {
                throw new IOException(answer.get("failed").asText());
            }
            return answer;
        }

        @Override
        public void close() {
            to.close();
            process.destroy();
        }
    }

    private static Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("onnx", "model.onnx");
        files.put("torchscript", "model.pt");
        files.put("mxnet", "model");
        return files;
    }

    private final Runtimes runtimes;
    private final Backend backend;
    private final Path work = Path.of(System.getProperty("parity.work"));

    private Exported(Runtimes runtimes, Backend backend) {
        this.runtimes = runtimes;
        this.backend = backend;
    }

    public static void main(String[] args) throws Exception {
        Path here = Path.of(args[0]);
        Path results = here.resolve("exported.json");
        Map<String, ObjectNode> rows = new LinkedHashMap<>();
        if (Files.exists(results)) {
            JSON.readTree(results.toFile())
                    .forEach(row -> rows.put(row.get("preset").asText(), (ObjectNode) row));
        }
        List<Pattern> wanted =
                Arrays.stream(args)
                        .skip(1)
                        .map(p -> Pattern.compile(Pattern.quote(p).replace("*", "\\E.*\\Q")))
                        .toList();
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Runtimes runtimes = Runtimes.start(here.resolve("exported.py"))) {
            JsonNode versions = runtimes.ask(Map.of("do", "versions"));
            Exported exported = new Exported(runtimes, backend);
            for (Preset preset : presets()) {
                boolean asked =
                        wanted.isEmpty()
                                ? FAMILIES.contains(preset.name())
                                : wanted.stream().anyMatch(p -> p.matcher(preset.name()).matches());
                if (asked) {
                    rows.put(preset.name(), exported.row(preset, versions));
                    save(here, rows);
                }
            }
        }
    }

    private static List<Preset> presets() {
        return ServiceLoader.load(PresetProvider.class).stream()
                .flatMap(provider -> provider.get().presets().stream())
                .toList();
    }

    private ObjectNode row(Preset preset, JsonNode versions) throws Exception {
        ObjectNode row = JSON.createObjectNode();
        row.put("preset", preset.name());
        row.put("date", LocalDate.now().toString());
        row.put("parameters", Cost.of(preset.spec().newBlock()).parameters());
        row.set("versions", versions);
        compare(preset.spec(), row);
        System.err.println(row);
        try (Stream<Path> files = Files.list(work)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        return row;
    }

    /** A format that fails has the reason in its place. */
    private void compare(ModelSpec spec, ObjectNode row) throws InterruptedException {
        Path model = work.resolve("model.safetensors");
        try (Network network = Network.create(spec, backend, 1);
                NDManager manager = backend.newManager()) {
            draw(network);
            network.save(model);
            for (Map.Entry<String, String> format : FILES.entrySet()) {
                Path file = work.resolve(format.getValue());
                try {
                    List<Input> read = export(spec, model, format.getKey(), file);
                    boolean free = read.stream().anyMatch(Input::isFree);
                    double worst = 0;
                    for (int round = 0; round < (free ? LENGTHS.length : 1); round++) {
                        Sample sample = sample(network, manager, spec, read, round);
                        row.put("inputs", String.join(", ", sample.names()));
                        worst = Math.max(worst, run(format.getKey(), file, sample));
                    }
                    row.put(format.getKey(), worst);
                    row.put(format.getKey() + "Free", free);
                } catch (IOException | ModelException | TranslateException | RuntimeException e) {
                    row.put(format.getKey(), String.valueOf(e.getMessage()));
                }
            }
        }
    }

    private double run(String format, Path file, Sample sample)
            throws IOException, ModelException, TranslateException {
        return format.equals("mxnet") ? runMxnet(file, sample) : runPython(format, file, sample);
    }

    private double runPython(String format, Path file, Sample sample) throws IOException {
        return runtimes.ask(
                        Map.of(
                                "do", format,
                                "file", file.toString(),
                                "names", sample.names(),
                                "inputs", inputs().toString(),
                                "outputs", outputs().toString()))
                .get("error")
                .asDouble();
    }

    /** MXNet has no Python of today: DJL loads its files and runs them. */
    private static double runMxnet(Path file, Sample sample)
            throws IOException, ModelException, TranslateException {
        try (Model model = Model.newInstance(file.getFileName().toString(), "MXNet")) {
            model.load(file.getParent());
            try (Predictor<NDList, NDList> predictor =
                    model.newPredictor(new NoopTranslator(null))) {
                NDArray found = predictor.predict(sample.inputs()).singletonOrThrow();
                return error(Values.floats(found), sample.output());
            }
        }
    }

    private static double error(float[] found, float[] expected) {
        if (found.length != expected.length) {
            throw new IllegalStateException(
                    "output of %d values, must be %d".formatted(found.length, expected.length));
        }
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(found[i] - expected[i]));
        }
        return difference / largest;
    }

    private Path inputs() {
        return work.resolve("inputs.safetensors");
    }

    private Path outputs() {
        return work.resolve("outputs.safetensors");
    }

    /** Makes what begins as 0 or 1 matter to the output. */
    private static void draw(Network network) {
        SplittableRandom random = new SplittableRandom(2);
        for (Parameter p : network.state().values()) {
            NDArray array = p.getArray();
            if (array.getShape().dimension() > 1) {
                continue;
            }
            float[] values = Values.floats(array);
            boolean variance = p.getType() == Parameter.Type.RUNNING_VAR;
            for (int i = 0; i < values.length; i++) {
                values[i] =
                        variance
                                ? (float) random.nextDouble(0.5, 1.5)
                                : values[i] + (float) (0.1 * random.nextGaussian());
            }
            array.set(values);
        }
    }

    /** Runs the command; what it says of the inputs tells what to compare with. */
    private static List<Input> export(ModelSpec spec, Path model, String format, Path file)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("io.residuum.examples.cli.Residuum");
        command.addAll(List.of("export", model.toString(), "--format", format));
        command.addAll(List.of("-o", file.toString()));
        if (spec.input() instanceof InputSpec.Tokens && format.equals("mxnet")) {
            command.addAll(List.of("--length", Long.toString(LENGTHS[0])));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", lines));
        }
        List<Input> inputs = new ArrayList<>();
        for (String line : lines) {
            Matcher found = INPUT.matcher(line);
            if (found.matches()) {
                List<String> sizes = List.of(found.group(2).split(", "));
                inputs.add(new Input(found.group(1), sizes, found.group(3).equals("int64")));
            }
        }
        return inputs;
    }

    /** Writes the inputs and the output for Python, too. */
    private Sample sample(
            Network network, NDManager manager, ModelSpec spec, List<Input> read, int round) {
        SplittableRandom random = new SplittableRandom(3);
        SafetensorsWriter writer = new SafetensorsWriter();
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Input input : read) {
            Shape shape = input.shape(spec, round);
            int count = Math.toIntExact(shape.size());
            long[] dims = shape.getShape();
            NDArray array;
            if (input.ids()) {
                int vocabulary =
                        input.name().equals("segments")
                                ? 2
                                : ((InputSpec.Tokens) spec.input()).vocabulary();
                long[] ids = random.longs(count, 0, vocabulary).toArray();
                writer.add(input.name(), dims, ids);
                array = manager.create(ids, shape);
            } else {
                float[] values = new float[count];
                Arrays.fill(values, 1);
                if (input.name().equals("data")) {
                    for (int i = 0; i < count; i++) {
                        values[i] = (float) random.nextGaussian();
                    }
                } else {
                    // The last sample's end is padding.
                    Arrays.fill(values, count - 5, count, 0);
                }
                writer.add(input.name(), dims, values);
                array = manager.create(values, shape);
            }
            array.setName(input.name());
            arrays.put(input.name(), array);
        }
        writer.write(inputs());
        NDList inputs = new NDList(arrays.values());
        NDArray output = network.predict(inputs);
        float[] values = Values.floats(output);
        new SafetensorsWriter()
                .add("output", output.getShape().getShape(), values)
                .write(outputs());
        return new Sample(inputs, values);
    }

    /** Writes the rows in the order of the presets. */
    private static void save(Path here, Map<String, ObjectNode> rows) throws IOException {
        List<ObjectNode> sorted =
                presets().stream()
                        .map(p -> rows.get(p.name()))
                        .filter(row -> row != null)
                        .toList();
        String json =
                JSON.writerWithDefaultPrettyPrinter()
                        .writeValueAsString(JSON.createArrayNode().addAll(sorted));
        Files.writeString(here.resolve("exported.json"), json + "\n");
        StringBuilder table = new StringBuilder();
        JsonNode versions = sorted.get(sorted.size() - 1).get("versions");
        table.append(
                "Versions: onnx %s, onnxruntime %s, torch %s in Python, MXNet %s by DJL.%n%n"
                        .formatted(
                                versions.get("onnx").asText(),
                                versions.get("onnxruntime").asText(),
                                versions.path("torch").asText(),
                                Engine.getEngine("MXNet").getVersion()));
        table.append("| preset | inputs | parameters | ONNX | TorchScript | MXNet |\n");
        table.append("|---|---|---:|---:|---:|---:|\n");
        for (ObjectNode row : sorted) {
            table.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %,d | %s | %s | %s |%n",
                            row.get("preset").asText(),
                            row.path("inputs").asText(),
                            row.get("parameters").asLong(),
                            result(row, "onnx"),
                            result(row, "torchscript"),
                            result(row, "mxnet")));
        }
        Path page = here.resolve("../parity.md").normalize();
        String begin = "<!-- written by parity/exported.sh -->\n";
        String text = Files.readString(page);
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf("<!-- end -->", from);
        Files.writeString(page, text.substring(0, from) + table + text.substring(to));
    }

    private static String result(JsonNode row, String format) {
        JsonNode found = row.path(format);
        if (!found.isNumber()) {
            return found.asText("not run");
        }
        double error = found.asDouble();
        String text = error == 0 ? "0" : String.format(Locale.ROOT, "%.1e", error);
        return row.path(format + "Free").asBoolean() ? text + " *" : text;
    }
}
