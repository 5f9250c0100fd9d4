package io.residuum.examples.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.transformer.generate.ChatFormat;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Search;
import io.residuum.transformer.predict.TextGenerator;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
        model = new ResiduumChatModel(generator, ChatFormat.PLAIN::prompt, SETTINGS);
    }

    @AfterAll
    static void close() {
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
