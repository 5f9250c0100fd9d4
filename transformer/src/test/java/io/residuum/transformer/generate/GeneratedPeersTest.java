package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.testing.PeerCase;
import io.residuum.transformer.family.Gpt;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.weights.Safetensors;
import io.residuum.weights.dialect.ImportOptions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares with {@code generate} of transformers: {@code docs/parity/peer.py --golden} writes two
 * prompts of different lengths, beside the weights of each small decoder, and their greedy
 * continuations. These pass sliding windows and the original length of LongRoPE.
 */
class GeneratedPeersTest {
    private static final int CASES = 67;
    private static final String FILE = "generated.safetensors";
    private static final CharTokenizer TOKENIZER =
            CharTokenizer.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef");

    static Stream<Arguments> cases() throws IOException, URISyntaxException {
        return PeerCase.with(Gpt.class, "peers", FILE, CASES);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sameTokensAsTransformers(EngineChoice engine, PeerCase peer) {
        Path folder = peer.folder();
        try (Network network =
                        Network.create(
                                ModelSource.of(folder.resolve("config.json")).spec(),
                                Engines.backend(engine),
                                1);
                Safetensors file = Safetensors.open(folder.resolve(FILE))) {
            network.loadWeights(folder.resolve("weights.safetensors"), ImportOptions.standard());
            List<List<Integer>> mask = PeerCase.rows(file, "mask");
            List<List<Integer>> padded = PeerCase.rows(file, "prompts");
            List<int[]> prompts = new ArrayList<>();
            for (int i = 0; i < padded.size(); i++) {
                int first = mask.get(i).indexOf(1);
                List<Integer> row = padded.get(i).subList(first, padded.get(i).size());
                prompts.add(row.stream().mapToInt(token -> token).toArray());
            }
            List<List<Integer>> expected = PeerCase.rows(file, "tokens");
            assertEquals(expected, generated(network, prompts, false), "without a cache");
            assertEquals(expected, joined(network, prompts), "with a cache, one after the other");
            network.compile(CompileOptions.DEFAULT, Assertions::fail);
            assertEquals(expected, generated(network, prompts, true), "compiled");
        }
    }

    private static List<List<Integer>> generated(
            Network network, List<int[]> prompts, boolean cached) {
        Generator.Settings settings =
                new Generator.Settings(Sampling.GREEDY, 16, List.of(), cached);
        return new Generator(network, TOKENIZER)
                .generateFrom(prompts, settings, TextListener.NONE).continuations().stream()
                        .map(Continuation::tokens)
                        .toList();
    }

    /** Lets the second text join after three tokens of the first. */
    private static List<List<Integer>> joined(Network network, List<int[]> prompts) {
        Generator.Settings settings = new Generator.Settings(Sampling.GREEDY, 16, List.of(), true);
        Generator generator = new Generator(network, TOKENIZER);
        if (!generator.sharesBatches(settings)) {
            return generated(network, prompts, true);
        }
        List<Sequence> texts = new ArrayList<>();
        try (RunningBatch batch = generator.running(BatchObserver.NONE)) {
            for (int[] prompt : prompts) {
                texts.add(generator.sequence(0, prompt, settings, TextListener.NONE));
                batch.add(texts.get(texts.size() - 1));
                batch.step();
                batch.step();
            }
            while (texts.stream().anyMatch(Sequence::isOpen)) {
                batch.step();
            }
        }
        return texts.stream().map(text -> text.continuation().tokens()).toList();
    }
}
