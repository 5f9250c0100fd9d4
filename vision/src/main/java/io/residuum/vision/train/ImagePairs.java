package io.residuum.vision.train;

import ai.djl.ndarray.types.Shape;
import com.google.common.hash.Hashing;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.TrainingException;
import io.residuum.train.Transform;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.data.ImagePairSet;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Pairs of pictures for networks that map images to images: a picture and its mask of classes, or a
 * picture and the picture to compute from it. Both are resized to the network's input and output,
 * and flipped and cropped together.
 */
public final class ImagePairs implements Samples {
    private final ImagePairSet files;
    private final ImageMapping mapping;
    private final ImageShape wanted;
    private final List<Augmentation> augmentations;

    private ImagePairs(ImagePairs all, List<Augmentation> augmentations) {
        this.files = all.files;
        this.mapping = all.mapping;
        this.wanted = all.wanted;
        this.augmentations = augmentations;
    }

    /**
     * Reads pairs for a network.
     *
     * @param spec a network of one input of images and outputs {@code (N, C, H, W)}
     * @param files the pictures
     * @throws TrainingException if the network has other inputs or outputs
     */
    public ImagePairs(ModelSpec spec, ImagePairSet files) {
        this.files = files;
        this.mapping = ImageMapping.of(spec);
        this.wanted =
                files.areMasks()
                        ? new ImageShape(1, mapping.height(), mapping.width())
                        : mapping.picture();
        this.augmentations = List.of();
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public Sample get(int index) {
        return read(index, List.of(), 0);
    }

    @Override
    public Sample augmented(int index, RandomGenerator random) {
        return read(index, augmentations, random.nextLong());
    }

    private Sample read(int index, List<Augmentation> changes, long seed) {
        Image image = new Image();
        files.readImage(index, image);
        mapping.fit(image);
        Image target = new Image();
        files.readTarget(index, wanted, target);
        // The same random numbers change both in the same way.
        SplittableRandom first = new SplittableRandom(seed);
        SplittableRandom second = new SplittableRandom(seed);
        for (Augmentation change : changes) {
            change.apply(image, mapping.input(), first);
            change.apply(target, wanted, second);
        }
        mapping.normalize().ifPresent(n -> n.apply(image));
        Map<String, Tensor> targets = new LinkedHashMap<>();
        Tensor wantedOutput = files.areMasks() ? classes(target) : numbers(target, wanted);
        mapping.outputs().forEach(output -> targets.put(output, wantedOutput));
        return new Sample(Map.of(InputSpec.NAME, numbers(image, mapping.input())), targets);
    }

    private static Tensor numbers(Image image, ImageShape shape) {
        return new Tensor.Numbers(
                Arrays.copyOf(image.values(), shape.length()),
                new Shape(shape.channels(), shape.height(), shape.width()));
    }

    private Tensor classes(Image mask) {
        long[] labels = new long[wanted.plane()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = Math.round(mask.values()[i]) - 1L;
        }
        return new Tensor.Integers(labels, new Shape(wanted.height(), wanted.width()));
    }

    /**
     * {@return these pairs, changed in training by flips and crops}
     *
     * @param transforms {@link HorizontalFlip} and, if input and output have one size, {@link
     *     RandomCrop}
     */
    @Override
    public Samples augmentedBy(List<? extends Transform> transforms) {
        List<Augmentation> together = new ArrayList<>();
        ImageShape read = mapping.input();
        boolean sameSize = read.height() == wanted.height() && read.width() == wanted.width();
        for (Transform transform : transforms) {
            if (transform instanceof HorizontalFlip flip) {
                together.add(flip);
            } else if (transform instanceof RandomCrop crop && sameSize) {
                together.add(crop);
            } else {
                throw new TrainingException(
                        "augmentation of pairs must be horizontalFlip, or randomCrop if input and output have one size, got %s; remove it from the recipe"
                                .formatted(transform));
            }
        }
        return new ImagePairs(this, List.copyOf(together));
    }

    /** {@return a hash of the names and the content of at most 64 pairs} */
    @Override
    public String fingerprint() {
        return Hashing.sha256()
                .newHasher()
                .putUnencodedChars(String.join("\n", files.names()))
                .putUnencodedChars(Samples.super.fingerprint())
                .hash()
                .toString();
    }
}
