package io.residuum.examples.search;

import io.residuum.json.Json;
import io.residuum.transformer.predict.TextEmbedder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Indexes Markdown files and finds passages in them. */
public final class SearchDocs {
    private static final int SHOWN = 3;
    private static final String USAGE =
            """
            index MODEL INDEX FILE-OR-FOLDER...  writes an index of Markdown files
            find MODEL INDEX QUERY               finds passages
            pairs PAIRS.jsonl FILE-OR-FOLDER...  writes headings and their first paragraphs for training
            """;

    private SearchDocs() {}

    /**
     * Runs one of the commands.
     *
     * @param args the command and its arguments
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        if (!run(List.of(args), System.out)) {
            System.err.print(USAGE);
            System.exit(2);
        }
    }

    static boolean run(List<String> args, PrintStream out) throws IOException {
        String command = args.isEmpty() ? "" : args.get(0);
        if (command.equals("pairs") && args.size() > 2) {
            out.printf("%d pairs%n", pairs(Path.of(args.get(1)), paths(args, 2)));
            return true;
        }
        boolean index = command.equals("index") && args.size() > 3;
        boolean find = command.equals("find") && args.size() == 4;
        if (index || find) {
            try (TextEmbedder embedder = TextEmbedder.open(args.get(1))) {
                Path folder = Path.of(args.get(2));
                if (index) {
                    List<Passage> passages = Passage.read(paths(args, 3));
                    PassageIndex.write(folder, passages, embedder);
                    out.printf("%d passages%n", passages.size());
                } else {
                    find(folder, embedder, args.get(3), out);
                }
            }
        }
        return index || find;
    }

    private static List<Path> paths(List<String> args, int from) {
        return args.stream().skip(from).map(Path::of).toList();
    }

    private static void find(Path folder, TextEmbedder embedder, String query, PrintStream out)
            throws IOException {
        try (PassageIndex index = PassageIndex.open(folder, embedder)) {
            for (PassageIndex.Hit hit : index.search(query, SHOWN)) {
                out.printf(
                        Locale.ROOT,
                        "%.4f  %s (%s)%n        %s%n",
                        hit.cosine(),
                        hit.passage().heading(),
                        hit.passage().source(),
                        hit.passage().text());
            }
        }
    }

    private static int pairs(Path file, List<Path> places) throws IOException {
        Map<String, String> first = new LinkedHashMap<>();
        Passage.read(places).forEach(p -> first.putIfAbsent(p.heading(), p.text()));
        List<String> lines =
                first.entrySet().stream()
                        .map(e -> Json.object("anchor", e.getKey(), "positive", e.getValue()))
                        .map(Json.Obj::compact)
                        .toList();
        Files.write(file, lines);
        return lines.size();
    }
}
