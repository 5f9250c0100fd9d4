import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Writes the measurements of {@code run.sh} as a page and as JSON. A source-file program, run with
 * the launcher's class path: measurements, results without ending, versions of Residuum and Java,
 * CPU, system, threads, rounds, peers.
 */
public final class Table {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Table() {}

    public static void main(String[] args) throws Exception {
        List<JsonNode> all = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            all.add(JSON.readTree(line));
        }
        ObjectNode document = JSON.createObjectNode();
        document.put("date", LocalDate.now().toString());
        document.put("residuum", args[2]);
        document.put("cpu", args[3]);
        document.put("system", args[4]);
        document.put("threads", Integer.parseInt(args[5]));
        document.put("rounds", Integer.parseInt(args[6]));
        document.set("measurements", JSON.valueToTree(all));
        Files.writeString(
                Path.of(args[1] + ".json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n");
        Files.writeString(Path.of(args[1] + ".md"), page(document, all, List.of(args[7].split(" +"))));
    }

    private static String page(JsonNode document, List<JsonNode> all, List<String> peers) {
        Set<String> cases = new LinkedHashSet<>();
        Set<String> whos = new LinkedHashSet<>();
        Map<String, List<JsonNode>> by = new LinkedHashMap<>();
        Map<String, String> versions = new LinkedHashMap<>();
        Set<String> commands = new LinkedHashSet<>();
        for (JsonNode m : all) {
            String who = m.get("who").asText();
            cases.add(m.get("case").asText());
            whos.add(who);
            by.computeIfAbsent(m.get("case").asText() + " " + who, k -> new ArrayList<>())
                    .add(m.get("result"));
            JsonNode source = m.get("result").get("source");
            versions.merge(
                    who,
                    m.get("result").get("engine").asText()
                            + " "
                            + m.get("result").get("engineVersion").asText()
                            + (source == null ? "" : ", " + source.asText()),
                    (a, b) -> a.contains(b) ? a : a + "; " + b);
            commands.add(m.get("command").asText());
        }
        StringBuilder out = new StringBuilder();
        out.append("# Benchmark of ").append(document.get("date").asText()).append("\n\n");
        out.append("- ").append(document.get("residuum").asText()).append("\n");
        out.append("- ").append(document.get("cpu").asText()).append(", ");
        out.append(document.get("system").asText()).append(", ");
        out.append(document.get("threads").asInt()).append(" threads\n");
        versions.forEach(
                (who, v) -> out.append("- `").append(who).append("`: ").append(v).append("\n"));
        out.append("- median over ").append(document.get("rounds").asInt());
        out.append(
                " rounds of the median step; in brackets the least and the greatest of the"
                        + " rounds\n\n");
        peers = peers.stream().filter(whos::contains).toList();
        table(out, cases, whos, by, peers);
        out.append("\n```bash\n");
        commands.forEach(c -> out.append(c).append("\n"));
        return out.append("```\n").toString();
    }

    private static void table(
            StringBuilder out,
            Set<String> cases,
            Set<String> whos,
            Map<String, List<JsonNode>> by,
            List<String> peers) {
        out.append("| case | who | ms a step | images or tokens/s | peak memory (MiB) | Java, us a step |");
        peers.forEach(peer -> out.append(" time / ").append(peer).append(" |"));
        out.append("\n|---|---|---:|---:|---:|---:|").append("---:|".repeat(peers.size())).append("\n");
        for (String name : cases) {
            for (String who : whos) {
                List<JsonNode> results = by.get(name + " " + who);
                if (results == null) {
                    continue;
                }
                boolean refused =
                        !who.endsWith("/ops")
                                && results.stream()
                                        .anyMatch(r -> !r.path("compiled").asBoolean(true));
                double ms = median(results, "medianMs");
                double device = median(results, "deviceBytes") / (1 << 20);
                double resident = median(results, "peakResidentBytes") / (1 << 20);
                double memory = Double.isNaN(device) ? resident : device;
                out.append(
                        String.format(
                                Locale.ROOT,
                                "| %s | %s | %.2f [%.2f, %.2f] | %.1f | %s | %s |",
                                name,
                                refused ? who + " (was not compiled)" : who,
                                ms,
                                values(results, "medianMs")[0],
                                values(results, "medianMs")[results.size() - 1],
                                median(results, "samplesPerSecond"),
                                known("%.0f", memory),
                                known("%.0f", median(results, "overheadMicros"))));
                for (String peer : peers) {
                    List<JsonNode> its = by.get(name + " " + peer);
                    double ratio = its == null ? Double.NaN : ms / median(its, "medianMs");
                    out.append(' ').append(known("%.2f", ratio)).append(" |");
                }
                out.append('\n');
            }
        }
    }

    private static String known(String format, double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
    }

    private static double median(List<JsonNode> results, String field) {
        double[] sorted = values(results, field);
        int n = sorted.length;
        return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    private static double[] values(List<JsonNode> results, String field) {
        return results.stream()
                .map(r -> r.get(field))
                .filter(v -> v != null && v.isNumber())
                .mapToDouble(JsonNode::asDouble)
                .sorted()
                .toArray();
    }
}
