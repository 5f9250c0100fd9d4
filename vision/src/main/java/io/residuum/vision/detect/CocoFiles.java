package io.residuum.vision.detect;

import com.google.common.collect.Maps;
import io.residuum.data.DataException;
import io.residuum.json.Json;
import io.residuum.json.JsonException;
import io.residuum.json.JsonPath;
import io.residuum.json.JsonReader;
import io.residuum.vision.image.PictureReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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
    private final Path file;
    private final JsonPath root;

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

    private BoxFiles read(List<String> known, int classes, PictureReader reader) {
        Json json = parsed();
        Map<Long, String> categories = new TreeMap<>();
        each(json, "categories", (c, at) -> categories.put(id(c, "id", at), text(c, "name", at)));
        List<String> names = new ArrayList<>(known);
        Map<Long, Integer> labels =
                known.isEmpty()
                        ? labels(categories, classes, names)
                        : Maps.transformValues(categories, c -> BoxFiles.label(file, c, known));
        Path folder = pictures();
        Map<Long, Path> images = new LinkedHashMap<>();
        Map<Long, List<LabelledBox>> objects = new LinkedHashMap<>();
        each(
                json,
                "images",
                (image, at) -> {
                    long id = id(image, "id", at);
                    if (images.put(id, inside(folder, image, at)) != null) {
                        throw wrong(image, at.key("id"), "must differ from other ids, got " + id);
                    }
                    objects.put(id, new ArrayList<>());
                });
        each(
                json,
                "annotations",
                (a, at) -> {
                    long image = id(a, "image_id", at);
                    long category = id(a, "category_id", at);
                    List<LabelledBox> found = objects.get(image);
                    Integer label = labels.get(category);
                    if (found == null) {
                        throw wrong(a, at.key("image_id"), "must be an id in images, got " + image);
                    }
                    if (label == null) {
                        throw wrong(
                                a,
                                at.key("category_id"),
                                "must be an id in categories, got " + category);
                    }
                    boolean crowd =
                            !(a.get("iscrowd") instanceof Json.Null) && id(a, "iscrowd", at) != 0;
                    found.add(BoxFiles.object(label, box(a, at), crowd));
                });
        List<BoxFiles.Picture> pictures = new ArrayList<>();
        images.forEach(
                (id, path) ->
                        pictures.add(
                                new BoxFiles.Picture(
                                        path, Objects.requireNonNull(objects.get(id)))));
        return new BoxFiles(names, BoxFiles.checked(file, pictures), reader);
    }

    private Json parsed() {
        // Each value of the tree is counted, so that a file does not exhaust the memory of Java.
        long limit = Runtime.getRuntime().maxMemory() / 2;
        long[] used = {0};
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer text = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            return JsonReader.read(
                    text,
                    file.toString(),
                    bytes -> {
                        used[0] += bytes;
                        if (used[0] > limit) {
                            throw new DataException(
                                    file
                                            + ": the annotations need more than half of Java's"
                                            + " memory; give Java more (-Xmx), or divide the file");
                        }
                    });
        } catch (IOException | IllegalArgumentException e) {
            throw new DataException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private Map<Long, Integer> labels(
            Map<Long, String> categories, int classes, List<String> names) {
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

    /** Receives an element of an array with its path. */
    private interface Element {
        void read(Json value, JsonPath at);
    }

    private void each(Json json, String key, Element element) {
        Json list = json.get(key);
        if (!(list instanceof Json.Arr array)) {
            throw wrong(json, root.key(key), "must be an array of objects");
        }
        for (int i = 0; i < array.items().size(); i++) {
            Json value = array.items().get(i);
            if (!(value instanceof Json.Obj)) {
                throw wrong(value, root.key(key).index(i), "must be an object");
            }
            element.read(value, root.key(key).index(i));
        }
    }

    private static long id(Json object, String key, JsonPath at) {
        double id = number(object.get(key), object, at.key(key));
        if (id != Math.rint(id)) {
            throw wrong(object, at.key(key), "must be a whole number, got " + id);
        }
        return (long) id;
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
