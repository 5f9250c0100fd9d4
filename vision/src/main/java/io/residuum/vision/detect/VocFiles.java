package io.residuum.vision.detect;

import io.residuum.data.DataException;
import io.residuum.json.JsonText;
import io.residuum.vision.detect.LabelledBox.Kind;
import io.residuum.vision.image.PictureReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads a folder of PASCAL VOC (Everingham et al. 2010): {@code Annotations/NAME.xml}, {@code
 * JPEGImages/NAME.jpg} and lists of names in {@code ImageSets/Main}. Errors name the file and the
 * line.
 */
final class VocFiles {
    private static final int MAX_SIZE = 4 << 20;

    /** The number of first bytes that may name the encoding. */
    private static final int PROLOG = 200;

    private static final Pattern ENCODING =
            Pattern.compile("<\\?xml[^>]*encoding\\s*=\\s*[\"']([^\"']+)");

    /** Published files have 5. Comparing the path of each element needs a bound. */
    private static final int MAX_DEPTH = 50;

    private static final String OBJECT = "annotation/object";
    private static final String BOX = OBJECT + "/bndbox/";

    private VocFiles() {}

    /** Returns the list of a part, for instance {@code val}, which may not exist. */
    static Path list(Path folder, String part) {
        return folder.resolve("ImageSets").resolve("Main").resolve(part + ".txt");
    }

    /**
     * Reads the pictures of a list.
     *
     * @param list the list of names; all annotations are read if it does not exist
     * @param classes the names of the classes, by label; empty for the sorted names in all
     *     annotations of the folder
     * @param reader the decoder of pictures
     */
    static BoxFiles open(Path folder, Path list, List<String> classes, PictureReader reader) {
        Map<String, List<Found>> all = new HashMap<>();
        List<String> names = Files.exists(list) ? names(list) : annotations(folder);
        List<String> labels = classes;
        if (labels.isEmpty()) {
            annotations(folder).forEach(name -> all.put(name, read(file(folder, name))));
            labels =
                    all.values().stream()
                            .flatMap(List::stream)
                            .map(Found::name)
                            .distinct()
                            .sorted()
                            .toList();
        }
        List<BoxFiles.AnnotatedImage> pictures = new ArrayList<>();
        for (String name : names) {
            List<LabelledBox> objects = new ArrayList<>();
            for (Found found : all.computeIfAbsent(name, n -> read(file(folder, n)))) {
                int label = BoxFiles.label(file(folder, name), found.name, labels);
                objects.add(BoxFiles.object(label, found.box, found.kind));
            }
            pictures.add(
                    new BoxFiles.AnnotatedImage(
                            folder.resolve("JPEGImages").resolve(name + ".jpg"), objects));
        }
        return new BoxFiles(labels, BoxFiles.checked(folder, pictures), reader, true);
    }

    /** An object with the name of its class. */
    private record Found(String name, BoundingBox box, Kind kind) {}

    private static Path file(Path folder, String name) {
        return folder.resolve("Annotations").resolve(name + ".xml");
    }

    /** Returns the first word of each line; lists of a class have a second one. */
    private static List<String> names(Path list) {
        try (Stream<String> lines = Files.lines(list)) {
            List<String> names =
                    lines.map(String::strip)
                            .filter(line -> !line.isEmpty())
                            .map(line -> line.split("\\s+")[0])
                            .toList();
            for (String name : names) {
                if (!name.matches("[\\w.-]+") || name.startsWith(".")) {
                    throw new DataException(
                            "%s: must list names of pictures, got \"%s\"".formatted(list, name));
                }
            }
            return names;
        } catch (IOException | UncheckedIOException e) {
            throw new DataException("%s: cannot be read: %s".formatted(list, e.getMessage()), e);
        }
    }

    private static List<String> annotations(Path folder) {
        try (Stream<Path> files = Files.list(folder.resolve("Annotations"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".xml"))
                    .map(name -> name.substring(0, name.length() - ".xml".length()))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new DataException(
                    "%s: must have a folder Annotations of XML files, found none".formatted(folder),
                    e);
        }
    }

