package io.residuum.vision.predict;

import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.Pictures;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** An image for a network, of any size. */
@FunctionalInterface
public interface ImageInput {

    /**
     * Reads the image in its original size and channels.
     *
     * @param into receives values in [0, 1]
     * @throws DataException if there is no image that can be decoded
     */
    void read(Image into);

    /**
     * {@return the image of a file, decoded when a network needs it}
     *
     * @param file a JPEG or PNG file
     */
    static ImageInput of(Path file) {
        return into -> Pictures.read(file, into);
    }

    /**
     * {@return the image in the content of a file, decoded when a network needs it}
     *
     * @param encoded the bytes of a JPEG or PNG file
     */
    static ImageInput of(byte[] encoded) {
        return into -> Pictures.decode(encoded, "the image", into);
    }

    /**
     * Reads a stream to its end.
     *
     * @param stream the bytes of a JPEG or PNG file; the caller closes it
     * @return the image, decoded when a network needs it
     * @throws DataException if the stream cannot be read
     */
    static ImageInput of(InputStream stream) {
        try {
            return of(stream.readAllBytes());
        } catch (IOException e) {
            throw new DataException("cannot read the image: " + e, e);
        }
    }

    /**
     * {@return a decoded image as an input}
     *
     * @param image a gray or RGB image with up to 16 bits per value; alpha is dropped
     */
    static ImageInput of(BufferedImage image) {
        return into -> Pictures.copy(image, into);
    }
}
