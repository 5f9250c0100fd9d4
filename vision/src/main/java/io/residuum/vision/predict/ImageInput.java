package io.residuum.vision.predict;

import io.residuum.data.DataException;
import io.residuum.files.FileErrors;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.image.Pictures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
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
     * @param file a picture of a format that {@link PictureReader} reads
     */
    static ImageInput of(Path file) {
        return of(file, PictureReader.DEFAULT);
    }

    /**
     * {@return the image of a file, decoded by a reader when a network needs it}
     *
     * @param file a picture of a format that the reader reads
     * @param reader the reader, with the largest number of pixels
     */
    static ImageInput of(Path file, PictureReader reader) {
        return into -> reader.read(file, into);
    }

    /**
     * {@return the image in the content of a file, decoded when a network needs it}
     *
     * @param encoded the bytes of a picture file
     */
    static ImageInput of(byte[] encoded) {
        return of(encoded, "the image", PictureReader.DEFAULT);
    }

    /**
     * {@return the image in the content of a file, decoded by a reader when a network needs it}
     *
     * @param encoded the bytes of a picture file
     * @param name the name of the image in messages
     * @param reader the reader, with the largest number of pixels
     */
    static ImageInput of(byte[] encoded, String name, PictureReader reader) {
        return into -> reader.decode(encoded, name, into);
    }

    /**
     * Reads a stream to its end.
     *
     * @param stream the bytes of a picture file; the caller closes it
     * @return the image, decoded when a network needs it
     * @throws DataException if the stream cannot be read
     */
    static ImageInput of(InputStream stream) {
        try {
            return of(stream.readAllBytes());
        } catch (IOException e) {
            throw new DataException("cannot read the image: " + FileErrors.reason(e), e);
        }
    }

    /**
     * {@return an image of DJL as an input}
     *
     * @param image an image of any {@code ImageFactory}
     */
    static ImageInput of(ai.djl.modality.cv.Image image) {
        if (image.getWrappedImage() instanceof BufferedImage decoded) {
            return of(decoded);
        }
        // PNG is lossless, and every factory can write it.
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try {
            image.save(encoded, "png");
        } catch (IOException e) {
            throw new DataException("cannot read the image: " + FileErrors.reason(e), e);
        }
        return of(encoded.toByteArray());
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
