package io.residuum.examples.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.residuum.transformer.generate.ChatFormat;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.ContinuousBatching;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.generate.TextListener;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Chats with a language model, at once or as a stream. The caller closes the batch.
 *
 * <p>Chats of several threads share the steps of one batch.
 *
 * <p>Parameters of a request override the settings: temperature, top-k, top-p, penalties, the
 * largest number of tokens, stop sequences. Tools and JSON output are refused.
 */
public final class ResiduumChatModel {
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

    /** {@return the model that answers at once} */
    public ChatModel blocking() {
        return new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                return answer(request, TextListener.NONE);
            }

            @Override
            public List<ChatModelListener> listeners() {
                return List.of();
            }
        };
    }

    /**
     * {@return the model that streams} Its handler receives pieces in the thread of the batch, so
     * it must not wait; the end and errors come in the thread of the caller.
     */
    public StreamingChatModel streaming() {
        return new StreamingChatModel() {
            @Override
            public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
                ChatResponse response;
                try {
                    response = answer(request, (index, piece) -> handler.onPartialResponse(piece));
                } catch (RuntimeException e) {
                    handler.onError(e);
                    return;
                }
                handler.onCompleteResponse(response);
            }
        };
    }

    private ChatResponse answer(ChatRequest request, TextListener listener) {
        Generator.Settings chosen = settings(request.parameters());
        String prompt =
                template.apply(
                        request.messages().stream().map(ResiduumChatModel::message).toList());
        Generator.Batch batch = texts.generate(List.of(prompt), chosen, listener);
        Continuation answer = batch.continuations().get(0);
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(answer.text().strip()))
                .finishReason(
                        answer.reason() == Continuation.Reason.MAX_TOKENS
                                ? FinishReason.LENGTH
                                : FinishReason.STOP)
                .tokenUsage(new TokenUsage(batch.promptTokens(), batch.tokens()))
                .build();
    }

    private static ChatFormat.Message message(ChatMessage message) {
        if (message instanceof SystemMessage system) {
            return new ChatFormat.Message("system", system.text());
        }
        if (message instanceof UserMessage user) {
            return new ChatFormat.Message("user", user.singleText());
        }
        if (message instanceof AiMessage answer && !answer.hasToolExecutionRequests()) {
            return new ChatFormat.Message("assistant", answer.text());
        }
        throw new UnsupportedFeatureException(
                "a message must be a text of the system, the user or the assistant, got "
                        + message.type());
    }

    private Generator.Settings settings(ChatRequestParameters asked) {
        refuse("tools", !asked.toolSpecifications().isEmpty());
        refuse(
                "JSON output",
                asked.responseFormat() != null
                        && asked.responseFormat().type() == ResponseFormatType.JSON);
        Sampling sampling = settings.sampling();
        if (asked.temperature() != null) {
            sampling = sampling.withTemperature(asked.temperature());
        }
        if (asked.topK() != null) {
            sampling = sampling.withTopK(asked.topK());
        }
        if (asked.topP() != null) {
            sampling = sampling.withTopP(asked.topP());
        }
        if (asked.presencePenalty() != null) {
            sampling = sampling.withPresencePenalty(asked.presencePenalty());
        }
        if (asked.frequencyPenalty() != null) {
            sampling = sampling.withFrequencyPenalty(asked.frequencyPenalty());
        }
        List<String> stops = new ArrayList<>(settings.stops());
        stops.addAll(asked.stopSequences());
        Integer most = asked.maxOutputTokens();
        return settings.with(sampling, most == null ? settings.maxTokens() : most).withStops(stops);
    }

    private static void refuse(String what, boolean asked) {
        if (asked) {
            throw new UnsupportedFeatureException(
                    "ResiduumChatModel has no " + what + "; leave them out of the request");
        }
    }
}
