import io.residuum.compile.CompileOptions;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.HostSettings;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Measures how many texts a second a compiled embedder embeds, one by one and in batches of 32 sorted by length. A
 * source-file program, run with the launcher's class path: engine, model, file with a text in each line, seconds.
 */
public final class Embed {
    private Embed() {}

    public static void main(String[] args) throws Exception {
        HostSettings.keepFreedMemory();
        List<String> texts =
                Files.readAllLines(Path.of(args[2])).stream().filter(line -> !line.isBlank()).toList();
        double seconds = Double.parseDouble(args[3]);
        ModelSource model = ModelSource.of(args[1]);
        try (Backend backend = Backend.open(EngineChoice.of(args[0]), DeviceChoice.CPU);
                Network network = model.open(backend);
                Tokenizer tokenizer = Tokenizers.of(model).orElseThrow();
                TextEmbedder embedder = TextEmbedder.of(network, tokenizer)) {
            network.compile(CompileOptions.DEFAULT, System.err::println);
            System.out.println("| engine | batch | texts/s |\n|---|---:|---:|");
            for (int batch : new int[] {1, 32}) {
                embedder.embed(texts, batch); // compiles a program for each length
                long count = 0;
                long start = System.nanoTime();
                while (System.nanoTime() - start < seconds * 1e9) {
                    embedder.embed(texts, batch);
                    count += texts.size();
                }
                System.out.printf(
                        Locale.ROOT,
                        "| %s | %d | %.1f |%n",
                        args[0],
                        batch,
                        count * 1e9 / (System.nanoTime() - start));
            }
        }
    }
}
