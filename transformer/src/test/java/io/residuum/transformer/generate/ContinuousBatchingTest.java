package io.residuum.transformer.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Texts that join a running batch become what they become alone. */
class ContinuousBatchingTest {
    private static final Tokenizer LETTERS = CharTokenizer.of("abcdefghijklm");
    private static final int LENGTH = 40;
    private static final Duration NOW = Duration.ZERO;

    private static final String LEARNED = model("", "");
    private static final String ROTARY =
            model("'position': 'rotary', 'kvHeads': 2,", "'positions': 'none',");
    private static final List<String> MODELS =
            List.of(
                    LEARNED,
                    ROTARY,
                    model("'position': 'alibi', 'window': 7,", "'positions': 'none',"),
                    model(
                            "'position': {'type': 'relative', 'buckets': 8, 'maxDistance': 20},",
                            "'positions': 'none',"));

    private static String model(String attention, String embedding) {
        return """
        {'format': 'residuum/1', 'name': 'small',
         'input': {'type': 'tokens', 'length': 40, 'vocabulary': 13},
         'network': {'type': 'sequential', 'layers': [
           {'type': 'tokenEmbedding', 'name': 'embedding', %s 'vocabulary': 13, 'width': 16},
           {'type': 'transformerBlocks', 'name': 'blocks', 'depth': 2,
            'attention': {%s 'heads': 4, 'causal': true}, 'feedForward': {'ratio': 2}},
           {'type': 'linear', 'name': 'head', 'units': 13}]}}
        """
                .formatted(embedding, attention)
                .replace('\'', '"');
    }

