package io.residuum.vision.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.ResiduumException;
import io.residuum.json.JsonReader;
import io.residuum.vision.detect.LabelledBox.Kind;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.PictureReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Annotations of COCO and PASCAL VOC, right and wrong. */
class DetectionFilesTest {
    private static final String COCO =
            """
            {"images": [{"id": 7, "file_name": "a.png"}, {"id": 9, "file_name": "b.png"}],
             "annotations": [
               {"image_id": 9, "category_id": 18, "bbox": [1, 2, 3.5, 4], "iscrowd": 0, "area": 14},
               {"image_id": 9, "category_id": 3, "bbox": [0, 0, 5, 0]},
               {"image_id": 7, "category_id": 3, "bbox": [0, 1, 5, 2], "iscrowd": 1}],
             "categories": [{"id": 18, "name": "dog"}, {"id": 3, "name": "car"}]}
            """;
    private static final String OBJECT =
            "<object><name>%s</name><difficult>%d</difficult>"
                    + "<bndbox><xmin>%d</xmin><ymin>2</ymin><xmax>6</xmax><ymax>5</ymax></bndbox>"
                    + "<part><name>head</name><bndbox><xmin>3</xmin></bndbox></part></object>";

    @TempDir private Path folder;

    @BeforeEach
    void writePictures() throws IOException {
        Files.createDirectories(folder.resolve("JPEGImages"));
        Files.createDirectories(folder.resolve("Annotations"));
        Files.createDirectories(folder.resolve("ImageSets/Main"));
        BufferedImage picture = new BufferedImage(12, 9, BufferedImage.TYPE_INT_RGB);
        for (String name : List.of("a", "b")) {
            ImageIO.write(picture, "png", folder.resolve(name + ".png").toFile());
            ImageIO.write(picture, "jpg", folder.resolve("JPEGImages/" + name + ".jpg").toFile());
        }
    }

    @Test
    void idsOfAnySizeAreRead() {
        for (String id : List.of("1e-2147483648", "1e2147483648", "0.5", "1e30")) {
            ResiduumException e =
                    assertThrows(
                            ResiduumException.class,
                            () -> coco(COCO.replace("\"id\": 18", "\"id\": " + id), 0));
            assertTrue(e.getMessage().contains("$.categories[0].id: must be a"), e.getMessage());
        }
    }

    private DetectionSet coco(String text, int classes) throws IOException {
        Path file = Files.writeString(folder.resolve("boxes.json"), text);
        return DetectionSource.parse(false, file.toString())
                .open(classes, PictureReader.DEFAULT)
                .train();
    }

    @Test
    void cocoLabelsCountCategoriesByTheirIds() throws IOException {
        DetectionSet set = coco(COCO, 0);
        assertEquals(List.of("car", "dog"), set.classNames());
        assertEquals(2, set.size());
        BoundingBox dog = new BoundingBox(1, 2, 4.5, 6);
        // A box without pixels counts for nothing.
        BoundingBox flat = new BoundingBox(0, 0, 5, 0);
        assertEquals(
                List.of(new LabelledBox(1, dog), new LabelledBox(0, flat, Kind.IGNORED)),
                set.objects(1));
        assertEquals(
                List.of(new LabelledBox(0, new BoundingBox(0, 1, 5, 3), Kind.CROWD)),
                set.objects(0));
        Image image = new Image();
        set.readImage(1, image);
        assertEquals(12, image.shape().width());
    }

    @Test
    void cocoLabelsAreIdsForNetworksOfMoreClasses() throws IOException {
        DetectionSet set = coco(COCO, 91);
        assertEquals(91, set.classNames().size());
        assertEquals("dog", set.classNames().get(18));
        assertEquals(18, set.objects(1).get(0).label());
        ResiduumException e = assertThrows(ResiduumException.class, () -> coco(COCO, 5));
        assertTrue(e.getMessage().contains("a class for each of the 2 categories"));
    }

