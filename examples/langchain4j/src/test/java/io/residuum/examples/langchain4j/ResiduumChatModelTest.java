package io.residuum.examples.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
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
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
        ChatRequest request =
                ChatRequest.builder()
                        .messages(
                                SystemMessage.from("Hush."),
                                UserMessage.from("Hi"),
                                AiMessage.from("Hello!"),
                                UserMessage.from("Who?"))
                        .build();
        String prompt = "System: Hush.\nUser: Hi\nAssistant: Hello!\nUser: Who?\nAssistant:";
        ChatResponse response = model.blocking().chat(request);
        assertEquals(generator.generate(prompt, SETTINGS).strip(), response.aiMessage().text());
        assertEquals(FinishReason.LENGTH, response.finishReason());
        assertEquals(prompt.length(), response.tokenUsage().inputTokenCount());
        assertEquals(12, response.tokenUsage().outputTokenCount());
    }

    @Test
    void parametersReachTheGenerator() {
        ChatRequest.Builder request = ChatRequest.builder().messages(UserMessage.from("Hi"));
        Generator.Settings hot =
                SETTINGS.with(
                        SETTINGS.sampling()
                                .withTemperature(5)
                                .withTopK(7)
                                .withTopP(0.9)
                                .withPresencePenalty(2)
                                .withFrequencyPenalty(1),
                        5);
        ChatResponse sampled =
                model.blocking()
                        .chat(
                                request.temperature(5.0)
                                        .topK(7)
                                        .topP(0.9)
                                        .presencePenalty(2.0)
                                        .frequencyPenalty(1.0)
                                        .maxOutputTokens(5)
                                        .build());
        assertEquals(
                generator.generate("User: Hi\nAssistant:", hot).strip(),
                sampled.aiMessage().text());
        String whole = generator.generate("User: Hi\nAssistant:", SETTINGS);
        String stop = whole.substring(3, 4);
        ChatResponse stopped =
                model.blocking()
                        .chat(
                                ChatRequest.builder()
                                        .messages(UserMessage.from("Hi"))
                                        .stopSequences(List.of(stop))
                                        .build());
        assertEquals(FinishReason.STOP, stopped.finishReason());
        assertEquals(whole.substring(0, whole.indexOf(stop)).strip(), stopped.aiMessage().text());
    }

    @Test
    void streamsTheSameText() {
        List<String> pieces = new ArrayList<>();
        List<ChatResponse> responses = new ArrayList<>();
        List<Throwable> errors = new ArrayList<>();
        StreamingChatResponseHandler handler =
                new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String piece) {
                        pieces.add(piece);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        responses.add(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        errors.add(error);
                    }
                };
        model.streaming().chat("Hi", handler);
        assertTrue(pieces.size() > 1, pieces::toString);
        assertEquals(model.blocking().chat("Hi"), String.join("", pieces).strip());
        assertEquals(responses.get(0).aiMessage().text(), String.join("", pieces).strip());
        model.streaming().chat("x".repeat(100), handler);
        assertEquals(1, errors.size());
        assertTrue(errors.get(0).getMessage().contains("64"), errors::toString);
    }

    /** The second chat joins after the first piece of the first, and does not wait for its end. */
    @Test
    @Timeout(60)
    void chatsShareABatch() throws Exception {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        ExecutorService others = Executors.newSingleThreadExecutor();
        try {
            List<Future<?>> second = new ArrayList<>();
            model.streaming()
                    .chat(
                            "Hi",
                            pieces(
                                    () -> {
                                        order.add("first");
                                        if (second.isEmpty()) {
                                            second.add(others.submit(() -> chat("Who?", order)));
                                            awaitQueue();
                                        }
                                    }));
            second.get(0).get();
        } finally {
            others.shutdown();
        }
        assertTrue(order.indexOf("Who?") < order.lastIndexOf("first"), order::toString);
    }

    private static void chat(String text, List<String> order) {
        model.streaming().chat(text, pieces(() -> order.add(text)));
    }

    private static void awaitQueue() {
        while (texts.waiting() == 0) {
            Thread.onSpinWait();
        }
    }

    private static StreamingChatResponseHandler pieces(Runnable piece) {
        return new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {
                piece.run();
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {}

            @Override
            public void onError(Throwable error) {
                throw new AssertionError(error);
            }
        };
    }

    @Test
    void refusesTools() {
        ChatRequest request =
                ChatRequest.builder()
                        .messages(UserMessage.from("Hi"))
                        .toolSpecifications(ToolSpecification.builder().name("now").build())
                        .build();
        assertThrows(UnsupportedFeatureException.class, () -> model.blocking().chat(request));
    }

    @Test
    void theApplicationAnswersEachLine() throws Exception {
        InputStream in = System.in;
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setIn(new ByteArrayInputStream("Hi\n".getBytes(StandardCharsets.UTF_8)));
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            ChatApplication.main(new String[] {file});
        } finally {
            System.setIn(in);
            System.setOut(out);
        }
        assertTrue(printed.size() > 2, printed::toString);
    }
}
