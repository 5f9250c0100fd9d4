package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import java.util.Locale;
import java.util.Set;

/**
 * A source of text, as named by {@code --data}:
 *
 * <pre>
 * text                                the documentation of this project
 * text:FILE                           UTF-8
 * text:DIR                            all .txt and .md files in the folder and its subfolders
 * text:FILE.tokens                    an encoded text: {@link TokenFile}
 * text:train=FILE,val=FILE,test=FILE  each may be several, or folders; or all are encoded texts
 * labelled:FILE                       .csv, .tsv or .jsonl with a text and a label per row
 * labelled:DIR                        DIR/train, DIR/val and DIR/test, or class folders of .txt files
 * labelled:train=FILE,test=FILE       one for each part
 * FILE or DIR                         text: or labelled:, by extension or by the files in the folder
 * </pre>
 */
public sealed interface TextSource permits PlainText, LabelledText {

    /** The kinds of sources, written before the colon. */
    Set<String> KINDS = Set.of("text", "labelled");

    /**
     * Returns true if a value of {@code --data} names a source of text.
     *
     * @param data the value
     * @return true if {@link #parse} accepts this kind of value, or if it is the path of a text
     *     file or of a folder with text files
     */
    static boolean names(String data) {
        return KINDS.contains(kind(data)) || TextPaths.isText(data);
    }

    /**
     * Parses a value of {@code --data}.
     *
     * @param text a value from the table above
     * @return the source; no file is opened yet
     * @throws DataException if the text names no source, or a path in it does not exist
     */
    static TextSource parse(String text) {
        if (text.equalsIgnoreCase("text")) {
            return PlainText.DOCUMENTATION;
        }
        if (text.indexOf(':') >= 0 && KINDS.contains(kind(text))) {
            Locations where = Locations.parse(text.substring(text.indexOf(':') + 1));
            return kind(text).equals("text") ? PlainText.at(where) : LabelledText.at(where);
        }
        if (!KINDS.contains(kind(text)) && TextPaths.isText(text)) {
            return TextPaths.source(text);
        }
        throw new DataException(
                "text data must be the path of a text or one of text, text:FILE-or-DIR,"
                        + " text:train=FILE,test=FILE, labelled:FILE-or-DIR,"
                        + " labelled:train=FILE,test=FILE; got '"
                        + text
                        + "'");
    }

    private static String kind(String text) {
        int colon = text.indexOf(':');
        return (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
    }
}
