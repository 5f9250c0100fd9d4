package io.residuum.vision.image;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import io.residuum.files.FileErrors;
import java.awt.color.ICC_ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG, PNG, GIF, BMP, TIFF and WebP files to the values that they store, scaled to [0, 1].
 * The results are those of Pillow's {@code convert("RGB")}, which torchvision and timm use:
 *
 * <ul>
 *   <li>Gamma, colour profiles and EXIF orientation are ignored. Alpha is dropped.
 *   <li>CMYK and YCCK become RGB without a profile. JPEG files store them inverted.
 *   <li>A file with several images, such as an animated GIF, is its first image.
 *   <li>16-bit values keep their precision.
 * </ul>
 *
 * <p>A damaged file is refused, even if a decoder could fill in the missing part.
 *
 * @param maxPixels the largest number of pixels of a picture, positive. The header of a file is
 *     compared with it before memory is allocated, because a file of a few bytes can decode to
 *     gigabytes
 */
public record PictureReader(long maxPixels) {
    /** Reads pictures of up to 2^26 pixels, for instance 8192 x 8192. */
    public static final PictureReader DEFAULT = new PictureReader(1L << 26);

    private static final Set<String> FORMATS =
            Set.of("jpeg", "png", "gif", "bmp", "tif", "tiff", "webp");

    /** The extensions of file names, in lower case. */
    private static final Set<String> EXTENSIONS =
            Set.of("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "tif", "tiff", "webp");

    /** Uncompressed 16-bit RGBA has 8 bytes per pixel; the rest is for metadata. */
    private static final int MAX_BYTES_PER_PIXEL = 16;

    /**
     * The beginnings of the decoders' warnings about lost pixels. Other warnings are about
     * metadata.
     */
    private static final List<String> DAMAGE =
            List.of(
                    "Truncated File",
                    "Premature end",
                    "Corrupt JPEG",
                    "Inconsistent progression",
                    "Out-of-sequence code");

    public PictureReader {
        checkArgument(maxPixels > 0, "maxPixels must be positive, got %s", maxPixels);
    }

    /**
     * {@return true if the name of a file ends like that of a picture: .jpg, .png, .webp}
     *
     * @param file the file, which need not exist
     */
    public static boolean isPicture(Path file) {
        String name = String.valueOf(file.getFileName());
        String extension = name.substring(name.lastIndexOf('.') + 1);
        return EXTENSIONS.contains(extension.toLowerCase(Locale.ROOT));
    }

    /**
     * Reads an image: 1 channel for gray files, 3 for others.
     *
     * @param file a picture with 8 or 16 bits per value
     * @param into the buffer
     * @throws DataException if the file cannot be read, is damaged or has too many pixels
     */
    public void read(Path file, Image into) {
        byte[] bytes;
        try {
            long size = Files.size(file);
            if (size / MAX_BYTES_PER_PIXEL > maxPixels) {
                throw new DataException(
                        "%s: a picture of at most %,d pixels must have at most %,d bytes, got %,d"
                                .formatted(file, maxPixels, maxPixels * MAX_BYTES_PER_PIXEL, size));
            }
            // Read into memory first, because ImageIO copies streams to a temporary file.
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new DataException(
                    "cannot read the picture " + file + ": " + FileErrors.reason(e), e);
        }
        decode(bytes, file.toString(), into);
    }

    /**
     * Decodes an image in memory: 1 channel for gray images, 3 for others.
     *
     * @param encoded the content of a picture file with 8 or 16 bits per value
     * @param name the name of the image in messages
     * @param into the buffer
     * @throws DataException if it is no picture, is damaged or has too many pixels
     */
    public void decode(byte[] encoded, String name, Image into) {
        try (ImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            decode(encoded, in, into);
        } catch (DataException e) {
            throw new DataException(name + ": " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            // Decoders throw unchecked exceptions as well for damaged files.
            throw new DataException(
                    name + ": the picture is damaged or of an unsupported kind: " + reason(e), e);
        } catch (OutOfMemoryError e) {
            throw new DataException(
                    name
                            + ": decoding the picture needs more memory than Java has; give Java"
                            + " more (-Xmx), or make the picture smaller",
                    e);
        }
    }

    private static String reason(Exception e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof EOFException) {
                return "it ends before its last pixel";
            }
        }
        return e instanceof IOException && e.getMessage() != null
                ? e.getMessage()
                : "its pixels cannot be decoded";
    }

    private void decode(byte[] encoded, ImageInputStream in, Image into) throws IOException {
        ImageReader reader = readerOf(encoded, in);
        try {
            reader.setInput(in, true, true);
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > maxPixels) {
                throw new DataException(
                        String.format(
                                Locale.ROOT,
                                "a picture may have at most %,d pixels, got %,d x %,d; raise the"
                                        + " limit (--max-pixels, PictureReader) if you trust it",
                                maxPixels,
                                reader.getWidth(0),
                                reader.getHeight(0)));
            }
            FileEnd.require(encoded, pixels);
            DamageListener damage = DamageListener.of(reader, DAMAGE);
            if (isCmykJpeg(reader)) {
                Raster stored = reader.readRaster(0, null);
                damage.requireNone();
                Cmyk.ofJpeg(stored, encoded, into);
            } else {
                BufferedImage picture = read(reader);
                damage.requireNone();
                Pictures.copy(picture, into);
            }
        } finally {
            reader.dispose();
        }
    }

    private static ImageReader readerOf(byte[] encoded, ImageInputStream in) throws IOException {
        for (Iterator<ImageReader> all = ImageIO.getImageReaders(in); all.hasNext(); ) {
            ImageReader reader = all.next();
            if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
                return reader;
            }
        }
        throw new DataException(
                "must be a JPEG, PNG, GIF, BMP, TIFF or WebP picture, but "
                        + (encoded.length == 0
                                ? "is empty"
                                : "begins with the bytes "
                                        + HexFormat.ofDelimiter(" ")
                                                .formatHex(encoded, 0, Math.min(12, encoded.length))
                                        + "; convert it"));
    }

    private static boolean isCmykJpeg(ImageReader reader) throws IOException {
        if (!reader.getFormatName().equalsIgnoreCase("jpeg")) {
            return false;
        }
        // ImageIO has no type for CMYK, or reports its four channels as RGB with alpha.
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        return !types.hasNext() || types.next().getNumBands() == 4;
    }

    /**
     * Reads RGB in the colours of the file's profile, because ImageIO converts to sRGB otherwise.
     */
    private static BufferedImage read(ImageReader reader) throws IOException {
        ImageReadParam settings = reader.getDefaultReadParam();
        List<ImageTypeSpecifier> types = new ArrayList<>();
        reader.getImageTypes(0).forEachRemaining(types::add);
        int bands = types.get(0).getNumBands();
        for (ImageTypeSpecifier type : types) {
            if (hasProfile(type) && type.getNumBands() == bands) {
                // The JPEG reader refuses the type itself, but not an image of the type.
                settings.setDestination(
                        type.createBufferedImage(reader.getWidth(0), reader.getHeight(0)));
                break;
            }
        }
        return reader.read(0, settings);
    }

    private static boolean hasProfile(ImageTypeSpecifier type) {
        return type.getColorModel().getColorSpace() instanceof ICC_ColorSpace colors
                && !colors.isCS_sRGB()
                && colors.getNumComponents() == 3;
    }
}
