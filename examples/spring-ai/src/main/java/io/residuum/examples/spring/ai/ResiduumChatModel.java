package io.residuum.examples.spring.ai;

import io.residuum.transformer.generate.ChatFormat;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.ContinuousBatching;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.generate.TextListener;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.MessageType;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Schedulers;

/**
 * Chats with a language model. The caller closes the batch.
 *
 * <p>Chats of several threads share the steps of one batch.
 *
 * <p>Options of a prompt override the settings: temperature, top-k, top-p, penalties, the largest
 * number of tokens, stop sequences. Tools are refused. A stream whose subscriber cancels ends the
 * generation.
 */
public final class ResiduumChatModel implements ChatModel {
    private final ContinuousBatching texts;
    private final Function<List<ChatFormat.Message>, String> template;
    private final Generator.Settings settings;

    /**
     * Creates a model.
     *
     * @param texts the running batch of a language model
     * @param template the prompt of a chat, in the form of the model's training, such as {@link
     *     ChatFormat#prompt}
     * @param settings sampling, the largest number of tokens, and the texts that end an answer
     */
    public ResiduumChatModel(
            ContinuousBatching texts,
            Function<List<ChatFormat.Message>, String> template,
            Generator.Settings settings) {
        this.texts = texts;
        this.template = template;
        this.settings = settings;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
        Generator.Batch batch = generate(prompt, TextListener.NONE);
        Continuation answer = batch.continuations().get(0);
        ChatResponseMetadata usage =
                ChatResponseMetadata.builder()
                        .usage(new DefaultUsage(batch.promptTokens(), batch.tokens()))
                        .build();
        return new ChatResponse(List.of(generation(answer.text().strip(), reason(answer))), usage);
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.<ChatResponse>create(sink -> stream(prompt, sink))
                .subscribeOn(Schedulers.boundedElastic());
    }

    private void stream(Prompt prompt, FluxSink<ChatResponse> sink) {
        TextListener pieces =
                new TextListener() {
                    @Override
                    public void text(int sequence, String piece) {
                        sink.next(new ChatResponse(List.of(generation(piece, null))));
                    }

                    @Override
                    public boolean stopped() {
                        return sink.isCancelled();
                    }
                };
        try {
            Generator.Batch batch = generate(prompt, pieces);
            String reason = reason(batch.continuations().get(0));
            sink.next(new ChatResponse(List.of(generation("", reason))));
            sink.complete();
        } catch (RuntimeException e) {
            sink.error(e);
        }
    }

    private Generator.Batch generate(Prompt prompt, TextListener listener) {
        ChatOptions asked = prompt.getOptions();
        return texts.generate(
                List.of(
                        template.apply(
                                prompt.getInstructions().stream()
                                        .map(ResiduumChatModel::message)
                                        .toList())),
                asked == null ? settings : settings(asked),
                listener);
    }

    private static ChatFormat.Message message(Message message) {
        refuse("results of tools", message.getMessageType() == MessageType.TOOL);
        return new ChatFormat.Message(message.getMessageType().getValue(), message.getText());
    }

    private static Generation generation(String text, @Nullable String reason) {
        return new Generation(
                new AssistantMessage(text),
                reason == null
                        ? ChatGenerationMetadata.NULL
                        : ChatGenerationMetadata.builder().finishReason(reason).build());
    }

    private static String reason(Continuation answer) {
        return answer.reason() == Continuation.Reason.MAX_TOKENS ? "length" : "stop";
    }

    private Generator.Settings settings(ChatOptions asked) {
        refuse(
                "tools",
                asked instanceof ToolCallingChatOptions tools
                        && !(tools.getToolCallbacks().isEmpty() && tools.getToolNames().isEmpty()));
        Sampling sampling = settings.sampling();
        if (asked.getTemperature() != null) {
            sampling = sampling.withTemperature(asked.getTemperature());
        }
        if (asked.getTopK() != null) {
            sampling = sampling.withTopK(asked.getTopK());
        }
        if (asked.getTopP() != null) {
            sampling = sampling.withTopP(asked.getTopP());
        }
        if (asked.getPresencePenalty() != null) {
            sampling = sampling.withPresencePenalty(asked.getPresencePenalty());
        }
        if (asked.getFrequencyPenalty() != null) {
            sampling = sampling.withFrequencyPenalty(asked.getFrequencyPenalty());
        }
        List<String> stops = new ArrayList<>(settings.stops());
        if (asked.getStopSequences() != null) {
            stops.addAll(asked.getStopSequences());
        }
        Integer most = asked.getMaxTokens();
        return settings.with(sampling, most == null ? settings.maxTokens() : most).withStops(stops);
    }

    private static void refuse(String what, boolean asked) {
        if (asked) {
            throw new UnsupportedOperationException(
                    "ResiduumChatModel has no " + what + "; leave them out of the options");
        }
    }
}
