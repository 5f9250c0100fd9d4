import io.residuum.vision.augment.RandomResizedCrop;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.image.Pictures;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Measures the processor time of one thread for reading the pictures of a folder: decoding, fitting
 * to 224 x 224 as for evaluation, and cropping at random as for training. A source-file program,
 * run with the launcher's class path; read_images.py measures the same with torchvision.
 */
public final class ReadImages {
    private static final int ROUNDS = 20;

    private ReadImages() {}

    public static void main(String[] args) throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.list(Path.of(args[0]))) {
            files = all.filter(PictureReader::isPicture).sorted().toList();
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        ImageShape shape = new ImageShape(3, 224, 224);
        Random random = new Random(0);
        Image image = new Image();
        var crop = new RandomResizedCrop(0.08, 1, 3 / 4.0, 4 / 3.0);
        for (int round = 1; round <= ROUNDS; round++) {
            long[] times = new long[3];
            for (Path file : files) {
                long start = threads.getCurrentThreadCpuTime();
                PictureReader.DEFAULT.read(file, image);
                times[0] += threads.getCurrentThreadCpuTime() - start;
                image.convertTo(3);
                start = threads.getCurrentThreadCpuTime();
                Pictures.fit(image, 224, 224, null);
                times[1] += threads.getCurrentThreadCpuTime() - start;
                PictureReader.DEFAULT.read(file, image);
                image.convertTo(3);
                start = threads.getCurrentThreadCpuTime();
                crop.apply(image, shape, random);
                times[2] += threads.getCurrentThreadCpuTime() - start;
            }
            double each = 1e6 * files.size();
            if (round == ROUNDS) {
                System.out.printf(
                        Locale.ROOT,
                        "ms an image: decode %.2f, fit %.2f, crop at random %.2f%n",
                        times[0] / each,
                        times[1] / each,
                        times[2] / each);
            }
        }
    }
}
