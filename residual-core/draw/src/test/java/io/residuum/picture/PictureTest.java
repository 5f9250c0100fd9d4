package io.residuum.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.draw.Diagram;
import io.residuum.draw.Level;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;

class PictureTest {
    private static final String TITLE = "a < b & \"c\"";

    private static final Map<Level, Picture> PICTURES = new EnumMap<>(Level.class);

    private static Picture picture(Level level) {
        return PICTURES.computeIfAbsent(level, PictureTest::drawn);
    }

    private static Picture drawn(Level level) {
        return Picture.of(Networks.diagram(Networks.ODD, level), TITLE, "two heads");
    }

    @ParameterizedTest
    @EnumSource(names = {"STAGE", "BLOCK", "LAYER"})
    void textsStayInThePicture(Level level) {
        Picture picture = picture(level);
        Set<String> texts = new TreeSet<>();
        for (Mark mark : picture.marks()) {
            if (mark instanceof Mark.Text text) {
                assertTrue(
                        text.x() >= 0 && text.x() + text.width() <= picture.width(), text.text());
                assertTrue(text.y() <= picture.height() && text.y() > 0, text.text());
                texts.add(text.text());
            }
        }
        Set<String> wanted = Set.of(TITLE, "two heads", "data", "policy", "value", "convolution");
        assertTrue(texts.containsAll(wanted), texts.toString());
        assertEquals(level != Level.STAGE, texts.contains("\u00d7 3"), texts.toString());
        assertEquals(level != Level.STAGE, texts.contains("shortcut and merge"));
    }

    @Test
    void svgIsWellFormedAndHoldsAllTexts() throws Exception {
        Picture picture = picture(Level.BLOCK);
        byte[] svg = picture.svg().getBytes(StandardCharsets.UTF_8);
        Element root =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(svg))
                        .getDocumentElement();
        assertEquals(TITLE, root.getAttribute("aria-label"));
        assertEquals(picture.width(), Double.parseDouble(root.getAttribute("width")), 0.06);
        List<String> found = new ArrayList<>();
        var texts = root.getElementsByTagName("text");
        for (int i = 0; i < texts.getLength(); i++) {
            found.add(texts.item(i).getTextContent());
        }
        assertEquals(texts(picture), found);
    }

    private static List<String> texts(Picture picture) {
        return picture.marks().stream()
                .filter(Mark.Text.class::isInstance)
                .map(mark -> ((Mark.Text) mark).text())
                .toList();
    }

    @Test
    void pngHasTheSizeAndTheColours() throws IOException {
        Picture picture = picture(Level.BLOCK);
        var image = ImageIO.read(new ByteArrayInputStream(picture.png(1)));
        assertEquals(Math.ceil(picture.width()), image.getWidth());
        assertEquals(Math.ceil(picture.height()), image.getHeight());
        Set<Integer> colours = new TreeSet<>();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                colours.add(image.getRGB(x, y) & 0xffffff);
            }
        }
        assertTrue(colours.containsAll(Set.of(0xffffff, 0xd6e5f7, 0xd9eedd, 0xd3eeee, 0xfdead6)));
        int corner = image.getRGB(image.getWidth() - 1, image.getHeight() - 1);
        assertEquals(0xffffff, corner & 0xffffff);
    }

    @Test
    void pngHasLimits() {
        Picture picture = picture(Level.STAGE);
        for (double scale : new double[] {0, -1, Double.NaN, 1000}) {
            PictureException e = assertThrows(PictureException.class, () -> picture.png(scale));
            assertTrue(String.valueOf(e.getMessage()).contains("at scale " + scale), e.toString());
        }
    }

    @Test
    void pdfIsOnePageOfSelectableText() throws IOException {
        Picture picture = picture(Level.LAYER);
        try (var document = Loader.loadPDF(picture.pdf())) {
            assertEquals(1, document.getNumberOfPages());
            var page = document.getPage(0).getMediaBox();
            double scale = Arrangement.pageScale(picture.width(), picture.height());
            assertEquals(picture.width() * scale, page.getWidth(), 0.01);
            assertTrue(Math.max(page.getWidth(), page.getHeight()) <= 842, page.toString());
            String text = new PDFTextStripper().getText(document);
            for (String line : texts(picture)) {
                assertTrue(text.contains(line.strip()), line + " is missing in " + text);
            }
        }
    }

    @Test
    void equalDiagramsGiveEqualFiles() {
        Picture first = picture(Level.BLOCK);
        Picture second = drawn(Level.BLOCK);
        assertEquals(first.svg(), second.svg());
        assertArrayEquals(first.png(1), second.png(1));
        assertArrayEquals(first.pdf(), second.pdf());
    }

    @Test
    void namesNeedNoGlyph() throws IOException {
        String json = Networks.chain(2).replace("\"c1\"", "\"\u5377\u79ef\"");
        Diagram diagram = Networks.diagram(json, Level.LAYER);
        Picture picture = Picture.of(diagram, "\u5377\u79ef", "");
        assertTrue(picture.svg().contains("\u5377\u79ef"));
        try (var document = Loader.loadPDF(picture.pdf())) {
            assertTrue(new PDFTextStripper().getText(document).contains("??"));
        }
        assertTrue(picture.png(1).length > 0);
    }

    @Test
    void suffixChoosesTheFormat(@TempDir Path folder) throws IOException {
        Picture picture = picture(Level.STAGE);
        for (String suffix : Picture.SUFFIXES) {
            picture.write(folder.resolve("out" + suffix));
        }
        assertEquals(picture.svg(), Files.readString(folder.resolve("out.svg")));
        assertArrayEquals(picture.png(2), Files.readAllBytes(folder.resolve("out.png")));
        assertArrayEquals(picture.pdf(), Files.readAllBytes(folder.resolve("out.pdf")));
        Path other = folder.resolve("out.gif");
        PictureException e = assertThrows(PictureException.class, () -> picture.write(other));
        assertTrue(String.valueOf(e.getMessage()).contains(".svg, .png, .pdf"), e.toString());
    }
}
