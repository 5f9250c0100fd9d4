package io.residuum.vision.detect;

import com.google.common.collect.Maps;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.vision.detect.LabelledBox.Kind;
import io.residuum.vision.image.PictureReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Reads annotations of COCO (Lin et al. 2014, arXiv:1405.0312): a JSON file of images, boxes and
 * categories. Errors name the file, the line and the key.
 */
final class CocoFiles {
    /** The bytes that an image, with its path, and an annotation need, upper estimates. */
    private static final long IMAGE_BYTES = 1024;

    private static final long OBJECT_BYTES = 256;

    private final Path file;
    private final JsonPath root;
    private final Map<Long, String> categories = new TreeMap<>();
    private final Map<Long, Path> images = new LinkedHashMap<>();
    private final List<Found> annotations = new ArrayList<>();
    private long used;

    private CocoFiles(Path file) {
        this.file = file;
        this.root = JsonPath.root(file.toString());
    }

    /**
     * Reads a file.
     *
     * @param file the JSON file; its pictures are in its folder, in {@code images} beside it, or
     *     for {@code annotations/instances_NAME.json} in {@code NAME} beside {@code annotations}
     * @param known the names of the network's classes, by label; empty if it has none
     * @param classes the number of its classes, for a network without names. If it is that of the
     *     categories, labels count the categories in the order of their ids. If it is larger,
     *     labels are ids, as in the weights of torchvision. 0 for a new network
     * @param reader the decoder of pictures
     */
    static BoxFiles open(Path file, List<String> known, int classes, PictureReader reader) {
        return new CocoFiles(file).read(known, classes, reader);
    }

    /** An annotation. Masks and other members of its object are not kept. */
    private record Found(
            int line, JsonPath at, long image, long category, BoundingBox box, boolean crowd) {}

    private BoxFiles read(List<String> known, int classes, PictureReader reader) {
        readElements();
        List<String> names = new ArrayList<>(known);
        Map<Long, Integer> labels =
                known.isEmpty()
                        ? labels(classes, names)
                        : Maps.transformValues(categories, c -> BoxFiles.label(file, c, known));
        Map<Long, List<LabelledBox>> objects = new HashMap<>();
        for (Found a : annotations) {
            Integer label = labels.get(a.category);
            if (!images.containsKey(a.image)) {
                throw a.at.key("image_id").error(a.line, "must be an id in images, got " + a.image);
            }
            if (label == null) {
                throw a.at.key("category_id")
                        .error(a.line, "must be an id in categories, got " + a.category);
            }
            objects.computeIfAbsent(a.image, id -> new ArrayList<>())
                    .add(BoxFiles.object(label, a.box, a.crowd ? Kind.CROWD : Kind.OBJECT));
        }
        List<BoxFiles.AnnotatedImage> pictures = new ArrayList<>();
        images.forEach(
                (id, path) ->
                        pictures.add(
                                new BoxFiles.AnnotatedImage(
                                        path, objects.getOrDefault(id, List.of()))));
        return new BoxFiles(names, BoxFiles.checked(file, pictures), reader, false);
    }

