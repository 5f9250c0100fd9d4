package io.residuum.vision.predict;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.collect.Iterables;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.Check;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Pictures;
import io.residuum.vision.train.ImageMapping;
import io.residuum.vision.train.PixelOutput;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Computes pictures from pictures: masks of classes by segmentation, or images by denoising,
 * colorization and the like. Safe for use by several threads.
 *
 * <pre>{@code
 * try (ImageToImage segmentation = ImageToImage.open("runs/shapes")) {
 *     BufferedImage mask = segmentation.predict(Path.of("street.png"));
 * }
 * }</pre>
 *
 * <p>Images are resized to the network's input as in training on pairs. The result has the size of
 * the image, times what the network enlarges. A mask has a palette, and the index of a pixel is its
 * class. Numbers become a gray or RGB picture with 8 bits a value.
 *
 * <p>A network trained on pairs stores the meaning of its output. For another network, 1 or 3
 * channels are values in [0, 1], and any other number of channels are classes.
 */
public final class ImageToImage implements AutoCloseable {
    private final OwnedResources owned;
    private final Network network;
    private final ImageMapping mapping;
    private final OutputPicture output;

    private ImageToImage(OwnedResources owned, Network network) {
        this.owned = owned;
        this.network = network;
        this.mapping = ImageMapping.of(network.spec());
        boolean colors = mapping.channels() == 1 || mapping.channels() == 3;
        PixelOutput usual = colors ? PixelOutput.VALUES : PixelOutput.CLASSES;
        this.output = new OutputPicture(mapping, PixelOutput.of(network.metadata()).orElse(usual));
    }

    /**
     * {@return a new instance with a network of the caller}
     *
     * @param network a network that reads images and has one output {@code (N, C, H, W)}; the
     *     caller closes it
     * @throws io.residuum.train.TrainingException if it has other inputs or outputs
     */
    public static ImageToImage of(Network network) {
        return OwnedResources.build(owned -> new ImageToImage(owned, network));
    }

    /**
     * {@return a new instance on the default backend, to be closed by the caller}
     *
     * @param model a saved model or the folder of a run
     */
    public static ImageToImage open(String model) {
        return OwnedResources.build(owned -> new ImageToImage(owned, owned.open(model)));
    }

    /**
     * {@return a new instance on a backend, to be closed by the caller}
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     */
    public static ImageToImage open(String model, Backend backend) {
        return OwnedResources.build(owned -> new ImageToImage(owned, owned.open(model, backend)));
    }

    /**
     * {@return the picture that the network computes from a file}
     *
     * @param file a picture file
     */
    public BufferedImage predict(Path file) {
        return predict(List.of(ImageInput.of(file))).get(0);
    }

    /**
     * {@return the picture that the network computes from each image, in order, by one forward
     * pass}
     *
     * @param images the images, at least one
     */
    public List<BufferedImage> predict(List<ImageInput> images) {
        ImageShape in = mapping.input();
        float[] pixels = new float[Math.multiplyExact(images.size(), in.length())];
        List<ImageShape> sizes = new ArrayList<>();
        Image image = new Image();
        for (ImageInput each : images) {
            each.read(image);
            int at = sizes.size() * in.length();
            sizes.add(image.shape());
            mapping.fit(image);
            mapping.normalize().ifPresent(n -> n.apply(image));
            System.arraycopy(image.values(), 0, pixels, at, in.length());
        }
        float[] values = forward(pixels, images.size());
        List<BufferedImage> pictures = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            int height = scaled(sizes.get(i).height(), mapping.height(), in.height());
            int width = scaled(sizes.get(i).width(), mapping.width(), in.width());
            pictures.add(output.draw(values, i, height, width));
        }
        return pictures;
    }

    private float[] forward(float[] pixels, int count) {
        ImageShape in = mapping.input();
        Shape shape = new Shape(count, in.channels(), in.height(), in.width());
        try (NDManager manager = network.backend().newManager()) {
            NDList inputs = new NDList(Values.create(manager, pixels, shape, DataType.FLOAT32));
            return Values.floats(
                    Objects.requireNonNull(
                            network.predictAll(inputs).get(mapping.outputs().get(0))));
        }
    }

    private static int scaled(int size, int computed, int read) {
        return (int) Math.max(1, Math.round((double) size * computed / read));
    }

    /**
     * Computes pictures and writes them as PNG files. Folders are created.
     *
     * @param images the image of each file to write; an existing file is replaced atomically
     * @param batch the largest number of images in a forward pass, positive
     * @throws io.residuum.data.DataException if an image cannot be read, or a file cannot be
     *     written
     */
    public void write(Map<Path, ImageInput> images, int batch) {
        Check.positive("batch", batch);
        for (List<Map.Entry<Path, ImageInput>> some :
                Iterables.partition(images.entrySet(), batch)) {
            List<BufferedImage> pictures = predict(some.stream().map(Map.Entry::getValue).toList());
            for (int i = 0; i < some.size(); i++) {
                Pictures.write(some.get(i).getKey(), pictures.get(i));
            }
        }
    }

    /** Closes what this instance opened. */
    @Override
    public void close() {
        owned.close();
    }
}
