package io.residuum.train.report;

import io.residuum.draw.Markup;
import io.residuum.draw.Numbers;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes the section of misclassified images and texts, the most confident mistakes first. */
final class Gallery {
    private static final int MOST = 40;

    /**
     * The largest side of an image in pixels. Larger images would add megabytes and show no more.
     */
    private static final int LARGEST_SIDE = 160;

    /** The largest number of characters of a text that the page shows. */
    private static final int LONGEST_TEXT = 400;

    private Gallery() {}

    static Optional<Section> section(ReportData data) {
        List<Mistake> mistakes = data.predictions().mistakes();
        if (mistakes.isEmpty()) {
            return Optional.empty();
        }
        List<Mistake> shown =
                mistakes.stream()
                        .sorted(Comparator.comparingDouble(Mistake::probability).reversed())
                        .limit(MOST)
                        .toList();
        Markup body = new Markup();
        body.open("p", "class", "lead")
                .text("The most confident mistakes: the input, the correct class, and the ")
                .text("predicted class with its probability.")
                .close();
        boolean texts = shown.get(0) instanceof Mistake.Text;
        body.open("div", "class", texts ? "gallery texts" : "gallery");
        for (Mistake mistake : shown) {
            body.open("figure");
            if (mistake instanceof Mistake.Picture picture) {
                picture(body, picture);
            } else if (mistake instanceof Mistake.Text text) {
                body.leaf("blockquote", shortened(text.text()));
            }
            body.open("figcaption").leaf("span", mistake.truth(), "class", "truth");
            body.leaf("span", mistake.predicted(), "class", "wrong");
            body.leaf("span", Numbers.coarsePercent(mistake.probability()), "class", "sure");
            body.close().close();
        }
        return Optional.of(new Section("mistakes", "Mistakes", body.close()));
    }

    private static void picture(Markup body, Mistake.Picture mistake) {
        body.empty(
                "img",
                "src",
                "data:image/png;base64," + Base64.getEncoder().encodeToString(png(mistake)),
                "alt",
                mistake.truth() + " taken for " + mistake.predicted(),
                "width",
                Integer.toString(mistake.width()),
                "height",
                Integer.toString(mistake.height()));
    }

    private static String shortened(String text) {
        return text.codePointCount(0, text.length()) <= LONGEST_TEXT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_TEXT)) + " ...";
    }

    private static byte[] png(Mistake.Picture mistake) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        // By default ImageIO writes a temporary file, which is not possible during shutdown.
        try (ImageOutputStream image = new MemoryCacheImageOutputStream(out)) {
            ImageIO.write(picture(mistake), "png", image);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    /** Returns the picture, reduced to the size limit by averaging squares of pixels. */
    private static BufferedImage picture(Mistake.Picture mistake) {
        byte[] rgb = mistake.rgb();
        int side = Math.max(mistake.width(), mistake.height());
        int factor = (side + LARGEST_SIDE - 1) / LARGEST_SIDE;
        int width = Math.max(1, mistake.width() / factor);
        int height = Math.max(1, mistake.height() / factor);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int pixel = 0;
                for (int channel = 0; channel < 3; channel++) {
                    pixel =
                            pixel << 8
                                    | mean(mistake, rgb, x * factor, y * factor, factor, channel);
                }
                image.setRGB(x, y, pixel);
            }
        }
        return image;
    }

    private static int mean(
            Mistake.Picture mistake, byte[] rgb, int x0, int y0, int size, int channel) {
        int sum = 0;
        int count = 0;
        for (int y = y0; y < Math.min(y0 + size, mistake.height()); y++) {
            for (int x = x0; x < Math.min(x0 + size, mistake.width()); x++) {
                sum += Byte.toUnsignedInt(rgb[3 * (y * mistake.width() + x) + channel]);
                count++;
            }
        }
        return (sum + count / 2) / count;
    }
}