    private void readElements() {
        Path folder = pictures();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer text = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            Json json =
                    JsonReader.read(
                            text,
                            file.toString(),
                            this::charge,
                            (at, value) -> element(at, value, folder));
            for (String key : List.of("categories", "images", "annotations")) {
                if (!(json.get(key) instanceof Json.Arr)) {
                    throw root.key(key).error(json.line(), "must be an array of objects");
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new DataException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Counts the memory of what is kept, so that a file does not exhaust that of Java. */
    private void charge(long bytes) {
        used += bytes;
        if (used > Runtime.getRuntime().maxMemory() / 2) {
            throw new DataException(
                    file
                            + ": the annotations need more than half of Java's memory; give Java"
                            + " more (-Xmx), or divide the file");
        }
    }

    private void element(JsonPath at, Json value, Path folder) {
        String list = String.valueOf(Objects.requireNonNull(at.parent()).step());
        boolean read = List.of("categories", "images", "annotations").contains(list);
        if (read && !(value instanceof Json.Obj)) {
            throw wrong(value, at, "must be an object");
        }
        switch (list) {
            case "categories" -> category(value, at);
            case "images" -> {
                charge(IMAGE_BYTES);
                long id = id(value, "id", at);
                if (images.put(id, inside(folder, value, at)) != null) {
                    throw wrong(value, at.key("id"), "must differ from other ids, got " + id);
                }
            }
            case "annotations" -> {
                charge(OBJECT_BYTES);
                boolean crowd =
                        !(value.get("iscrowd") instanceof Json.Null)
                                && id(value, "iscrowd", at) != 0;
                annotations.add(
                        new Found(
                                value.line(),
                                at,
                                id(value, "image_id", at),
                                id(value, "category_id", at),
                                box(value, at),
                                crowd));
            }
            default -> {}
        }
    }

    private void category(Json value, JsonPath at) {
        long id = id(value, "id", at);
        String name = text(value, "name", at);
        if (categories.containsKey(id)) {
            throw wrong(value, at.key("id"), "must differ from other ids, got " + id);
        }
        if (categories.containsValue(name)) {
            // Other parts find their labels by name.
            throw wrong(
                    value,
                    at.key("name"),
                    "must differ from other names, got \"%s\" twice; rename or remove one of both"
                            .formatted(name));
        }
        categories.put(id, name);
    }

    private Map<Long, Integer> labels(int classes, List<String> names) {
        Map<Long, Integer> labels = new LinkedHashMap<>();
        if (classes == 0 || classes == categories.size()) {
            categories.forEach(
                    (id, name) -> {
                        labels.put(id, names.size());
                        names.add(name);
                    });
            return labels;
        }
        if (categories.keySet().stream().anyMatch(id -> id < 0 || id >= classes)) {
            throw new DataException(
                    "%s: the network must have a class for each of the %d categories, or for each id up to the largest, got %d classes"
                            .formatted(file, categories.size(), classes));
        }
        for (int id = 0; id < classes; id++) {
            labels.put((long) id, id);
            names.add(categories.getOrDefault((long) id, "id " + id));
        }
        labels.keySet().retainAll(categories.keySet());
        return labels;
    }

    private Path pictures() {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
        String name = file.getFileName().toString().replaceFirst("(?i)\\.json$", "");
        Path split = folder.resolveSibling(name.replaceFirst("^instances_", ""));
        if (name.startsWith("instances_") && Files.isDirectory(split)) {
            return split;
        }
        Path images = folder.resolve("images");
        return Files.isDirectory(images) ? images : folder;
    }

    /** Returns the file of an image. A name must not lead out of the folder. */
    private static Path inside(Path folder, Json image, JsonPath at) {
        String name = text(image, "file_name", at);
        try {
            Path path = folder.resolve(name).normalize();
            if (path.startsWith(folder) && !path.equals(folder)) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw wrong(image, at.key("file_name"), "must be a path, got " + e.getMessage());
        }
        throw wrong(
                image, at.key("file_name"), "must be a path inside " + folder + ", got " + name);
    }

    private static BoundingBox box(Json annotation, JsonPath at) {
        JsonPath path = at.key("bbox");
        if (!(annotation.get("bbox") instanceof Json.Arr numbers) || numbers.items().size() != 4) {
            throw wrong(annotation, path, "must be [left, top, width, height]");
        }
        double[] v = new double[4];
        for (int i = 0; i < 4; i++) {
            v[i] = number(numbers.items().get(i), annotation, path.index(i));
        }
        if (v[2] < 0 || v[3] < 0) {
            throw wrong(annotation, path, "must have a width and a height of 0 or more");
        }
        return new BoundingBox(v[0], v[1], v[0] + v[2], v[1] + v[3]);
    }

    private static long id(Json object, String key, JsonPath at) {
        double id = number(object.get(key), object, at.key(key));
        try {
            // Not from the double, which rounds ids above 2^53.
            return new BigDecimal(((Json.Num) object.get(key)).text()).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrong(object, at.key(key), "must be a whole number, got " + id);
        }
    }

    private static double number(Json value, Json near, JsonPath at) {
        double number = value instanceof Json.Num n ? Double.parseDouble(n.text()) : Double.NaN;
        if (!Double.isFinite(number)) {
            throw wrong(near, at, "must be a number");
        }
        return number;
    }

    private static String text(Json object, String key, JsonPath at) {
        if (object.get(key) instanceof Json.Str text) {
            return text.value();
        }
        throw wrong(object, at.key(key), "must be a text");
    }

    private static JsonException wrong(Json near, JsonPath at, String problem) {
        return at.error(near.line(), problem);
    }
}
