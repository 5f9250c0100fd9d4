package io.residuum.transformer.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.residuum.data.DataException;
import io.residuum.testing.SharedData;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class TextSourceTest {
    @TempDir Path folder;

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static PlainText plain(String data) {
        return (PlainText) TextSource.parse(data);
    }

    private static LabelledSplits labelled(String data) {
        return ((LabelledText) TextSource.parse(data)).open();
    }

    /** Returns the warnings of an action, without the folder of the test. */
    private List<String> warnings(Runnable action) {
        Logger logger = (Logger) LoggerFactory.getLogger("io.residuum.transformer.text");
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.addAppender(events);
        try {
            action.run();
        } finally {
            logger.detachAppender(events);
        }
        return events.list.stream()
                .map(e -> e.getFormattedMessage().replace(folder + "/", ""))
                .toList();
    }

    private static String all(TokenStream tokens, Tokenizer tokenizer) {
        return tokenizer.decode(tokens.read(0, (int) tokens.size()));
    }

    @Test
    void theDocumentationIsTheDefault() {
        TextSplits splits = plain("text").open();
        String text = all(splits.train(), splits.tokenizer());
        assertTrue(text.startsWith("# Residuum"), text.substring(0, 40));
        assertTrue(text.contains("One block"));
        assertTrue(splits.train().size() > 50_000, splits.description());
        TextSplits.Part held = splits.validation().orElseThrow();
        assertEquals(held.tokens().size(), held.characters());
        assertTrue(splits.test().isEmpty());
    }

    @Test
    void theLastTenthIsHeldOutAsNanoGptDoes() {
        Path file = SharedData.require("text/tinyshakespeare.txt");
        TextSplits splits = plain("text:" + file).open();
        assertEquals(65, splits.tokenizer().vocabulary());
        assertEquals(1_003_854, splits.train().size());
        assertEquals(111_540, splits.validation().orElseThrow().tokens().size());
        assertEquals(
                file + ": 1,003,854 tokens to train on, 111,540 for validation, vocabulary 65",
                splits.description());
    }

    @Test
    void partsAreFilesAndFoldersInOrder() throws IOException {
        write("more/b.txt", "bb");
        write("more/sub/c.md", "c");
        write("more/a.TXT", "aa");
        write("more/other.json", "{}");
        write("more/x.tokens", "not read from a folder");
        write("more/.git/x", "");
        assertEquals(
                List.of("more: 2 files left out, no .txt or .md files"),
                warnings(() -> plain("text:" + folder.resolve("more")).open(0)));
        Path test = write("test.txt", "cab\uD83D\uDE00");
        TextSplits splits = plain("text:train=" + folder.resolve("more") + ",test=" + test).open(0);
        assertTrue(splits.validation().isEmpty());
        assertEquals("aa\n\nbb\n\nc", all(splits.train(), splits.tokenizer()));
        assertEquals("cab\uD83D\uDE00", all(splits.evaluation().tokens(), splits.tokenizer()));
        // 4 characters, 5 chars
        assertEquals(4, splits.evaluation().characters());
        assertEquals(5, splits.tokenizer().vocabulary());

        Tokenizer own = CharTokenizer.of("abc\n").withUnknown();
        TextSplits given =
                plain("text:train=" + folder.resolve("more") + ",test=" + test).open(own, 0.25);
        assertEquals("cab\uFFFD", all(given.evaluation().tokens(), own));
        // 9 characters, of which 6 train
        assertEquals("aa\n\nbb", all(given.train(), own));
        assertEquals("\n\nc", all(given.validation().orElseThrow().tokens(), own));
        TextSplits named = plain("text:train=" + test + ",valid=" + test + ",test=" + test).open();
        assertEquals(4, named.train().size());
        assertEquals(4, named.validation().orElseThrow().characters());
        assertTrue(named.heldOut().isEmpty());
    }

    @Test
    void encodedTextIsTakenAsItIs() throws IOException {
        Path file = write("a.txt", "one two three\n".repeat(30_000));
        Path encoded = folder.resolve("a.tokens");
        TokenFile.write(file, CharTokenizer.ofFile(file), encoded, bytes -> {});
        TextSplits splits = plain("text:" + encoded).open();
        TextSplits.Part held = splits.validation().orElseThrow();
        long all = splits.train().size() + held.tokens().size();
        assertEquals(420_000, all);
        assertEquals(held.tokens().size(), held.characters());
        assertTrue(held.tokens().size() >= all / 10, splits.description());
        assertTrue(held.tokens().size() < all / 10 + 65_536, splits.description());

        TextSplits both = plain("text:train=" + encoded + ",test=" + encoded).open();
        assertEquals(splits.train().size(), both.train().size());
        assertEquals(420_000, both.test().orElseThrow().characters());
        assertEquals(420_000, plain("text:" + encoded).open(0).train().size());

        String other =
                assertThrows(
                                DataException.class,
                                () -> plain("text:" + encoded).open(CharTokenizer.of("xyz"), 0))
                        .getMessage();
        assertTrue(other.contains("was encoded with another tokenizer"), other);
        assertThrows(
                DataException.class, () -> plain("text:train=" + file + ",test=" + encoded).open());
    }

    @Test
    void aLargeTextIsToBeEncodedFirst() throws IOException {
        Path file = folder.resolve("large.txt");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(PlainText.MAX_BYTES + 1);
        }
        String message =
                assertThrows(DataException.class, () -> plain("text:" + file).open()).getMessage();
        assertTrue(message.contains("run residuum tokenize " + file), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "images",
                "text:",
                "labelled",
                "text:test=FILE",
                "text:FILE,test=FILE",
                "labelled:FILE,FILE",
                "text:/no/such/file"
            })
    void whatIsNoTextIsAnError(String data) throws IOException {
        Path file = write("a.txt", "a");
        String there = data.replace("FILE", file.toString());
        assertThrows(DataException.class, () -> TextSource.parse(there));
    }

    @Test
    void textIsToldFromImages() {
        assertTrue(TextSource.names("text") && TextSource.names("Labelled:a.csv"));
        assertFalse(TextSource.names("folder:text") || TextSource.names("digits"));
    }

    @Test
    void pathsNeedNoKind() throws IOException {
        Path plain = write("words/a.txt", "abc".repeat(20));
        assertTrue(TextSource.names(plain.toString()));
        assertEquals(54, plain(plain.toString()).open().train().size());
        assertEquals(54, plain(plain.getParent().toString()).open().train().size());
        Path table = write("rows.csv", "text,label\n" + "a,x\nb,y\n".repeat(10));
        assertEquals(18, labelled(table.toString()).train().size());

        write("classes/x/1.txt", "a");
        String classes = folder.resolve("classes").toString();
        String message =
                assertThrows(DataException.class, () -> TextSource.parse(classes)).getMessage();
        assertTrue(message.contains("labelled:" + classes), message);

        write("pictures/x/readme.md", "a");
        write("pictures/x/1.png", "a");
        write("pictures/x/2.png", "a");
        assertFalse(TextSource.names(folder.resolve("pictures").toString()));
        assertFalse(TextSource.names("digits") || TextSource.names("./no-such-folder"));
    }

    @Test
    void rowsOfEveryFormatAreTheSame() throws IOException {
        String csv = "id,Label,text\n1,pos,\"good, \"\"really\"\"\nso\"\n2,neg,bad\n";
        check(write("a.csv", csv), "good, \"really\"\nso", "bad");
        check(write("b.csv", "\uFEFFgood,pos\r\n\r\nbad,neg\r\n"), "good", "bad");
        check(write("c.tsv", "sentence\tlabel\n\"good\tpos\nbad\"\tneg\n"), "\"good", "bad\"");
        String jsonl =
                "{\"label\": \"pos\", \"text\": \"g\\u00e9\"}\n\n"
                        + "{\"review\": \"b\", \"class\": \"neg\"}";
        check(write("d.jsonl", jsonl), "g\u00e9", "b");
    }

    @Test
    void columnsThatNothingReadsAreNamed() throws IOException {
        Path csv = write("a.csv", "id,text,label,text_pair\n1,a,x,b\n2,c,y,d\n");
        assertEquals(
                List.of("a.csv: columns that are not used: id, text_pair"),
                warnings(() -> ((LabelledText) TextSource.parse("labelled:" + csv)).open(0)));
        Path lines =
                write(
                        "b.jsonl",
                        """
                        {"text": "a", "label": "x"}
                        {"sentence": "b", "label": "y", "idx": 1}
                        """);
        assertEquals(
                List.of("b.jsonl: columns that are not used: idx"),
                warnings(() -> ((LabelledText) TextSource.parse("labelled:" + lines)).open(0)));
    }

    private static void check(Path file, String positive, String negative) {
        String data = "labelled:train=" + file + ",test=" + file;
        LabelledSplits splits = ((LabelledText) TextSource.parse(data)).open(0);
        LabelledTexts texts = splits.train();
        assertEquals(List.of("neg", "pos"), texts.classNames());
        assertEquals(2, splits.evaluation().size());
        assertEquals(positive, texts.text(0));
        assertEquals(1, texts.label(0));
        assertEquals(negative, texts.text(1));
        assertEquals(0, texts.label(1));
    }

    @Test
    void foldersAreClassesAndPartsAreFolders() throws IOException {
        for (String part : List.of("train", "test", "val")) {
            write("imdb/" + part + "/pos/1.txt", "fine " + part);
            write("imdb/" + part + "/neg/2.txt", "poor");
        }
        write("imdb/train/unsup/3.txt", "who knows");
        write("imdb/train/urls.txt", "no text");
        write("imdb/dev/pos/4.txt", "unread");
        write("imdb/train/pos/5.md", "no .txt");
        write("imdb/.git/x", "");
        List<LabelledSplits> opened = new ArrayList<>();
        assertEquals(
                List.of(
                        "imdb: 1 file or folder left out, no parts of the data (train, val, test):"
                                + " dev",
                        "imdb/train/pos: 1 file or folder left out, no .txt files: 5.md",
                        "imdb/train: 2 files and folders left out, no folders of a class: unsup,"
                                + " urls.txt"),
                warnings(() -> opened.add(labelled("labelled:" + folder.resolve("imdb")))));
        LabelledSplits splits = opened.get(0);
        assertEquals(List.of("neg", "pos"), splits.train().classNames());
        assertEquals(2, splits.train().size());
        assertEquals("poor", splits.test().orElseThrow().text(0));
        assertEquals("fine val", splits.validation().orElseThrow().text(1));
    }

    @Test
    void aTenthOfEachClassIsHeldOutTheSameEveryTime() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            rows.append("text ").append(i).append(',').append(i % 3 == 0 ? 10 : 2).append('\n');
        }
        String data = "labelled:" + write("a.csv", rows.toString());
        LabelledSplits splits = labelled(data);
        // numbers in their own order
        assertEquals(List.of("2", "10"), splits.train().classNames());
        assertEquals(270, splits.train().size());
        int[] held = labels(splits.validation().orElseThrow());
        assertEquals(20, IntStream.of(held).filter(l -> l == 0).count());
        assertEquals(10, IntStream.of(held).filter(l -> l == 1).count());
        assertArrayEquals(held, labels(labelled(data).validation().orElseThrow()));
        assertTrue(
                splits.description()
                        .endsWith("270 texts in 2 classes to train on, 30 for validation"),
                splits.description());
    }

    private static int[] labels(LabelledTexts texts) {
        return IntStream.range(0, texts.size()).map(texts::label).toArray();
    }

    @Test
    void errorsNameTheLine() throws IOException {
        String three = failure(write("a.csv", "text,label\n\"a\na\",b\n\nc,d,e\nf,g\n"));
        assertTrue(
                three.contains("line 5 must have 2 columns") && three.endsWith("found 3"), three);
        String none = failure(write("b.csv", "text,label\na,\n"));
        assertTrue(none.endsWith("line 2 must have a text and a label, found no label"), none);
        String json = failure(write("c.jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\"\n"));
        assertTrue(json.contains("c.jsonl: line 2: must be JSON, but line 1"), json);
        String open = failure(write("d.csv", "text,label\na,b\n\"a,b\n"));
        assertTrue(open.contains("d.csv: must be a table, but the row after line 2"), open);
        assertEquals(1, open.lines().count());
        String kind = failure(write("e.txt", "a"));
        assertTrue(kind.contains("must be a .csv, .tsv or .jsonl file"), kind);
        Path train = write("f.csv", "a,x\nb,y\n");
        Path test = write("g.csv", "a,z\n");
        String unseen =
                assertThrows(
                                DataException.class,
                                () -> labelled("labelled:train=" + train + ",test=" + test))
                        .getMessage();
        assertEquals(
                test + ": 'z' is not a class of the training set, whose classes are [x, y]",
                unseen);
    }

    private static String failure(Path file) {
        return assertThrows(DataException.class, () -> labelled("labelled:" + file)).getMessage();
    }
}