    private static List<Found> read(Path file) {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // Without a document type, a file can neither name other files nor grow by entities.
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_SIZE + 1);
            if (bytes.length > MAX_SIZE) {
                throw new DataException(file + ": must have at most 4 MiB");
            }
            XMLStreamReader xml =
                    factory.createXMLStreamReader(new StringReader(decoded(file, bytes)));
            try {
                return objects(file, xml);
            } finally {
                xml.close();
            }
        } catch (XMLStreamException e) {
            throw new DataException(
                    "%s:%d: must be XML without a document type: %s"
                            .formatted(
                                    file,
                                    e.getLocation() == null ? 1 : e.getLocation().getLineNumber(),
                                    String.valueOf(e.getMessage()).replace('\n', ' ')),
                    e);
        } catch (CharacterCodingException e) {
            throw new DataException(
                    file + ": must be UTF-8 or in the encoding that its first line names", e);
        } catch (IOException e) {
            throw new DataException("%s: cannot be read: %s".formatted(file, e), e);
        }
    }

    /** Decodes a text, because Java's XML reader prints lines itself for malformed bytes. */
    private static String decoded(Path file, byte[] bytes) throws CharacterCodingException {
        Charset charset = charset(file, bytes);
        String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** Returns the encoding that a byte order mark or the XML declaration names, else UTF-8. */
    private static Charset charset(Path file, byte[] bytes) {
        int length = Math.min(bytes.length, PROLOG);
        String prolog = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        if (prolog.startsWith("\u00fe\u00ff") || prolog.startsWith("\u00ff\u00fe")) {
            return StandardCharsets.UTF_16;
        }
        Matcher encoding = ENCODING.matcher(prolog);
        if (!encoding.find()) {
            return StandardCharsets.UTF_8;
        }
        String name = encoding.group(1);
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    "%s: must name an encoding that Java knows, found %s"
                            .formatted(file, JsonText.quote(name)),
                    e);
        }
    }

    private static List<Found> objects(Path file, XMLStreamReader xml) throws XMLStreamException {
        List<Found> objects = new ArrayList<>();
        Deque<String> path = new ArrayDeque<>();
        Map<String, String> values = new HashMap<>();
        while (xml.hasNext()) {
            switch (xml.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    path.addLast(xml.getLocalName());
                    if (path.size() > MAX_DEPTH) {
                        throw new DataException(
                                "%s:%d: elements must be nested in at most %d levels, found more"
                                        .formatted(
                                                file,
                                                xml.getLocation().getLineNumber(),
                                                MAX_DEPTH));
                    }
                    if (String.join("/", path).equals(OBJECT)) {
                        values.clear();
                    }
                }
                case XMLStreamConstants.CHARACTERS ->
                        values.putIfAbsent(String.join("/", path), xml.getText().strip());
                case XMLStreamConstants.END_ELEMENT -> {
                    if (String.join("/", path).equals(OBJECT)) {
                        objects.add(object(file, xml.getLocation().getLineNumber(), values));
                    }
                    path.removeLast();
                }
                default -> {}
            }
        }
        return objects;
    }

    /** Returns an object. Its first pixel is (1, 1), and its last one belongs to it. */
    private static Found object(Path file, int line, Map<String, String> values) {
        double[] v = new double[4];
        String[] keys = {"xmin", "ymin", "xmax", "ymax"};
        for (int i = 0; i < 4; i++) {
            String text = values.get(BOX + keys[i]);
            try {
                v[i] = Double.parseDouble(String.valueOf(text));
            } catch (NumberFormatException e) {
                v[i] = Double.NaN;
            }
            if (!Double.isFinite(v[i])) {
                throw new DataException(
                        "%s:%d: object.bndbox.%s must be a number, got %s"
                                .formatted(file, line, keys[i], text));
            }
        }
        String name = values.get(OBJECT + "/name");
        if (name == null || name.isEmpty() || v[2] < v[0] || v[3] < v[1]) {
            throw new DataException(
                    "%s:%d: an object must have a name, and a bndbox with xmin <= xmax and ymin <= ymax, got %s and %s"
                            .formatted(file, line, name, Arrays.toString(v)));
        }
        return new Found(
                name,
                new BoundingBox(v[0] - 1, v[1] - 1, v[2], v[3]),
                "1".equals(values.get(OBJECT + "/difficult")) ? Kind.IGNORED : Kind.OBJECT);
    }
}
