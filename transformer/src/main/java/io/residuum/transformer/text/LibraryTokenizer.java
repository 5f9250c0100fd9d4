package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.InputTemplate;
import io.residuum.transformer.text.library.NativeTokenizer;
import io.residuum.transformer.text.library.NativeTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A {@code tokenizer.json}, run by the tokenizers library of Hugging Face as packaged by DJL. It
 * ignores the file's settings for truncation and padding. {@link NativeTokenizer} says what is
 * trusted.
 */
final class LibraryTokenizer implements Tokenizer {
    /** Texts of special tokens. Most tokenizers have one of them. */
    private static final List<String> PROBES = List.of("a", "A", "1");

    private final NativeTokenizer library;
    private final String json;
    private final boolean splitsAtSpaces;
    private final int vocabulary;
    private final SpecialTokens special;
    private final boolean marksContinuations;
    private final List<Supplier<InputTemplate>> templates;

    private LibraryTokenizer(NativeTokenizer library, Json.Obj json, SpecialNames names) {
        this.library = library;
        this.json = json.compact();
        this.splitsAtSpaces = PreTokenizers.splitAtSpaces(json);
        this.vocabulary = names.vocabulary();
        this.special = names.find();
        this.marksContinuations =
                !json.get("model").get("continuing_subword_prefix").string("").isEmpty();
        this.templates =
                List.of(
                        Suppliers.memoize(() -> find(library, 1)),
                        Suppliers.memoize(() -> find(library, 2)));
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

    /** Finds the special tokens around texts. */
    private static InputTemplate find(NativeTokenizer library, int texts) {
        for (String probe : PROBES) {
            NativeTokens found = library.tokens(probe, texts == 1 ? null : probe, true);
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
            InputTemplate template = new InputTemplate(parts);
            if (parts.size() - template.specials() == texts) {
                return template;
            }
        }
        throw new DataException(
                "the places of special tokens are unknown, because the tokenizer has no token for "
                        + String.join(", ", PROBES));
    }

    @Override
    public InputTemplate template(int texts) {
        return templates.get(texts - 1).get();
    }

    @Override
    public Encoding tokens(String text) {
        NativeTokens found = library.tokens(text, null, false);
        int count = found.ids().length;
        int[] starts = new int[count];
        int[] ends = new int[count];
        int[] chars = charsOfCodePoints(text);
        boolean[] continued = new boolean[count];
        int unknown = special.unknown().orElse(-1);
        for (int i = 0; i < count; i++) {
            starts[i] = chars[found.starts()[i]];
            ends[i] = chars[found.ends()[i]];
            continued[i] = found.ids()[i] != unknown && continues(text, found, i, starts[i]);
        }
        return new Encoding(found.tokens(), found.ids(), starts, ends, found.words(), continued);
    }

    /** Returns the index of each code point, which the library counts, and the text's length. */
    private static int[] charsOfCodePoints(String text) {
        int[] chars = new int[text.codePointCount(0, text.length()) + 1];
        for (int i = 1; i < chars.length; i++) {
            chars[i] = text.offsetByCodePoints(chars[i - 1], 1);
        }
        return chars;
    }

    /** Decides as transformers does: by the prefix of the token, or by the space before it. */
    private boolean continues(String text, NativeTokens found, int token, int start) {
        if (marksContinuations) {
            String written = found.tokens().get(token);
            return written.codePointCount(0, written.length())
                    != found.ends()[token] - found.starts()[token];
        }
        int next = Math.min(start + 1, text.length());
        return start > 0 && text.substring(start - 1, next).indexOf(' ') < 0;
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
