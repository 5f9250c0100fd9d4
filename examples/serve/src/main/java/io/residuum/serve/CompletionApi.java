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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/** Completions of prompts and chats in OpenAI's format, at once or as a stream. */
final class CompletionApi {
    private static final int TOKENS = 16;
    private static final int CHAT_TOKENS = 256;
    private static final double MOST_TEMPERATURE = 100;
    private static final double MOST_PENALTY = 2;
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant");

    private final ServedModel model;
    private final Tasks tasks;
    private final ServeOptions options;
    private final PredictApi names;
    // Virtual threads that wait at a lock, unlike at a monitor, leave their carrier thread.
    private final ReentrantLock echoing = new ReentrantLock();

    /**
     * A request of either kind, with each prompt as often as it has choices. Texts begin with the
     * echoed prompts, unless there are none.
     */
    private record Request(
            List<int[]> prompts,
            List<String> echoed,
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
        Generator generator = tasks.completions().generator();
        List<int[]> prompts =
                TokenFields.prompts(fields, "prompt", generator, tokenizer().vocabulary());
        PredictApi.requireCount("prompt", prompts.size(), options.limits());
        List<String> echoed = List.of();
        if (fields.bool("echo")) {
            if (generator.translates()) {
                throw ApiException.invalid(
                        "echo",
                        "echo needs a model that continues its prompt, but this one translates it:"
                                + " leave it out");
            }
            echoed = TokenFields.texts(fields, "prompt", prompts, tokenizer());
        }
        fields.only("suffix", "");
        answer(ctx, request(fields, prompts, echoed, TOKENS, List.of(), false));
    }

    private Tokenizer tokenizer() {
        return model.tokenizer().orElseThrow();
    }

    /** Answers a chat. */
    void chat(Context ctx) throws IOException {
        Fields fields = Exchange.json(ctx, options.limits());
        List<Message> messages = fields.objects("messages").stream().map(this::message).toList();
        if (messages.isEmpty()) {
            throw ApiException.invalid("messages", "messages must have one or more, found none");
        }
        Generator generator = tasks.completions().generator();
        Tokenizer tokenizer = tokenizer();
        ChatFormat format = options.chat() == null ? ChatFormat.of(tokenizer) : options.chat();
        Optional<String> templated = templated(messages, tokenizer);
        // The end tokens of a model with a template end its answers.
        boolean plain = templated.isPresent() && format == ChatFormat.PLAIN;
        String prompt = templated.orElseGet(() -> format.prompt(messages));
        List<String> stop = plain ? List.of() : List.of(format.stop());
        List<int[]> prompts = List.of(generator.encode(prompt));
        answer(ctx, request(fields, prompts, List.of(), CHAT_TOKENS, stop, true));
    }

    /** Returns the prompt by the model's own template, if it has one and no format is chosen. */
    private Optional<String> templated(List<Message> messages, Tokenizer tokenizer) {
        if (options.chat() != null) {
            return Optional.empty();
        }
        try {
            return ChatTemplate.of(model.network().metadata())
                    .map(template -> template.prompt(messages, tokenizer));
        } catch (TemplateException e) {
            throw ApiException.invalid(
                    "messages",
                    "%s; set --chat-format to use another form",
                    String.valueOf(e.getMessage()));
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
            Fields fields,
            List<int[]> prompts,
            List<String> echoed,
            int tokens,
            List<String> stops,
            boolean isChat) {
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
                        TokenFields.rules(fields, model),
                        fields.number("presence_penalty", 0, -MOST_PENALTY, MOST_PENALTY),
                        fields.number("frequency_penalty", 0, -MOST_PENALTY, MOST_PENALTY));
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
        int choices = choices(fields, prompts.size());
        int logProbs = LogProbFields.wanted(fields, isChat);
        fields.string("user");
        fields.end();
        Generator.Settings settings =
                new Generator.Settings(sampling, (int) newTokens, all, true).withLogProbs(logProbs);
        Answer answer =
                isChat ? Answer.chat(model.name(), choices) : Answer.text(model.name(), choices);
        return new Request(
                repeated(prompts, choices),
                repeated(echoed, choices),
                settings,
                streams,
                usage,
                answer);
    }

    private static <T> List<T> repeated(List<T> all, int times) {
        return all.stream().flatMap(one -> Collections.nCopies(times, one).stream()).toList();
    }

    /** Returns the number of texts for each prompt. */
    private int choices(Fields fields, int prompts) {
        int most = options.limits().samples() / prompts;
        int choices = (int) fields.integer("n", 1, 1, most);
        long best = fields.integer("best_of", choices, 1, most);
        if (best != choices) {
            throw ApiException.invalid(
                    "best_of",
                    "best_of must be n, %d, found %d: this server returns all texts",
                    choices,
                    best);
        }
        return choices;
    }

    private static boolean includesUsage(Fields fields) {
        boolean includes = fields.bool("include_usage");
        fields.end();
        return includes;
    }

    private void answer(Context ctx, Request request) throws IOException {
        Generation generation = tasks.completions().start(request.prompts, request.settings);
        try {
            List<Echo> echoes = echoes(request);
            if (request.streams) {
                stream(ctx, request, generation, echoes);
            } else {
                Generator.Batch batch = generation.end(options.batching().timeout());
                LogProbFields logProbs = new LogProbFields(tokenizer());
                Exchange.send(ctx, request.answer.complete(batch, logProbs, echoes));
            }
        } catch (RuntimeException e) {
            generation.stop();
            throw e;
        }
    }

    /** Computes one request at a time, because each holds logits of a whole prompt. */
    private List<Echo> echoes(Request request) {
        if (request.echoed.isEmpty()) {
            return Echo.none(request.prompts.size());
        }
        echoing.lock();
        try {
            return Echo.of(
                    request.echoed,
                    request.prompts,
                    model.network(),
                    tokenizer(),
                    request.settings.logProbs());
        } finally {
            echoing.unlock();
        }
    }

    private void stream(Context ctx, Request request, Generation generation, List<Echo> echoes)
            throws IOException {
        // The status is sent with the first piece, so that a full queue still is an error.
        Generation.Event event = generation.next(options.batching().timeout());
        if (event instanceof Generation.Failed failed) {
            throw failed.reason();
        }
        EventStream out = new EventStream(ctx);
        Answer answer = request.answer;
        LogProbFields logProbs = new LogProbFields(tokenizer());
        Map<Integer, Integer> offsets = new HashMap<>();
        try {
            for (int i = 0; i < request.prompts.size() && answer.isChat(); i++) {
                out.send(answer.beginning(i));
            }
            for (int i = 0; i < echoes.size() && !request.echoed.isEmpty(); i++) {
                Echo echo = echoes.get(i);
                Json found = logProbs.of(i, echo.tokens(), false, offsets);
                out.send(answer.piece(new Generation.Piece(i, echo.text(), echo.tokens()), found));
            }
            while (event instanceof Generation.Piece piece) {
                Json found = logProbs.of(piece.index(), piece.tokens(), answer.isChat(), offsets);
                out.send(answer.piece(piece, found));
                event = generation.next(options.batching().timeout());
            }
            if (event instanceof Generation.End end) {
                List<Continuation> texts = end.batch().continuations();
                for (int i = 0; i < texts.size(); i++) {
                    List<Generation.Token> rest = end.rest().getOrDefault(i, List.of());
                    Json found = logProbs.of(i, rest, answer.isChat(), offsets);
                    out.send(answer.end(i, texts.get(i), found));
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
        } catch (RuntimeException e) {
            generation.stop();
            out.fail(ApiException.of(ctx.path(), e));
        }
    }
}
