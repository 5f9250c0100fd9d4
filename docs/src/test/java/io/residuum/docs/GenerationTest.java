package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.nn.ArrayCache;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.family.LanguageFamily;
import io.residuum.transformer.family.TransformerPresets;
import io.residuum.transformer.generate.BatchOptions;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.ContinuousBatching;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Hypothesis;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.generate.Search;
import io.residuum.transformer.generate.TextListener;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The listings of the guide "Generation". */
class GenerationTest {
    private static final Tokenizer TOKENIZER = CharTokenizer.of("To be, or not to be\n");

    /** With random weights, which write nonsense. */
    private static Network network(Backend backend) {
        ModelSpec preset =
                new TransformerPresets()
                        .presets().stream()
                                .filter(p -> p.name().equals("stories260k"))
                                .findFirst()
                                .orElseThrow()
                                .spec();
        ModelSpec spec = LanguageFamily.resized(preset, TOKENIZER.vocabulary());
        assertTrue(spec.input() instanceof InputSpec.Tokens);
        return Network.create(spec, backend, 1);
    }

    @Test
    void oneTextIsContinued() {
        try (Backend backend = Backend.open();
                Network network = network(backend)) {
            Tokenizer tokenizer = TOKENIZER;
            // tag::generate
            Generator generator = new Generator(network, tokenizer);
            Sampling sampling = Sampling.PLAIN.withTemperature(0.8).withTopK(40).withTopP(0.9);
            Continuation text =
                    generator.generate("To be", Generator.Settings.DEFAULT.with(sampling, 20));
            // end::generate
            assertEquals(20, text.tokens().size());
            assertEquals(Continuation.Reason.MAX_TOKENS, text.reason());
        }
    }

    @Test
    void severalTextsAreHeard() {
        try (Backend backend = Backend.open();
                Network network = network(backend)) {
            Generator generator = new Generator(network, TOKENIZER);
            StringBuilder[] texts = {new StringBuilder(), new StringBuilder()};
            // tag::batch
            Generator.Settings settings =
                    new Generator.Settings(Sampling.GREEDY, 20, List.of("\n"), true);
            Generator.Batch batch =
                    generator.generate(
                            List.of("To be", "not"),
                            settings,
                            (index, piece) -> texts[index].append(piece));
            double perSecond = batch.tokens() / batch.seconds();
            // end::batch
            assertTrue(perSecond > 0);
            assertEquals(batch.continuations().get(1).text(), texts[1].toString());
        }
    }

    @Test
    void callersShareABatch() {
        try (Backend backend = Backend.open();
                Network network = network(backend)) {
            Generator generator = new Generator(network, TOKENIZER);
            // tag::continuous
            Generator.Settings settings = Generator.Settings.DEFAULT.with(Sampling.GREEDY, 20);
            BatchOptions options = BatchOptions.DEFAULT.withTexts(16);
            List<String> texts;
            try (ContinuousBatching batching = new ContinuousBatching(generator, options)) {
                texts =
                        Stream.of("To be", "not")
                                .parallel() // in your program: the threads of requests
                                .map(prompt -> batching.generate(prompt, settings).text())
                                .toList();
            }
            // end::continuous
            assertEquals(generator.generate("To be", settings).text(), texts.get(0));
            assertEquals(generator.generate("not", settings).text(), texts.get(1));
        }
    }

    @Test
    void beamsAreSearched() {
        try (Backend backend = Backend.open();
                Network network = network(backend)) {
            Generator generator = new Generator(network, TOKENIZER);
            int[] tokens = TOKENIZER.encode("To be");
            // tag::beams
            Search four = Search.NONE.withBeams(4).withLengthPenalty(1.2);
            Generator.Settings settings =
                    new Generator.Settings(Sampling.GREEDY, 20, List.of(), true, four);
            List<List<Hypothesis>> found =
                    generator.search(List.of(tokens), settings, TextListener.NONE);
            Hypothesis best = found.get(0).get(0);
            String text = best.continuation().text(); // with the score best.score()
            // end::beams
            assertEquals(4, found.get(0).size());
            assertEquals(20, text.length());
            assertTrue(best.score() >= found.get(0).get(1).score());
        }
    }

    @Test
    void aCacheIsKept() {
        try (Backend backend = Backend.open();
                Network network = network(backend)) {
            // tag::cache
            try (NDManager manager = backend.newManager();
                    ArrayCache cache = new ArrayCache(manager)) {
                NDArray prompt = manager.create(new long[] {3, 1, 4}, new Shape(1, 3));
                NDArray first =
                        network.predictNext(new NDList(prompt), cache); // (1, 1, vocabulary)
                NDArray token = first.argMax(2); // (1, 1)
                NDArray second = network.predictNext(new NDList(token), cache);
                // end::cache
                long next = token.toLongArray()[0];
                NDArray all = manager.create(new long[] {3, 1, 4, next}, new Shape(1, 4));
                float[] whole = network.predict(new NDList(all)).toFloatArray();
                float[] found = second.toFloatArray();
                float[] expected =
                        Arrays.copyOfRange(whole, whole.length - found.length, whole.length);
                for (int i = 0; i < found.length; i++) {
                    assertEquals(expected[i], found[i], 1e-4);
                }
                assertEquals(4, cache.length());
                // tag::cache
            }
            // end::cache
        }
    }
}
