package io.residuum.examples.cli.predict;

import io.residuum.data.DataException;
import io.residuum.examples.cli.options.LoadLines;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.files.FileErrors;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.PicturePaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A picture of the command line.
 *
 * @param name its name in results
 * @param input the picture
 */
record Picture(String name, ImageInput input) {
    static final String STANDARD_INPUT = "-";

    /** Finds the pictures that arguments name: files, folders, patterns or standard input. */
    static List<Picture> all(List<String> images, PictureReader reader, Output output) {
        List<Picture> pictures = new ArrayList<>();
        for (String image : images) {
            if (image.equals(STANDARD_INPUT)) {
                ImageInput input = ImageInput.of(standardInput(), "standard input", reader);
                pictures.add(new Picture(image, input));
                continue;
            }
            for (Path file : PicturePaths.find(image, new LoadLines(output))) {
                pictures.add(new Picture(file.toString(), ImageInput.of(file, reader)));
            }
        }
        return pictures;
    }

    /** Requires that every argument names standard input or something that is there. */
    static void requireReadable(CommandSpec spec, List<String> images) {
        for (String image : images) {
            if (!image.equals(STANDARD_INPUT) && !PicturePaths.exists(image)) {
                throw Options.wrong(spec, "%s: no such file, folder or pattern", image);
            }
        }
    }

    /** {@return true if a target is a file and no folder} */
    static boolean isOne(Path to) {
        return to.toString().toLowerCase(Locale.ROOT).endsWith(".png");
    }

    /** Requires a target that pictures can be written to. */
    static void requireTarget(CommandSpec spec, Path to) {
        if (!isOne(to) && PictureReader.isPicture(to)) {
            throw Options.wrong(spec, "--output must end with .png, or be a folder, got %s", to);
        }
    }

    /** {@return the picture of each file to write} */
    static Map<Path, ImageInput> targets(CommandSpec spec, List<Picture> pictures, Path to) {
        if (isOne(to) && pictures.size() > 1) {
            throw Options.wrong(
                    spec, "--output must be a folder for %d pictures, got %s", pictures.size(), to);
        }
        List<String> names = pictures.stream().map(Picture::name).toList();
        List<Path> targets = isOne(to) ? List.of(to) : PicturePaths.results(names, to);
        Map<Path, ImageInput> files = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            files.put(targets.get(i), pictures.get(i).input());
        }
        return files;
    }

    static byte[] standardInput() {
        try {
            return System.in.readAllBytes();
        } catch (IOException e) {
            throw new DataException("cannot read standard input: " + FileErrors.reason(e), e);
        }
    }
}
