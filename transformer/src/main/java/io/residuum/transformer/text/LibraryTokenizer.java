package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.json.Json;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.InputTemplate;
import io.residuum.transformer.text.library.NativeTokenizer;
import io.residuum.transformer.text.library.NativeTokens;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@code tokenizer.json}, run by the tokenizers library of Hugging Face as packaged by DJL. It
 * ignores the file's settings for truncation and padding. {@link NativeTokenizer} says what is
 * trusted.
 */
final class LibraryTokenizer implements Tokenizer {
    /** A text of at least one token by most tokenizers. */
    private static final String PROBE = "a";

    private final NativeTokenizer library;
    private final String json;
    private final boolean splitsAtSpaces;
    private final int vocabulary;
    private final SpecialTokens special;
    private final boolean marksContinuations;
    private final List<InputTemplate> templates;

    private LibraryTokenizer(NativeTokenizer library, Json.Obj json, SpecialNames names) {
        this.library = library;
        this.json = json.compact();
        this.splitsAtSpaces = PreTokenizers.splitAtSpaces(json);
        this.vocabulary = names.vocabulary();
        this.special = names.find();
        this.marksContinuations =
                !json.get("model").get("continuing_subword_prefix").string("").isEmpty();
        this.templates = List.of(template(library, null), template(library, PROBE));
    }

    /**
     * Opens a tokenizer.
     *
     * @param json a {@code tokenizer.json}, possibly with the names of special tokens
     * @param source the name of the source, for errors
     */
    static LibraryTokenizer of(Json.Obj json, String source) {
        Json.Obj own =
                SpecialNames.keepPadding(json).with("truncation", null).with("padding", null);
        SpecialNames names = new SpecialNames(own, source);
        NativeTokenizer library = NativeTokenizer.open(own.without(SpecialNames.KEY), source);
        return new LibraryTokenizer(library, own, names);
    }

    @Override
    public int vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text) {
        return library.encode(text, false);
    }

    @Override
    public int[] encodeForModel(String text) {
        return library.encode(text, true);
    }

    /** Finds the special tokens around a text or two; without tokens of the text there are none. */
    private static InputTemplate template(NativeTokenizer library, @Nullable String second) {
        NativeTokens found = library.tokens(PROBE, second, true);
        List<InputTemplate.Part> parts = new ArrayList<>();
        int last = -1;
        for (int i = 0; i < found.ids().length; i++) {
            int text = found.texts()[i];
            if (text < 0) {
                parts.add(new InputTemplate.Special(found.ids()[i], found.segments()[i]));
            } else if (text != last) {
                parts.add(new InputTemplate.Text(text, found.segments()[i]));
            }
            last = text;
        }
        int texts = second == null ? 1 : 2;
        boolean complete =
                parts.stream().filter(InputTemplate.Text.class::isInstance).count() == texts;
        return complete ? new InputTemplate(parts) : InputTemplate.plain(texts);
    }

    @Override
    public InputTemplate template(int texts) {
        return templates.get(texts - 1);
    }

    @Override
    public Encoding tokens(String text) {
        NativeTokens found = library.tokens(text, null, false);
        int count = found.ids().length;
        int[] starts = new int[count];
        int[] ends = new int[count];
        boolean[] continued = new boolean[count];
        int unknown = special.unknown().orElse(-1);
        for (int i = 0; i < count; i++) {
            // The library counts code points.
            starts[i] = text.offsetByCodePoints(0, found.starts()[i]);
            ends[i] = text.offsetByCodePoints(0, found.ends()[i]);
            continued[i] = found.ids()[i] != unknown && continues(text, found, i, starts[i]);
        }
        return new Encoding(found.tokens(), found.ids(), starts, ends, found.words(), continued);
    }

    /** As transformers decides: by the prefix of the token, or by the space before it. */
    private boolean continues(String text, NativeTokens found, int token, int start) {
        if (marksContinuations) {
            String written = found.tokens().get(token);
            return written.codePointCount(0, written.length())
                    != found.ends()[token] - found.starts()[token];
        }
        return start > 0 && text.charAt(start - 1) != ' ' && text.charAt(start) != ' ';
    }

    @Override
    public String decode(int... ids) {
        for (int id : ids) {
            checkArgument(
                    id >= 0 && id < vocabulary,
                    "a token id must be in [0, %s), got %s",
                    vocabulary,
                    id);
        }
        return library.decode(ids);
    }

    @Override
    public SpecialTokens special() {
        return special;
    }

    @Override
    public String json() {
        return json;
    }

    /**
     * Returns true if a text may be split between a letter or digit and the white space after it,
     * without changing its tokens.
     */
    boolean splitsAtSpaces() {
        return splitsAtSpaces;
    }

    @Override
    public void close() {
        library.close();
    }
}
