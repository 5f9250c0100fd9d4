import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.Cost;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.PresetProvider;
import io.residuum.weights.Safetensors;
import io.residuum.weights.TensorType;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.ImportOptions;
import io.residuum.weights.dialect.Export;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Runs the cases of {@code peer.py} on both engines, and writes what came of it. A source-file
 * program, run by {@code run.sh} with the launcher's class path: the folder it lies in, and which
 * presets to compare.
 */
public final class Parity {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<EngineChoice> ENGINES =
            List.of(EngineChoice.MXNET, EngineChoice.PYTORCH);

    /** The peers' process: a line of JSON to it, a line of JSON from it. */
    private record Peers(Process process, PrintStream to, BufferedReader from)
            implements AutoCloseable {

        static Peers start(String python, Path script) throws IOException {
            Process process =
                    new ProcessBuilder(python, script.toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            return new Peers(
                    process,
                    new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8),
                    process.inputReader(StandardCharsets.UTF_8));
        }

        JsonNode ask(String what, String name, Path folder) throws IOException {
            ObjectNode request = JSON.createObjectNode();
            request.put("do", what).put("case", name).put("folder", folder.toString());
            to.println(JSON.writeValueAsString(request));
            String line = from.readLine();
            if (line == null) {
                throw new IOException("the peers' process ended: see above");
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

    private final Peers peers;
    private final Map<EngineChoice, Backend> backends;
    private final Map<String, ModelSpec> presets = new LinkedHashMap<>();
    private final ImportOptions options = ImportOptions.standard();
    private final long limit;

    private Parity(Peers peers, Map<EngineChoice, Backend> backends, long limit) {
        this.peers = peers;
        this.backends = backends;
        this.limit = limit;
        ServiceLoader.load(PresetProvider.class)
                .forEach(p -> p.presets().forEach(s -> presets.putIfAbsent(s.name(), s.spec())));
    }

    public static void main(String[] args) throws IOException {
        Path here = Path.of(args[0]);
        List<Pattern> wanted =
                Arrays.stream(args)
                        .skip(1)
                        .map(p -> Pattern.compile(Pattern.quote(p).replace("*", "\\E.*\\Q")))
                        .toList();
        Map<String, ObjectNode> rows = read(here.resolve("results.json"));
        Map<EngineChoice, Backend> backends = new LinkedHashMap<>();
        ENGINES.forEach(e -> backends.put(e, Backend.open(e, DeviceChoice.CPU)));
        try (Peers peers =
                Peers.start(System.getProperty("parity.python"), here.resolve("peer.py"))) {
            Parity parity =
                    new Parity(peers, backends, Long.parseLong(System.getProperty("parity.limit")));
            Path work = Path.of(System.getProperty("parity.work"));
            JsonNode list = peers.ask("list", "", work);
            for (JsonNode c : list.get("cases")) {
                String name = c.get("case").asText();
                String model = c.get("model").asText();
                boolean asked =
                        wanted.isEmpty()
                                || wanted.stream().anyMatch(p -> p.matcher(model).matches());
                if (asked) {
                    rows.put(name, parity.row(c, list.get("versions"), work));
                    // After each: a run may be long.
                    save(here, list.get("cases"), rows);
                }
            }
        } finally {
            backends.values().forEach(Backend::close);
        }
    }

    /** Writes the rows in the order of the cases. */
    private static void save(Path here, JsonNode cases, Map<String, ObjectNode> rows)
            throws IOException {
        List<ObjectNode> sorted = new ArrayList<>();
        for (JsonNode c : cases) {
            ObjectNode row = rows.get(c.get("case").asText());
            if (row != null) {
                sorted.add(row);
            }
        }
        String json =
                JSON.writerWithDefaultPrettyPrinter()
                        .writeValueAsString(JSON.createArrayNode().addAll(sorted));
        Files.writeString(here.resolve("results.json"), json + "\n");
        write(here.resolve("../parity.md").normalize(), sorted);
    }

    private static Map<String, ObjectNode> read(Path results) throws IOException {
        Map<String, ObjectNode> rows = new LinkedHashMap<>();
        if (Files.exists(results)) {
            JSON.readTree(results.toFile())
                    .forEach(row -> rows.put(row.get("case").asText(), (ObjectNode) row));
        }
        return rows;
    }

    private ObjectNode row(JsonNode given, JsonNode versions, Path work) {
        ObjectNode row = ((ObjectNode) given).deepCopy();
        String name = row.get("case").asText();
        row.put("date", LocalDate.now().toString());
        row.put("version", versions.get(row.get("library").asText()).asText());
        row.put("torch", versions.get("torch").asText());
        try {
            ModelSpec preset = presets.get(row.get("model").asText());
            long parameters = preset == null ? 0 : Cost.of(preset.newBlock()).parameters();
            if (parameters > limit) {
                row.put("parameters", parameters);
                row.put("leftOut", true);
                return row;
            }
            compare(name, row, preset, work);
        } catch (IOException | RuntimeException e) {
            row.put("failed", String.valueOf(e.getMessage()));
        } finally {
            clear(work);
        }
        System.err.printf("%-60s %s%n", name, summary(row));
        return row;
    }

    private void compare(String name, ObjectNode row, ModelSpec preset, Path work)
            throws IOException {
        long parameters = peers.ask("make", name, work).get("parameters").asLong();
        ModelSpec spec =
                preset == null
                        ? ModelSource.of(work.resolve("config.json")).spec()
                        : preset;
        long ours = Cost.of(spec.newBlock()).parameters();
        if (ours != parameters) {
            throw new IOException("%,d parameters, here %,d".formatted(parameters, ours));
        }
        row.put("parameters", parameters);
        Path weights = work.resolve("weights.safetensors");
        if (!Files.exists(weights)) {
            weights = work.resolve("weights.pth");
        }
        for (EngineChoice engine : ENGINES) {
            try (Network network = Network.create(spec, backends.get(engine), 1)) {
                Dialect dialect = network.loadWeights(weights, options).dialect();
                row.put("dialect", dialect.name());
                row.put(engine.name().toLowerCase(Locale.ROOT), error(network, work));
                if (engine == ENGINES.get(ENGINES.size() - 1)) {
                    Export.of(
                                    dialect,
                                    network.block(),
                                    path -> Values.floats(network.state().get(path).getArray()))
                            .write(work.resolve("exported.safetensors"));
                }
            }
        }
        row.put("exported", peers.ask("check", name, work).get("error").asDouble());
    }

    /** The largest difference of any output, by its largest value. */
    private static double error(Network network, Path folder) {
        try (Safetensors expected = Safetensors.open(folder.resolve("outputs.safetensors"));
                NDManager manager = network.backend().newManager()) {
            NDList inputs = inputs(folder, manager);
            boolean one = expected.names().contains("output");
            double worst =
                    one
                            ? relative(
                                    network.features(inputs, List.of("")).get(""),
                                    expected,
                                    "output")
                            : 0;
            List<String> others = new ArrayList<>(expected.names());
            others.remove("output");
            Map<String, NDArray> layers =
                    others.isEmpty() ? Map.of() : network.features(inputs, others);
            for (Map.Entry<String, NDArray> watched : layers.entrySet()) {
                double found = relative(watched.getValue(), expected, watched.getKey());
                worst = found <= worst ? worst : found; // keeps a NaN
            }
            return worst;
        }
    }

    private static double relative(NDArray found, Safetensors file, String name) {
        float[] actual = Values.floats(found);
        float[] expected = file.floats(name);
        if (!found.getShape().equals(new Shape(file.info(name).dimensions()))) {
            throw new IllegalStateException(name + " is " + found.getShape());
        }
        double worst = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - actual[i]);
            worst = difference <= worst ? worst : difference;
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }

    /** The input and the side inputs. */
    private static NDList inputs(Path folder, NDManager manager) {
        NDList inputs = new NDList();
        try (Safetensors file = Safetensors.open(folder.resolve("input.safetensors"))) {
            for (String name :
                    List.of("input", "mask", "segments", "positions", "source", "sourceMask", "text")) {
                if (!file.names().contains(name)) {
                    continue;
                }
                Shape shape = new Shape(file.info(name).dimensions());
                NDArray array =
                        file.info(name).type() == TensorType.I64
                                ? manager.create(file.longs(name), shape)
                                : manager.create(file.floats(name), shape);
                array.setName(name);
                inputs.add(array);
            }
        }
        return inputs;
    }

    private static void clear(Path work) {
        for (String file :
                List.of(
                        "weights.safetensors",
                        "weights.pth",
                        "input.safetensors",
                        "outputs.safetensors",
                        "exported.safetensors",
                        "config.json")) {
            try {
                Files.deleteIfExists(work.resolve(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String summary(JsonNode row) {
        if (row.has("failed")) {
            return "failed: " + row.get("failed").asText();
        }
        return "%s  %s  %s"
                .formatted(number(row, "mxnet"), number(row, "pytorch"), number(row, "exported"));
    }

    private static String number(JsonNode row, String field) {
        return row.has(field)
                ? String.format(Locale.ROOT, "%.1e", row.get(field).asDouble())
                : "not run";
    }

    /** Replaces what lies between the marks of the page. */
    private static void write(Path page, Iterable<ObjectNode> rows) throws IOException {
        Set<String> versions = new LinkedHashSet<>();
        StringBuilder table = new StringBuilder();
        table.append("| preset | peer | parameters | MXNet | PyTorch | exported |\n");
        table.append("|---|---|---:|---:|---:|---:|\n");
        for (ObjectNode row : rows) {
            String library = row.get("library").asText();
            versions.add(library + " " + row.get("version").asText());
            versions.add("torch " + row.get("torch").asText());
            String cells =
                    row.has("failed")
                            ? row.get("failed").asText() + " | | "
                            : row.has("leftOut")
                                    ? "not run | not run | not run"
                                    : "%s | %s | %s"
                                            .formatted(
                                                    number(row, "mxnet"),
                                                    number(row, "pytorch"),
                                                    number(row, "exported"));
            table.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s `%s` | %,d | %s |%n",
                            row.get("model").asText(),
                            library,
                            row.get("peer").asText(),
                            row.path("parameters").asLong(),
                            cells));
        }
        String begin = "<!-- written by parity/run.sh -->\n";
        String end = "<!-- end -->";
        String text = Files.readString(page);
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(end, from);
        String made = "Versions: " + String.join(", ", versions) + ".\n\n" + table;
        Files.writeString(page, text.substring(0, from) + made + text.substring(to));
    }
}
