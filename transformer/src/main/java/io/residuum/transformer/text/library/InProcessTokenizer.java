package io.residuum.transformer.text.library;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import io.residuum.data.DataException;
import io.residuum.engine.HostSettings;
import io.residuum.engine.NativeCache;
import io.residuum.json.JsonText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tokenizer that the native library runs in this process. */
record InProcessTokenizer(HuggingFaceTokenizer library) implements NativeTokenizer {
    private static final Map<String, String> OPTIONS =
            Map.of("truncation", "false", "padding", "false");

    /** The library sends no usage data and downloads nothing, unless the user wants it. */
    private static final Map<String, String> QUIET =
            Map.of("OPT_OUT_TRACKING", "true", "RUST_FLAVOR", "cpu");

    static InProcessTokenizer open(String json, String source) {
        NativeCache.prepare();
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        try (HostSettings.Scope quiet = HostSettings.properties(QUIET)) {
            return new InProcessTokenizer(
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), OPTIONS));
        } catch (EngineException | LinkageError e) {
            throw new DataException(
                    String.format(
                            "%s: the tokenizers library does not run on this machine (%s, %s); it"
                                    + " is built for Linux and macOS on aarch64 and for Linux and"
                                    + " Windows on x86-64",
                            source, System.getProperty("os.name"), System.getProperty("os.arch")),
                    e);
        } catch (IOException | RuntimeException e) {
            throw new DataException(
                    source
                            + ": the tokenizers library does not accept this tokenizer.json: "
                            + reason(e),
                    e);
        }
    }

    @Override
    public int[] encode(String text, boolean special) {
        try {
            return ints(library.encode(text, special, false).getIds());
        } catch (IllegalStateException e) {
            throw e; // the tokenizer is closed
        } catch (RuntimeException e) {
            throw new DataException("the tokenizer cannot encode this text: " + reason(e), e);
        }
    }

    @Override
    public NativeTokens tokens(String text, @Nullable String second, boolean special) {
        try {
            Encoding found =
                    second == null
                            ? library.encode(text, special, false)
                            : library.encode(text, second, special, false);
            CharSpan[] spans = found.getCharTokenSpans();
            long[] added = found.getSpecialTokenMask();
            long[] texts = found.getSequenceIds();
            for (int i = 0; i < added.length; i++) {
                texts[i] = added[i] == 1 ? -1 : texts[i];
            }
            return new NativeTokens(
                    List.of(found.getTokens()),
                    ints(found.getIds()),
                    ints(found.getTypeIds()),
                    ints(texts),
                    Arrays.stream(spans).mapToInt(s -> s == null ? 0 : s.getStart()).toArray(),
                    Arrays.stream(spans).mapToInt(s -> s == null ? 0 : s.getEnd()).toArray(),
                    ints(found.getWordIds()));
        } catch (IllegalStateException e) {
            throw e; // the tokenizer is closed
        } catch (RuntimeException e) {
            throw new DataException("the tokenizer cannot encode this text: " + reason(e), e);
        }
    }

    private static int[] ints(long... values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    @Override
    public String decode(int... ids) {
        try {
            return library.decode(Arrays.stream(ids).asLongStream().toArray(), true);
        } catch (IllegalStateException e) {
            throw e; // the tokenizer is closed
        } catch (RuntimeException e) {
            throw new DataException("the tokenizer cannot decode these ids: " + reason(e), e);
        }
    }

    private static String reason(Exception e) {
        String message = String.valueOf(e.getMessage());
        return JsonText.oneLine(message.lines().findFirst().orElse("").strip());
    }

    @Override
    public void close() {
        library.close();
    }
}
