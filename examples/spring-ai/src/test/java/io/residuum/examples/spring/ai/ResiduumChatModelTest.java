package io.residuum.examples.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.transformer.generate.BatchOptions;
import io.residuum.transformer.generate.ChatFormat;
import io.residuum.transformer.generate.ContinuousBatching;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Search;
import io.residuum.transformer.predict.TextGenerator;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

class ResiduumChatModelTest {
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "tiny-gpt",
             "input": {"type": "tokens", "length": 64, "vocabulary": 96},
             "network": {"type": "gpt", "vocabulary": 96, "width": 16, "depth": 1, "heads": 2}}
            """;

    private static final Generator.Settings SETTINGS =
            new Generator.Settings(
                    Generator.Settings.DEFAULT.sampling(),
                    12,
                    List.of(ChatFormat.PLAIN.stop()),
                    true,
                    Search.NONE.withNoRepeatNgram(2));

    private static final String HI = "User: Hi\nAssistant:";

    @TempDir private static Path folder;
    private static String file;
    private static TextGenerator generator;
    private static ContinuousBatching texts;
    private static ResiduumChatModel model;

    @BeforeAll
    static void open() {
        file = folder.resolve("gpt.safetensors").toString();
        String characters =
                "\n"
                        + IntStream.range(32, 127)
                                .mapToObj(Character::toString)
                                .collect(Collectors.joining());
        ModelSpec spec = SpecJson.standard().parse(SPEC, "a test", ModelSpec.class);
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 3)) {
            String tokenizer = CharTokenizer.of(characters).json();
            network.setMetadata(ModelMetadata.EMPTY.with(Tokenizer.METADATA, tokenizer));
            network.save(Path.of(file));
        }
        generator = TextGenerator.open(file);
        texts = generator.continuousBatching(BatchOptions.DEFAULT);
        model = new ResiduumChatModel(texts, ChatFormat.PLAIN::prompt, SETTINGS);
    }

    @AfterAll
    static void close() {
        texts.close();
        generator.close();
    }

    @Test
    void answersAreThoseOfTheGenerator() {
        Prompt prompt =
                new Prompt(
                        new SystemMessage("Hush."),
                        new UserMessage("Hi"),
                        new AssistantMessage("Hello!"),
                        new UserMessage("Who?"));
        String text = "System: Hush.\nUser: Hi\nAssistant: Hello!\nUser: Who?\nAssistant:";
        ChatResponse response = model.call(prompt);
        assertEquals(
                generator.generate(text, SETTINGS).strip(),
                response.getResult().getOutput().getText());
        assertEquals("length", response.getResult().getMetadata().getFinishReason());
        assertEquals(text.length(), response.getMetadata().getUsage().getPromptTokens());
        assertEquals(12, response.getMetadata().getUsage().getCompletionTokens());
    }

    @Test
    void optionsReachTheGenerator() {
        Generator.Settings hot =
                SETTINGS.with(
                        SETTINGS.sampling()
                                .withTemperature(5)
                                .withTopK(7)
                                .withTopP(0.9)
                                .withFrequencyPenalty(2),
                        5);
        ChatOptions options =
                ChatOptions.builder()
                        .temperature(5.0)
                        .topK(7)
                        .topP(0.9)
                        .frequencyPenalty(2.0)
                        .maxTokens(5)
                        .build();
        assertEquals(
                generator.generate(HI, hot).strip(),
                model.call(new Prompt("Hi", options)).getResult().getOutput().getText());
    }

    @Test
    void theClientStreamsTheSameText() {
        ChatClient client = ChatClient.create(model);
        List<String> pieces = client.prompt().user("Hi").stream().content().collectList().block();
        assertTrue(pieces.size() > 1, pieces::toString);
        assertEquals(generator.generate(HI, SETTINGS), String.join("", pieces));
        assertEquals(
                generator.generate(HI, SETTINGS).strip(),
                client.prompt().user("Hi").call().content());
        // Two pieces are enough for this subscriber; the rest is not generated.
        assertEquals(2, model.stream(new Prompt("Hi")).take(2).collectList().block().size());
    }

    /** The second chat joins after the first piece of the first, and does not wait for its end. */
    @Test
    @Timeout(60)
    void chatsShareABatch() throws Exception {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        ExecutorService others = Executors.newSingleThreadExecutor();
        try {
            AtomicReference<Future<?>> second = new AtomicReference<>();
            model.stream(new Prompt("Hi"))
                    .doOnNext(
                            piece -> {
                                order.add("first");
                                if (second.get() == null) {
                                    second.set(others.submit(() -> chat("Who?", order)));
                                    awaitQueue();
                                }
                            })
                    .blockLast();
            second.get().get();
        } finally {
            others.shutdown();
        }
        assertTrue(order.indexOf("Who?") < order.lastIndexOf("first"), order::toString);
    }

    private static void chat(String text, List<String> order) {
        model.stream(new Prompt(text)).doOnNext(piece -> order.add(text)).blockLast();
    }

    private static void awaitQueue() {
        while (texts.waiting() == 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void theApplicationPrintsAnAnswer() {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            ChatApplication.main(new String[] {file, "Hi"});
        } finally {
            System.setOut(out);
        }
        assertTrue(printed.size() > 1, printed::toString);
    }
}
