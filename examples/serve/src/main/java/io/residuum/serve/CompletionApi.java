package io.residuum.serve;

import io.javalin.http.Context;
import io.residuum.json.Json;
import io.residuum.transformer.generate.ChatFormat;
import io.residuum.transformer.generate.ChatFormat.Message;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.generate.template.ChatTemplate;
import io.residuum.transformer.generate.template.TemplateException;
import io.residuum.transformer.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Completions of prompts and chats in OpenAI's format, at once or as a stream. */
final class CompletionApi {
    private static final int TOKENS = 16;
    private static final int CHAT_TOKENS = 256;
    private static final double MOST_TEMPERATURE = 100;
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant");

    private final ServedModel model;
    private final Tasks tasks;
    private final ServeOptions options;
    private final PredictApi names;

    /** A request of either kind. */
    private record Request(
            List<String> prompts,
            Generator.Settings settings,
            boolean streams,
            boolean streamsUsage,
            Answer answer) {}

    CompletionApi(ServedModel model, Tasks tasks, ServeOptions options, PredictApi names) {
        this.model = model;
        this.tasks = tasks;
        this.options = options;
        this.names = names;
    }

    /** Continues prompts. */
    void complete(Context ctx) throws IOException {
        Fields fields = Exchange.json(ctx, options.limits());
        fields.required("prompt");
        List<String> prompts = fields.strings("prompt");
        PredictApi.requireCount("prompt", prompts.size(), options.limits());
        answer(ctx, request(fields, prompts, TOKENS, List.of(), Answer.text(model.name())));
    }

    /** Answers a chat. */
    void chat(Context ctx) throws IOException {
        Fields fields = Exchange.json(ctx, options.limits());
        List<Message> messages = fields.objects("messages").stream().map(this::message).toList();
        if (messages.isEmpty()) {
            throw ApiException.invalid("messages", "messages must have one or more, found none");
        }
        tasks.completions();
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        ChatFormat format = options.chat() == null ? ChatFormat.of(tokenizer) : options.chat();
        Optional<ChatTemplate> template = template();
        // The end tokens of a model with a template end its answers.
        boolean plain = template.isPresent() && format == ChatFormat.PLAIN;
        String prompt =
                template.map(t -> prompt(t, messages, tokenizer))
                        .orElseGet(() -> format.prompt(messages));
        answer(
                ctx,
                request(
                        fields,
                        List.of(prompt),
                        CHAT_TOKENS,
                        plain ? List.of() : List.of(format.stop()),
                        Answer.chat(model.name())));
    }

    private Optional<ChatTemplate> template() {
        return options.chat() == null
                ? ChatTemplate.of(model.network().metadata())
                : Optional.empty();
    }

    private static String prompt(
            ChatTemplate template, List<Message> messages, Tokenizer tokenizer) {
        try {
            return template.prompt(messages, tokenizer);
        } catch (TemplateException e) {
            throw ApiException.invalid(
                    "messages", "%s; set --chat-format to use another form", e.getMessage());
        }
    }

    private Message message(Fields fields) {
        String role =
                fields.string("role")
                        .filter(ROLES::contains)
                        .orElseThrow(
                                () ->
                                        ApiException.invalid(
                                                fields.name("role"),
                                                "%s must be one of %s",
                                                fields.name("role"),
                                                ROLES.stream().sorted().toList()));
        String content =
                fields.required("content") instanceof Json.Arr
                        ? String.join(
                                "", fields.objects("content").stream().map(this::part).toList())
                        : fields.string("content").orElseThrow();
        fields.string("name");
        fields.end();
        return new Message(role.equals("developer") ? "system" : role, content);
    }

    private String part(Fields part) {
        String type = part.string("type").orElse("");
        if (!type.equals("text")) {
            throw ApiException.invalid(
                    part.name("type"), "%s must be text, found %s", part.name("type"), type);
        }
        String text =
                part.string("text")
                        .orElseThrow(
                                () ->
                                        ApiException.invalid(
                                                part.name("text"),
                                                "%s is missing",
                                                part.name("text")));
        part.end();
        return text;
    }

    private Request request(
            Fields fields, List<String> prompts, int tokens, List<String> stops, Answer answer) {
        names.requireModel(fields);
        int most = options.limits().newTokens();
        long newTokens = fields.integer("max_tokens", Math.min(tokens, most), 1, most);
        newTokens = fields.integer("max_completion_tokens", newTokens, 1, most);
        Sampling sampling =
                new Sampling(
                        fields.number("temperature", 1, 0, MOST_TEMPERATURE),
                        (int) fields.integer("top_k", 0, 0, Integer.MAX_VALUE),
                        fields.number("top_p", 1, Double.MIN_VALUE, 1),
                        fields.number("min_p", 0, 0, 1),
                        fields.number("repetition_penalty", 1, Double.MIN_VALUE, MOST_TEMPERATURE),
                        fields.integer(
                                "seed",
                                ThreadLocalRandom.current().nextLong(),
                                Long.MIN_VALUE,
                                Long.MAX_VALUE),
                        TokenFields.rules(fields, model));
        List<String> all = new ArrayList<>(fields.strings("stop"));
        if (all.contains("")) {
            throw ApiException.invalid("stop", "stop must hold no empty string, found one");
        }
        all.addAll(stops);
        boolean streams = fields.bool("stream");
        boolean usage =
                fields.find("stream_options")
                        .map(json -> includesUsage(new Fields("stream_options", json)))
                        .orElse(false);
        fields.only("n", 1);
        fields.only("best_of", 1);
        fields.only("presence_penalty", 0);
        fields.only("frequency_penalty", 0);
        fields.string("user");
        fields.end();
        Generator.Settings settings = new Generator.Settings(sampling, (int) newTokens, all, true);
        return new Request(prompts, settings, streams, usage, answer);
    }

    private static boolean includesUsage(Fields fields) {
        boolean includes = fields.bool("include_usage");
        fields.end();
        return includes;
    }

    private void answer(Context ctx, Request request) throws IOException {
        Generation generation = new Generation();
        generation.start(
                tasks.completions(),
                g -> g.generate(request.prompts, request.settings, generation));
        if (request.streams) {
            stream(ctx, request, generation);
        } else {
            Generator.Batch batch = generation.end(options.batching().timeout());
            Exchange.send(ctx, request.answer.complete(batch));
        }
    }

    private void stream(Context ctx, Request request, Generation generation) throws IOException {
        // The status is sent with the first piece, so that a full queue still is an error.
        Generation.Event event = generation.next(options.batching().timeout());
        if (event instanceof Generation.Failed failed) {
            throw failed.reason();
        }
        EventStream out = new EventStream(ctx);
        Answer answer = request.answer;
        try {
            for (int i = 0; i < request.prompts.size() && answer.isChat(); i++) {
                out.send(answer.beginning(i));
            }
            while (event instanceof Generation.Piece piece) {
                out.send(answer.piece(piece));
                event = generation.next(options.batching().timeout());
            }
            if (event instanceof Generation.End end) {
                List<Continuation> texts = end.batch().continuations();
                for (int i = 0; i < texts.size(); i++) {
                    out.send(answer.end(i, texts.get(i)));
                }
                if (request.streamsUsage) {
                    out.send(answer.usage(end.batch()));
                }
                out.end();
            } else if (event instanceof Generation.Failed failed) {
                throw failed.reason();
            }
        } catch (IOException e) {
            generation.stop();
            throw e;
        }
    }
}
