package io.residuum.train.report;

import static io.residuum.train.report.Samples.EPOCHS;
import static io.residuum.train.report.Samples.confusion;
import static io.residuum.train.report.Samples.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Summary;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportTest {
    private static final double NAN = Double.NaN;
    private static final String HOSTILE = "</title><script>alert(\"x\")</script>'&amp;\0";

    @Test
    void theNumbersOfTheRunAreThere() throws Exception {
        Document page = page(run(EPOCHS, List.of(), confusion(4)));
        List<String> headline = texts(page, "header", "dd");
        assertEquals(List.of("81.25%", "252", "55.3 k", "37.5 s", "620"), headline);
        assertEquals("3 epochs, best at epoch 2", texts(page, "header", "p").get(1));
        String text = page.getDocumentElement().getTextContent();
        for (String part :
                List.of("1.123", "4 of 40 samples wrong", "90.0%", "{\"epochs\" : 3}", "engine")) {
            assertTrue(text.contains(part), part);
        }
        assertEquals(
                List.of("Curves", "Confusion", "Architecture", "Recipe", "Environment"),
                texts(page, "nav", "a"));
        assertTrue(texts(page, "svg", "text").contains("best 81.25% at epoch 2"));
        assertTrue(texts(page, "svg", "title").contains("epoch 2\ntrain 60%\nvalidation 81.25%"));
    }

    @Test
    void factsComeFirstAndReplaceWhatIsComputed() throws Exception {
        ReportData plain = run(EPOCHS, List.of(), confusion(4));
        ReportData data =
                new ReportData(
                        plain.title(),
                        plain.spec(),
                        plain.summary(),
                        "",
                        "",
                        "images",
                        EPOCHS,
                        Samples.best(EPOCHS),
                        List.of(),
                        Predictions.NONE,
                        List.of(),
                        Map.of("MACs", "few"));
        Document page = page(data);
        assertEquals(
                List.of("MACs", "Validation accuracy", "Parameters"),
                texts(page, "header", "dt").subList(0, 3));
        assertEquals("few", texts(page, "header", "dd").get(0));
        assertEquals(List.of("Curves", "Architecture"), texts(page, "nav", "a"));
    }

    @Test
    void whateverNamesContainStaysText() throws Exception {
        List<String> names = List.of(HOSTILE, "b");
        ReportData base = run(HOSTILE, EPOCHS, List.of(), names, confusion(2));
        ReportData data =
                new ReportData(
                        base.title(),
                        base.spec(),
                        base.summary(),
                        HOSTILE,
                        "engine: " + HOSTILE,
                        HOSTILE,
                        EPOCHS,
                        Samples.best(EPOCHS),
                        List.of(),
                        new Predictions(
                                names,
                                confusion(2),
                                List.of(
                                        new Mistake.Image(
                                                new Picture(new byte[3], 1, 1),
                                                HOSTILE,
                                                HOSTILE,
                                                0.5),
                                        new Mistake.Text(HOSTILE, HOSTILE, HOSTILE, 0.5))),
                        List.of(new SampleText(1, HOSTILE)),
                        Map.of(HOSTILE, HOSTILE));
        String html = Report.html(data);
        assertFalse(html.contains("<script"), "a name became an element");
        Document page = parse(html);
        String shown = HOSTILE.replace('\0', '\uFFFD');
        assertEquals(shown, texts(page, "head", "title").get(0));
        assertEquals(shown, texts(page, "header", "h1").get(0));
        assertTrue(texts(page, "table", "th").contains(shown));
        assertTrue(texts(page, "section", "pre").contains(shown));
        assertTrue(texts(page, "section", "blockquote").contains(shown));
    }

    @Test
    void nothingIsLoadedFromElsewhere() throws Exception {
        Document page = page(run(EPOCHS, List.of(), confusion(30)));
        NodeList all = page.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element e = (Element) all.item(i);
            assertTrue(e.getAttribute("href").matches("(#.*)?"), e.getAttribute("href"));
            assertTrue(e.getAttribute("src").matches("(data:.*)?"), e.getAttribute("src"));
            assertFalse(List.of("script", "link", "iframe").contains(e.getTagName()));
        }
        assertFalse(page.getElementsByTagName("style").item(0).getTextContent().contains("url("));
    }

    @Test
    void anUnfinishedRunHasAReport() throws Exception {
        Document none = page(run(List.of(), List.of(), new long[0][]));
        assertEquals(List.of("Architecture", "Recipe", "Environment"), texts(none, "nav", "a"));

        List<StepLoss> steps = List.of(new StepLoss(1, 2.5, 0.1), new StepLoss(2, 2.25, 0.1));
        Document noEpoch = page(run(List.of(), steps, new long[0][]));
        assertEquals(2, noEpoch.getElementsByTagName("svg").getLength());
        assertTrue(texts(noEpoch, "svg", "text").contains("step"));

        Document one = page(run(EPOCHS.subList(0, 1), List.of(), new long[2][2]));
        assertEquals(2, one.getElementsByTagName("svg").getLength());
    }

    @Test
    void unknownAndInfiniteNumbersAreLeftOut() throws Exception {
        EpochMetrics unknown =
                new EpochMetrics(1, NAN, NAN, NAN, NAN, Map.of(), Map.of(), NAN, NAN, NAN);
        double over = Double.POSITIVE_INFINITY;
        EpochMetrics blown = new EpochMetrics(2, over, NAN, over, 0, Map.of(), Map.of(), 0, 0, 0);
        List<StepLoss> steps = List.of(new StepLoss(1, NAN, NAN), new StepLoss(2, over, 0));
        for (List<EpochMetrics> epochs :
                List.of(List.of(unknown), List.of(unknown, blown), List.of(blown, EPOCHS.get(2)))) {
            String html = Report.html(run(epochs, steps, new long[0][]));
            assertFalse(html.contains("NaN") || html.contains("Infinity"), epochs.toString());
            parse(html);
        }
    }

    @Test
    void aLongRunStaysSmall() {
        List<StepLoss> steps =
                IntStream.rangeClosed(1, 100_000)
                        .mapToObj(i -> new StepLoss(i, 1.0 / i, 0.1))
                        .toList();
        String html = Report.html(run(EPOCHS, steps, new long[0][]));
        assertTrue(html.length() < 200_000, "page of " + html.length() + " characters");
    }

    @Test
    void theMatrixFollowsTheNumberOfClasses() throws Exception {
        Document few = page(run(List.of(), List.of(), confusion(10)));
        assertEquals(Collections.nCopies(10, "9"), texts(few, "hit"));
        assertEquals(Collections.nCopies(10, "1"), texts(few, "miss"));
        assertEquals(0, few.getElementsByTagName("svg").getLength());

        Document many = page(run(List.of(), List.of(), confusion(100)));
        assertEquals(1, many.getElementsByTagName("svg").getLength());
        assertEquals(201, many.getElementsByTagName("rect").getLength());
        assertTrue(texts(many, "rect", "title").contains("class 7 taken for class 8: 1 (10.00%)"));

        Document most = page(run(List.of(), List.of(), confusion(1000)));
        assertEquals(0, most.getElementsByTagName("svg").getLength());
        assertTrue(most.getDocumentElement().getTextContent().contains("Most confused"));
    }

    @Test
    void theSurestMistakesAreShownAsPictures() throws Exception {
        List<Mistake> mistakes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            byte[] rgb = {(byte) i, 2, 3, (byte) i, 5, 6};
            mistakes.add(
                    new Mistake.Image(new Picture(rgb, 2, 1), "truth " + i, "other", i / 100.0));
        }
        List<Element> images = images(page(withMistakes(mistakes)));
        assertEquals(40, images.size());
        assertEquals("truth 49 taken for other", images.get(0).getAttribute("alt"));
        BufferedImage first = decode(images.get(0));
        assertEquals(2, first.getWidth());
        assertEquals(0xFF310203, first.getRGB(0, 0));
        assertEquals(0xFF310506, first.getRGB(1, 0));
    }

    @Test
    void largePicturesAreReducedByTheMean() throws Exception {
        byte[] rgb = new byte[3 * 320 * 200];
        rgb[0] = (byte) 200;
        Mistake large = new Mistake.Image(new Picture(rgb, 320, 200), "a", "b", 1);
        BufferedImage image = decode(images(page(withMistakes(List.of(large)))).get(0));
        assertEquals(160, image.getWidth());
        assertEquals(100, image.getHeight());
        assertEquals(0xFF320000, image.getRGB(0, 0));
    }

    @Test
    void aMatrixThatDoesNotFitIsAnError() {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> run("t", EPOCHS, List.of(), Samples.names(3), confusion(2)));
        assertTrue(e.getMessage().contains("3 classes, got 2 rows"), e.getMessage());
    }

    @Test
    void theFileReplacesAnOlderOne(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("report.html");
        Files.writeString(file, "old");
        ReportData data = run(EPOCHS, List.of(), confusion(4));
        Report.write(file, data);
        assertEquals(Report.html(data), Files.readString(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    private static ReportData withMistakes(List<Mistake> mistakes) {
        var spec = Samples.spec(2);
        return new ReportData(
                "t",
                spec,
                Summary.of(spec),
                "",
                "",
                "images",
                List.of(),
                0,
                List.of(),
                new Predictions(List.of(), new long[0][], mistakes),
                List.of(),
                Map.of());
    }

    private static Document page(ReportData data) throws Exception {
        return parse(Report.html(data));
    }

    private static Document parse(String html) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(html)));
    }

    /** The texts of all elements of a kind within those of another kind. */
    private static List<String> texts(Document page, String within, String tag) {
        List<String> texts = new ArrayList<>();
        NodeList parents = page.getElementsByTagName(within);
        for (int i = 0; i < parents.getLength(); i++) {
            NodeList found = ((Element) parents.item(i)).getElementsByTagName(tag);
            for (int j = 0; j < found.getLength(); j++) {
                texts.add(found.item(j).getTextContent());
            }
        }
        return texts;
    }

    /** The texts of all cells of a table whose first class is the given one. */
    private static List<String> texts(Document page, String css) {
        NodeList cells = page.getElementsByTagName("td");
        return IntStream.range(0, cells.getLength())
                .mapToObj(i -> (Element) cells.item(i))
                .filter(e -> e.getAttribute("class").matches(css + "\\b.*"))
                .map(Element::getTextContent)
                .toList();
    }

    private static List<Element> images(Document page) {
        NodeList found = page.getElementsByTagName("img");
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .toList();
    }

    private static BufferedImage decode(Element image) throws IOException {
        String data = image.getAttribute("src").replace("data:image/png;base64,", "");
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(data)));
    }
}
