package io.residuum.examples.cli.predict;

import io.residuum.examples.cli.options.Options;
import io.residuum.model.Network;
import io.residuum.vision.detect.Detection;
import io.residuum.vision.detect.DetectionPicture;
import io.residuum.vision.detect.DetectionSettings;
import io.residuum.vision.detect.ObjectDetector;
import io.residuum.vision.predict.ImageInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Prints or draws the objects that a detector finds. */
final class Detections {
    /** People want to see what is there, and measuring wants everything that might be. */
    private static final double SCORE = 0.5;

    @Option(
            names = "--score",
            paramLabel = "X",
            description =
                    "Print or draw detections of objects with a higher score, in [0, 1). Default: "
                            + SCORE)
    private @Nullable Double score;

    /** Requires that the option was not given. */
    void refuse(CommandSpec command) {
        if (score != null) {
            throw Options.wrong(command, "--score is for networks that detect objects");
        }
    }

    private ObjectDetector detector(CommandSpec command, Network network, @Nullable Integer top) {
        double least = score == null ? SCORE : score;
        if (!(least >= 0 && least < 1)) {
            throw Options.wrong(command, "--score must be in [0, 1), got " + score);
        }
        DetectionSettings usual = DetectionSettings.DEFAULT.withScore(least);
        return ObjectDetector.of(network, top == null ? usual : usual.withDetections(top));
    }

    /** Prints a row for each object. */
    void print(
            CommandSpec command,
            Network network,
            List<Picture> pictures,
            int batch,
            @Nullable Integer top,
            Results results) {
        ObjectDetector detector = detector(command, network, top);
        List<String> names = detector.classNames();
        List<List<Detection>> found =
                detector.detect(pictures.stream().map(Picture::input).toList(), batch);
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            for (Detection one : found.get(i)) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("image", pictures.get(i).name());
                row.put("index", one.label());
                row.put("name", names.get(one.label()));
                row.put("score", one.score());
                row.put("left", one.box().left());
                row.put("top", one.box().top());
                row.put("right", one.box().right());
                row.put("bottom", one.box().bottom());
                rows.add(row);
            }
        }
        results.rows(rows);
    }

    /** Draws the objects into the picture of each file. */
    void draw(CommandSpec command, Network network, Map<Path, ImageInput> files, int batch) {
        List<ImageInput> inputs = List.copyOf(files.values());
        List<List<Detection>> found = detector(command, network, null).detect(inputs, batch);
        int i = 0;
        for (Map.Entry<Path, ImageInput> file : files.entrySet()) {
            DetectionPicture.write(file.getKey(), file.getValue(), found.get(i++));
        }
    }
}
