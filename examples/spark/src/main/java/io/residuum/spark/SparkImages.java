package io.residuum.spark;

import io.residuum.data.DataException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import org.apache.spark.sql.Row;

/** Reads images as Spark's image source stores them: bytes by row, channels in OpenCV's order. */
final class SparkImages {
    private SparkImages() {}

    /**
     * Converts an image.
     *
     * @param row a row of {@code ImageSchema}
     * @throws DataException if it has other than 1, 3 or 4 channels
     */
    static BufferedImage decoded(Row row) {
        int channels = row.getInt(row.fieldIndex("nChannels"));
        int type =
                switch (channels) {
                    case 1 -> BufferedImage.TYPE_BYTE_GRAY;
                    case 3 -> BufferedImage.TYPE_3BYTE_BGR;
                    case 4 -> BufferedImage.TYPE_4BYTE_ABGR;
                    default ->
                            throw new DataException(
                                    "an image must have 1, 3 or 4 channels, found " + channels);
                };
        int height = row.getInt(row.fieldIndex("height"));
        int width = row.getInt(row.fieldIndex("width"));
        byte[] bytes = row.getAs("data");
        BufferedImage image = new BufferedImage(width, height, type);
        byte[] into = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
        if (bytes.length != into.length) {
            throw new DataException(
                    "an image of %d x %d with %d channels must have %d bytes, found %d"
                            .formatted(width, height, channels, into.length, bytes.length));
        }
        if (channels == 4) {
            for (int at = 0; at < into.length; at += 4) {
                into[at] = bytes[at + 3]; // Java stores alpha first, OpenCV last
                System.arraycopy(bytes, at, into, at + 1, 3);
            }
        } else {
            System.arraycopy(bytes, 0, into, 0, into.length);
        }
        return image;
    }
}