    /** As a double, both ids would be 9007199254740992. */
    @Test
    void cocoIdsMayBeLong() throws IOException {
        String text = COCO.replaceAll("\\b7\\b", "9007199254740992");
        DetectionSet set = coco(text.replaceAll("\\b9\\b", "9007199254740993"), 0);
        assertEquals(1, set.objects(0).size());
        assertEquals(2, set.objects(1).size());
    }

    /** Annotations may come before images and categories, and masks need no memory. */
    @Test
    void cocoKeepsNoMasks() throws IOException {
        String mask = "[" + "10.5, ".repeat(40_000) + "1]";
        String last = "\"x\": [{\"segmentation\": " + mask + "}], \"images\"";
        List<Long> charged = new ArrayList<>();
        long[] most = {0};
        String text = COCO.replaceFirst("\"images\"", Matcher.quoteReplacement(last));
        JsonReader.read(
                ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)),
                "coco",
                bytes -> {
                    most[0] += bytes;
                    charged.add(most[0]);
                },
                (at, value) -> {});
        assertTrue(Collections.max(charged) > 5 * mask.length(), "nothing was counted");
        assertTrue(most[0] < 10_000, "still counted: " + most[0]);
        assertEquals(2, coco(text, 0).objects(1).size());
    }

    /** Other parts have other categories, and even other ids, but the labels of the network. */
    @Test
    void cocoLabelsOfOtherPartsFollowTheNames() throws IOException {
        Path train = Files.writeString(folder.resolve("train.json"), COCO);
        String dogs = COCO.replace(", {\"id\": 3, \"name\": \"car\"}", "");
        String onlyDogs =
                dogs.replaceAll("(?m),$\\s+\\{.*\"category_id\": 3.*\\}(?=,|\\])", "")
                        .replace("18", "1");
        Path val = Files.writeString(folder.resolve("val.json"), onlyDogs);
        DetectionSource source = DetectionSource.parse(false, "train=" + train + ",val=" + val);
        DetectionSet validation = source.open(0, PictureReader.DEFAULT).validation().orElseThrow();
        assertEquals(List.of("car", "dog"), validation.classNames());
        assertEquals(1, validation.objects(1).get(0).label());
        DetectionSet evaluated = source.evaluation(2, List.of("car", "dog"), PictureReader.DEFAULT);
        assertEquals(1, evaluated.objects(1).get(0).label());
        ResiduumException e =
                assertThrows(
                        ResiduumException.class,
                        () -> source.evaluation(2, List.of("car", "cat"), PictureReader.DEFAULT));
        assertTrue(
                e.getMessage().contains("must be one of [car, cat], got \"dog\""), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"image_id\": 9, | \"image_id\": 8, | boxes.json:3: $.annotations[0].image_id:"
                        + " must be an id in images, got 8",
                "\"category_id\": 18 | \"category_id\": 4 | 3: $.annotations[0].category_id: must"
                        + " be an id in categories",
                "[1, 2, 3.5, 4] | [1, 2, 3] | 3: $.annotations[0].bbox: must be [left, top, width,"
                        + " height]",
                "[1, 2, 3.5, 4] | [1, 2, -3, 4] | $.annotations[0].bbox: must have a width",
                "[1, 2, 3.5, 4] | [1, 2, \"x\", 4] | $.annotations[0].bbox[2]: must be a number",
                "[1, 2, 3.5, 4] | [1, 2, 1e999, 4] | $.annotations[0].bbox[2]: must be a number",
                "\"id\": 7, | \"id\": 9, | $.images[1].id: must differ from other ids",
                "\"id\": 7, | \"id\": 7.5, | $.images[0].id: must be a whole number, got 7.5",
                "{\"id\": 3, | {\"id\": 18, | $.categories[1].id: must differ from other ids",
                "\"car\" | \"dog\" | $.categories[1].name: must differ from other names",
                "\"a.png\" | \"../a.png\" | $.images[0].file_name: must be a path inside",
                "\"a.png\" | \"/etc/passwd\" | $.images[0].file_name: must be a path inside",
                "\"a.png\" | \"gone.png\" | found no such file",
                "\"a.png\" | 3 | $.images[0].file_name: must be a text",
                "\"categories\": [ | \"kinds\": [ | $.categories: must be an array of objects",
                "\"name\": \"dog\" | \"nam\": \"dog\" | $.categories[0].name: must be a text",
                "{\"id\": 18 | 5, {\"id\": 18 | $.categories[0]: must be an object",
                "\"images\" | images | boxes.json:1:",
            })
    void saysWhereCocoIsWrong(String before, String after, String reason) {
        ResiduumException e =
                assertThrows(ResiduumException.class, () -> coco(COCO.replace(before, after), 0));
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }

    @Test
    void picturesLieBesideAnnotationsOfInstances() throws IOException {
        Files.createDirectories(folder.resolve("annotations"));
        Files.createDirectories(folder.resolve("val"));
        for (String name : List.of("a.png", "b.png")) {
            Files.copy(folder.resolve(name), folder.resolve("val").resolve(name));
        }
        Path file = Files.writeString(folder.resolve("annotations/instances_val.json"), COCO);
        DetectionSet set =
                DetectionSource.parse(false, file.toString())
                        .open(0, PictureReader.DEFAULT)
                        .train();
        Path picture = ((BoxFiles) set).pictures().get(0).file();
        assertTrue(picture.endsWith("val/a.png"), picture.toString());
    }

    private void annotate(String name, String objects) throws IOException {
        Files.writeString(
                folder.resolve("Annotations/" + name + ".xml"),
                "<annotation>\n<size><width>12</width></size>\n" + objects + "\n</annotation>\n");
    }

    private DetectionSource.Splits voc() {
        return DetectionSource.parse(true, folder.toString()).open(0, PictureReader.DEFAULT);
    }

    @Test
    void vocHasPartsAndSortedNames() throws IOException {
        annotate("a", OBJECT.formatted("dog", 0, 1) + OBJECT.formatted("car", 1, 2));
        annotate("b", OBJECT.formatted("cat", 0, 3));
        Files.writeString(folder.resolve("ImageSets/Main/train.txt"), "a\n");
        Files.writeString(folder.resolve("ImageSets/Main/val.txt"), "b  1\n");
        DetectionSource.Splits splits = voc();
        assertEquals(List.of("car", "cat", "dog"), splits.train().classNames());
        assertEquals(
                List.of(
                        new LabelledBox(2, new BoundingBox(0, 1, 6, 5)),
                        new LabelledBox(0, new BoundingBox(1, 1, 6, 5), Kind.IGNORED)),
                splits.train().objects(0));
        assertEquals(1, splits.validation().orElseThrow().objects(0).get(0).label());
        assertTrue(splits.test().isEmpty());
        assertTrue(splits.train().subset(0).isVoc());
    }

    /** All pictures would train, those of the other parts, too. */
    @Test
    void vocNeedsAListForTrainingBesideOthers() throws IOException {
        annotate("a", OBJECT.formatted("dog", 0, 1));
        Files.writeString(folder.resolve("ImageSets/Main/val.txt"), "a\n");
        ResiduumException e = assertThrows(ResiduumException.class, this::voc);
        assertTrue(e.getMessage().contains("train.txt"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "<object><name>x</name></object> | a.xml:3: object.bndbox.xmin must be a number,"
                        + " got null",
                "<object> | must be XML",
                "<object><name/><bndbox><xmin>9</xmin><ymin>2</ymin><xmax>6</xmax><ymax>5</ymax></bndbox></object>"
                    + " | xmin <= xmax",
            })
    void saysWhereVocIsWrong(String object, String reason) throws IOException {
        annotate("a", object);
        ResiduumException e = assertThrows(ResiduumException.class, this::voc);
        assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
    }

    /** A document type could read files of the machine, or grow without end. */
    @Test
    void vocReadsNoOtherFile() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret.txt"), "secret");
        Files.writeString(
                folder.resolve("Annotations/a.xml"),
                "<!DOCTYPE a [<!ENTITY e SYSTEM \"%s\">]>\n<annotation>".formatted(secret.toUri())
                        + OBJECT.formatted("&e;", 0, 1)
                        + "</annotation>");
        ResiduumException e = assertThrows(ResiduumException.class, this::voc);
        assertTrue(e.getMessage().contains("a.xml"), e.getMessage());
        annotate("a", OBJECT.formatted("dog", 0, 1));
        Files.writeString(folder.resolve("ImageSets/Main/train.txt"), "../../secret\n");
        ResiduumException list = assertThrows(ResiduumException.class, this::voc);
        assertTrue(list.getMessage().contains("names of pictures"), list.getMessage());
    }

    @Test
    void labelsCountTheNamesOfANetwork() throws IOException {
        DetectionSet set = coco(COCO, 0);
        assertEquals(List.of("car", "dog"), set.classNames());
        DetectionSet other = set.labelledBy(List.of("dog", "bird", "car"));
        assertEquals(List.of("dog", "bird", "car"), other.classNames());
        for (int i = 0; i < set.size(); i++) {
            for (int o = 0; o < set.objects(i).size(); o++) {
                LabelledBox before = set.objects(i).get(o);
                LabelledBox after = other.objects(i).get(o);
                assertEquals(
                        set.classNames().get(before.label()),
                        other.classNames().get(after.label()));
                assertEquals(before.box(), after.box());
                assertEquals(before.kind(), after.kind());
            }
        }
        assertThrows(ResiduumException.class, () -> set.labelledBy(List.of("car", "bird")));
    }

    @Test
    void vocNamesItsEncoding() throws IOException {
        Path file = folder.resolve("Annotations/a.xml");
        String text = "<annotation>" + OBJECT.formatted("caf\u00e9", 0, 1) + "</annotation>";
        Files.writeString(file, "\uFEFF" + text);
        assertEquals(List.of("caf\u00e9"), voc().train().classNames());
        Files.writeString(
                file,
                "<?xml version='1.0' encoding='ISO-8859-1'?>" + text,
                StandardCharsets.ISO_8859_1);
        assertEquals(List.of("caf\u00e9"), voc().train().classNames());
        Files.writeString(file, text, StandardCharsets.UTF_16);
        assertEquals(List.of("caf\u00e9"), voc().train().classNames());
        Files.writeString(file, text, StandardCharsets.ISO_8859_1);
        ResiduumException e = assertThrows(ResiduumException.class, this::voc);
        assertTrue(e.getMessage().contains("a.xml: must be UTF-8"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "UTF-9, an encoding that Java knows",
        "US-ASCII, must be UTF-8 or in the encoding",
        ".0, an encoding that Java knows"
    })
    void vocInAnotherEncodingThanItNamesIsAnError(String encoding, String message)
            throws IOException {
        String text = "<annotation>" + OBJECT.formatted("caf\u00e9", 0, 1) + "</annotation>";
        Files.writeString(
                folder.resolve("Annotations/a.xml"),
                "<?xml version='1.0' encoding='%s'?>".formatted(encoding) + text,
                StandardCharsets.ISO_8859_1);
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            ResiduumException e = assertThrows(ResiduumException.class, this::voc);
            assertTrue(e.getMessage().contains(message), e.getMessage());
        } finally {
            System.setErr(err);
        }
        assertEquals("", printed.toString(StandardCharsets.UTF_8));
    }

    @Test
    void deepElementsEndInTime() throws IOException {
        int levels = 500_000;
        Files.writeString(
                folder.resolve("Annotations/a.xml"),
                "<a>".repeat(levels) + "</a>".repeat(levels),
                StandardCharsets.UTF_8);
        ResiduumException e = assertThrows(ResiduumException.class, this::voc);
        assertTrue(e.getMessage().contains("a.xml:1: elements must be nested in at most 50"));
    }
}