    private static Network network(String json, EngineChoice engine) {
        ModelSpec spec = SpecJson.standard().parse(json, "a test", ModelSpec.class);
        return Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32);
    }

    /** A prompt and settings, so different that texts join and leave in every order. */
    private record Case(int[] prompt, Generator.Settings settings) {
        static Case random(Random random) {
            int[] prompt = random.ints(1 + random.nextInt(30), 0, 13).toArray();
            boolean greedy = random.nextInt(3) > 0;
            Sampling sampling =
                    greedy ? Sampling.GREEDY : Sampling.PLAIN.withSeed(random.nextInt(100));
            // Some become longer than the context.
            int tokens = 1 + random.nextInt(50);
            List<String> stops = random.nextInt(3) == 0 ? List.of("ab", "kk") : List.of();
            return new Case(prompt, new Generator.Settings(sampling, tokens, stops, true));
        }

        Continuation alone(Generator generator) {
            return generator
                    .generateFrom(List.of(prompt), settings, TextListener.NONE)
                    .continuations()
                    .get(0);
        }
    }

    private static List<Case> cases(int count) {
        Random random = new Random(5);
        return IntStream.range(0, count).mapToObj(i -> Case.random(random)).toList();
    }

    @EachEngine
    void textsThatJoinAreThoseAlone(EngineChoice engine) {
        for (String model : MODELS) {
            try (Network network = network(model, engine)) {
                Generator generator = new Generator(network, LETTERS);
                List<Case> cases = cases(12);
                List<Continuation> alone = cases.stream().map(c -> c.alone(generator)).toList();
                assertEquals(alone, joined(generator, cases), model);
                network.compile(CompileOptions.DEFAULT, Assertions::fail);
                assertEquals(alone, joined(generator, cases), model + " compiled");
            }
        }
    }

    /** Lets a text join whenever fewer than four run, but at most one for each token. */
    private static List<Continuation> joined(Generator generator, List<Case> cases) {
        List<Sequence> texts = new ArrayList<>();
        try (RunningBatch batch = generator.running(BatchObserver.NONE)) {
            while (texts.size() < cases.size() || texts.stream().anyMatch(Sequence::isOpen)) {
                if (texts.size() < cases.size()
                        && texts.stream().filter(Sequence::isOpen).count() < 4) {
                    Case next = cases.get(texts.size());
                    // The index is 0, since it changes the seed.
                    Sequence text =
                            generator.sequence(0, next.prompt, next.settings, TextListener.NONE);
                    texts.add(text);
                    batch.add(text);
                }
                batch.step();
            }
        }
        return texts.stream().map(Sequence::continuation).toList();
    }

    @EachEngine
    void callersShareABatch(EngineChoice engine) {
        List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
        BatchObserver observer =
                new BatchObserver() {
                    @Override
                    public void stepped(int texts) {
                        sizes.add(texts);
                    }
                };
        try (Network network = network(ROTARY, engine)) {
            Generator generator = new Generator(network, LETTERS);
            List<Case> cases = cases(20);
            List<Continuation> alone = cases.stream().map(c -> c.alone(generator)).toList();
            BatchOptions options = BatchOptions.DEFAULT.withTexts(4).withPositions(120);
            List<String> heard =
                    Collections.synchronizedList(new ArrayList<>(Collections.nCopies(20, "")));
            try (ContinuousBatching texts = new ContinuousBatching(generator, options, observer)) {
                List<CompletableFuture<Generator.Batch>> all =
                        IntStream.range(0, cases.size())
                                .mapToObj(
                                        i ->
                                                texts.submit(
                                                        List.of(cases.get(i).prompt),
                                                        cases.get(i).settings,
                                                        (index, piece) ->
                                                                heard.set(i, heard.get(i) + piece),
                                                        NOW))
                                .toList();
                assertEquals(
                        alone, all.stream().map(f -> f.join().continuations().get(0)).toList());
            }
            assertEquals(alone.stream().map(Continuation::text).toList(), heard);
            int most = Collections.max(sizes);
            assertTrue(most > 1 && most <= 4, "sizes " + sizes);
        }
    }

    private static final Generator.Settings LONG =
            new Generator.Settings(Sampling.GREEDY, 100_000, List.of(), true);

    private static Generator.Settings tokens(int count) {
        return LONG.with(Sampling.GREEDY, count);
    }

    /** A network, and a text that runs until it is cancelled. */
    private static final class Busy implements AutoCloseable {
        private final Network network = network(LEARNED, Engines.all().get(0));
        private final ContinuousBatching texts;
        private final CompletableFuture<Generator.Batch> first;

        Busy(BatchOptions options) throws InterruptedException {
            texts = new ContinuousBatching(new Generator(network, LETTERS), options);
            CountDownLatch running = new CountDownLatch(1);
            first = texts.submit(one(), LONG, (index, piece) -> running.countDown(), NOW);
            running.await();
        }

        static List<int[]> one() {
            return List.of(new int[] {1, 2});
        }

        @Override
        public void close() {
            first.cancel(false);
            texts.close();
            network.close();
        }
    }

    @Test
    void shortTextsDoNotWaitForLongOnes() throws InterruptedException {
        try (Busy busy = new Busy(BatchOptions.DEFAULT)) {
            Generator.Batch batch =
                    busy.texts.generate(List.of("abc", "k"), tokens(5), TextListener.NONE);
            assertEquals(10, batch.tokens());
            assertEquals(4, batch.promptTokens());
            assertFalse(busy.first.isDone());
        }
    }

    @Test
    void aFailureIsThatOfItsOwnCaller() throws InterruptedException {
        IllegalStateException mine = new IllegalStateException("mine");
        TextListener failing =
                (index, piece) -> {
                    throw mine;
                };
        AssertionError wrong = new AssertionError("wrong");
        TextListener asserting =
                (index, piece) -> {
                    throw wrong;
                };
        Sampling onlyD = Sampling.GREEDY.withTokens(new TokenRules(Map.of(), Set.of(3)));
        Generator.Settings nothingLeft =
                new Generator.Settings(onlyD, 9, List.of(), true, Search.NONE.withNoRepeatNgram(1));
        try (Busy busy = new Busy(BatchOptions.DEFAULT)) {
            assertSame(
                    mine,
                    assertThrows(
                            IllegalStateException.class,
                            () -> busy.texts.generate(List.of("a", "b"), tokens(5), failing)));
            assertSame(
                    wrong,
                    assertThrows(
                                    CompletionException.class,
                                    () -> busy.texts.generate(List.of("a"), tokens(5), asserting))
                            .getCause());
            assertThrows(
                    SpecException.class,
                    () -> busy.texts.generate(List.of("a"), nothingLeft, TextListener.NONE));
            assertThrows(
                    SpecException.class,
                    () -> busy.texts.generate(List.of("a".repeat(41)), LONG, TextListener.NONE));
            assertEquals(
                    5, busy.texts.generate(List.of("a"), tokens(5), TextListener.NONE).tokens());
            assertFalse(busy.first.isDone());
        }
    }

    @Test
    void anErrorReachesItsCaller() {
        AssertionError mine = new AssertionError("mine");
        TextListener failing =
                (index, piece) -> {
                    throw mine;
                };
        TextListener refusing =
                new TextListener() {
                    @Override
                    public void text(int sequence, String piece) {}

                    @Override
                    public boolean stopped() {
                        throw mine;
                    }
                };
        AtomicBoolean observed = new AtomicBoolean();
        BatchObserver once =
                new BatchObserver() {
                    @Override
                    public void joined(int promptTokens, Duration waited) {
                        if (!observed.getAndSet(true)) {
                            throw mine;
                        }
                    }
                };
        try (Network network = network(LEARNED, Engines.all().get(0));
                ContinuousBatching texts =
                        new ContinuousBatching(
                                new Generator(network, LETTERS), BatchOptions.DEFAULT, once)) {
            for (boolean cached : new boolean[] {true, false}) {
                Generator.Settings settings = tokens(5).withCached(cached);
                observed.set(false);
                for (TextListener listener : List.of(TextListener.NONE, failing, refusing)) {
                    CompletableFuture<Generator.Batch> failed =
                            texts.submit(Busy.one(), settings, listener, NOW);
                    failed.orTimeout(20, TimeUnit.SECONDS);
                    assertSame(
                            mine, assertThrows(CompletionException.class, failed::join).getCause());
                }
                assertEquals(5, texts.generate(List.of("a"), settings, TextListener.NONE).tokens());
            }
        }
    }

    @Test
    void aFullQueueRefusesOrWaits() throws Exception {
        BatchOptions one = new BatchOptions(1, 1, 2);
        try (Busy busy = new Busy(one)) {
            CompletableFuture<Generator.Batch> second =
                    busy.texts.submit(Busy.one(), tokens(3), TextListener.NONE, NOW);
            CompletableFuture<Generator.Batch> third =
                    busy.texts.submit(Busy.one(), tokens(3), TextListener.NONE, NOW);
            assertEquals(2, busy.texts.waiting());
            assertThrows(
                    RejectedExecutionException.class,
                    () -> busy.texts.submit(Busy.one(), LONG, TextListener.NONE, NOW));
            CompletableFuture<CompletableFuture<Generator.Batch>> waits =
                    CompletableFuture.supplyAsync(
                            () ->
                                    busy.texts.submit(
                                            Busy.one(),
                                            tokens(4),
                                            TextListener.NONE,
                                            Duration.ofMinutes(1)));
            assertFalse(waits.isDone() || second.isDone());
            third.cancel(false);
            busy.first.cancel(false);
            assertEquals(3, second.join().tokens());
            assertEquals(4, waits.join().join().tokens());
        }
    }

    @Test
    void aListenerEndsItsOwnTexts() throws InterruptedException {
        try (Busy busy = new Busy(BatchOptions.DEFAULT)) {
            List<String> heard = Collections.synchronizedList(new ArrayList<>());
            TextListener three =
                    new TextListener() {
                        @Override
                        public void text(int sequence, String piece) {
                            heard.add(piece);
                        }

                        @Override
                        public boolean stopped() {
                            return heard.size() >= 3;
                        }
                    };
            Continuation text =
                    busy.texts.generate(List.of("a"), LONG, three).continuations().get(0);
            assertEquals(Continuation.Reason.STOPPED, text.reason());
            assertEquals(3, text.tokens().size());
            assertFalse(busy.first.isDone());
        }
    }

    @Test
    void aClosedOneFinishesItsTexts() throws InterruptedException {
        Busy busy = new Busy(BatchOptions.DEFAULT.withTexts(1));
        CompletableFuture<Generator.Batch> waiting =
                busy.texts.submit(Busy.one(), tokens(3), TextListener.NONE, NOW);
        busy.close();
        assertEquals(3, waiting.join().tokens());
        assertThrows(
                RejectedExecutionException.class,
                () -> busy.texts.submit(Busy.one(), tokens(3), TextListener.NONE, NOW));
    }

    @EachEngine
    void whatSharesNoBatchRunsAlone(EngineChoice engine) {
        Generator.Settings beams =
                new Generator.Settings(
                        Sampling.GREEDY, 9, List.of(), true, Search.NONE.withBeams(3));
        try (Network network = network(LEARNED, engine)) {
            Generator generator = new Generator(network, LETTERS);
            try (ContinuousBatching texts =
                    new ContinuousBatching(generator, BatchOptions.DEFAULT)) {
                CompletableFuture<Generator.Batch> before =
                        texts.submit(Busy.one(), tokens(30), TextListener.NONE, NOW);
                CompletableFuture<Generator.Batch> searched =
                        texts.submit(
                                List.of(new int[] {3}, new int[] {4, 5}),
                                beams,
                                TextListener.NONE,
                                NOW);
                assertEquals(
                        generator
                                .generateFrom(
                                        List.of(new int[] {3}, new int[] {4, 5}),
                                        beams,
                                        TextListener.NONE)
                                .continuations(),
                        searched.join().continuations());
                assertEquals(30, before.join().tokens());
            }
        }
    }

    @Test
    void theTimeOfATextThatRunsAloneBeginsWithItsCall() throws InterruptedException {
        try (Busy busy = new Busy(BatchOptions.DEFAULT)) {
            CompletableFuture<Generator.Batch> alone =
                    busy.texts.submit(
                            Busy.one(), tokens(3).withCached(false), TextListener.NONE, NOW);
            Thread.sleep(300);
            busy.first.cancel(false);
            Generator.Batch batch = alone.join();
            assertTrue(batch.promptSeconds() >= 0.3, batch.toString());
            assertTrue(batch.seconds() >= batch.promptSeconds(), batch.toString());
        }
    }

    @Test
    void translationsAreObserved() {
        String translator =
                """
                {"format": "residuum/1", "name": "small",
                 "input": {"type": "tokens", "length": 40, "vocabulary": 13},
                 "network": {"type": "encoderDecoder", "vocabulary": 13, "width": 16, "depth": 1,
                             "heads": 4, "mlpWidth": 24}}
                """;
        AtomicInteger read = new AtomicInteger();
        AtomicInteger generated = new AtomicInteger();
        BatchObserver observer =
                new BatchObserver() {
                    @Override
                    public void joined(int promptTokens, Duration waited) {
                        read.addAndGet(promptTokens);
                        generated.incrementAndGet();
                    }

                    @Override
                    public void stepped(int texts) {
                        generated.addAndGet(texts);
                    }
                };
        try (Network network = network(translator, Engines.all().get(0));
                ContinuousBatching texts =
                        new ContinuousBatching(
                                new Generator(network, new Letters('a', 11)),
                                BatchOptions.DEFAULT,
                                observer)) {
            List<int[]> prompts = List.of(new int[] {3, 4, 5}, new int[] {6, 7});
            Generator.Batch batch = texts.submit(prompts, tokens(6), TextListener.NONE, NOW).join();
            assertEquals(5, read.get());
            assertEquals(batch.tokens(), generated.get());
        }
    }

    @Test
    void aBatchThatCannotBeComputedFailsItsCallersOnly() {
        Network network = network(LEARNED, Engines.all().get(0));
        try (ContinuousBatching texts =
                new ContinuousBatching(new Generator(network, LETTERS), BatchOptions.DEFAULT)) {
            CompletableFuture<Generator.Batch> fine =
                    texts.submit(Busy.one(), tokens(3), TextListener.NONE, NOW);
            assertEquals(3, fine.join().tokens());
            network.close();
            for (int i = 0; i < 2; i++) {
                CompletableFuture<Generator.Batch> failed =
                        texts.submit(Busy.one(), tokens(3), TextListener.NONE, NOW);
                assertThrows(CompletionException.class, failed::join);
            }
        }
    }
}
