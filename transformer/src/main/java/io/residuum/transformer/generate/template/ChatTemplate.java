package io.residuum.transformer.generate.template;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.ModelMetadata;
import io.residuum.transformer.generate.ChatFormat.Message;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chat template of a model, which its {@code tokenizer_config.json} or {@code
 * chat_template.jinja} holds. It is a subset of Jinja, as transformers sets it: expressions,
 * filters, tests, {@code if}, {@code for}, {@code set}, {@code macro}, namespaces and the functions
 * {@code raise_exception} and {@code strftime_now}.
 */
public final class ChatTemplate {
    private final List<Statement> statements;
    private final Map<String, String> tokens;

    private ChatTemplate(List<Statement> statements, Map<String, String> tokens) {
        this.statements = statements;
        this.tokens = tokens;
    }

    /**
     * Reads a template.
     *
     * @param source its text
     * @param tokens special tokens by the names that the template has for them, for instance {@code
     *     bos_token}
     * @throws TemplateException if it is no template, or uses a statement that is not supported
     */
    public static ChatTemplate parse(String source, Map<String, String> tokens) {
        return new ChatTemplate(Parser.parse(source), Map.copyOf(tokens));
    }

    /**
     * {@return the template that is stored with a model; empty if there is none}
     *
     * @throws TemplateException as {@link #parse}
     */
    public static Optional<ChatTemplate> of(ModelMetadata metadata) {
        return metadata.entry(ModelMetadata.CHAT)
                .map(text -> JsonReader.parse(text, ModelMetadata.CHAT))
                .filter(Json.Obj.class::isInstance)
                .map(Json.Obj.class::cast)
                .map(ChatTemplate::of);
    }

    private static ChatTemplate of(Json.Obj stored) {
        Map<String, String> tokens = new HashMap<>();
        if (stored.get(ChatTemplateFile.TOKENS) instanceof Json.Obj named) {
            named.members()
                    .forEach((name, value) -> tokens.put(name, Values.text(Values.of(value))));
        }
        return parse(Values.text(Values.of(stored.get(ChatTemplateFile.TEMPLATE))), tokens);
    }

    /**
     * {@return the prompt of a chat for a tokenizer: without the beginning token if the tokenizer
     * adds it to each text}
     *
     * @param tokenizer the tokenizer of the model
     * @throws TemplateException as {@link #prompt(List)}
     */
    public String prompt(List<Message> messages, Tokenizer tokenizer) {
        String prompt = prompt(messages);
        String begin = tokens.getOrDefault("bos_token", "");
        if (begin.isEmpty() || !prompt.startsWith(begin)) {
            return prompt;
        }
        int[] added = tokenizer.encodeForModel("");
        int[] token = tokenizer.encode(begin);
        boolean doubled = added.length > 0 && token.length == 1 && added[0] == token[0];
        return doubled ? prompt.substring(begin.length()) : prompt;
    }

    /**
     * {@return the prompt of a chat, which ends where the assistant begins}
     *
     * @throws TemplateException if the template refuses them, or uses a filter, test or function
     *     that is not supported
     */
    public String prompt(List<Message> messages) {
        List<Map<String, Object>> chat = new ArrayList<>();
        for (Message message : messages) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("role", message.role());
            entry.put("content", message.content());
            chat.add(entry);
        }
        Map<String, @Nullable Object> variables = new HashMap<>(tokens);
        variables.put("messages", chat);
        variables.put("add_generation_prompt", true);
        variables.put("tools", null);
        variables.put("documents", null);
        return new Renderer(variables).render(statements);
    }
}
