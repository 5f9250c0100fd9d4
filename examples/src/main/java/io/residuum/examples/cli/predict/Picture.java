package io.residuum.examples.cli.predict;

import io.residuum.data.DataException;
import io.residuum.examples.cli.options.LoadLines;
import io.residuum.examples.cli.options.Output;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.PicturePaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

    static byte[] standardInput() {
        try {
            return System.in.readAllBytes();
        } catch (IOException e) {
            throw new DataException("cannot read standard input: " + e, e);
        }
    }
}
