package io.residuum.vision.data;

import com.google.common.hash.Hasher;
import io.residuum.data.DataException;
import io.residuum.files.FileErrors;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Pictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Images in one folder per class, decoded when they are read. For evaluation the shorter side is
 * resized to 256/224 of the target size and the centre is cropped (He et al. 2015, "Deep residual
 * learning", section 3.4). An image is never enlarged for this margin, so images of exactly the
 * target size stay unchanged.
 */
record FolderImages(
        ImageShape shape,
        List<String> classNames,
        List<Path> files,
        int[] labels,
        LoadOptions options)
        implements ImageSet {
    /** Lists the images under each class folder of {@code folder} without decoding them. */
    static FolderImages open(
            Path folder, List<String> classNames, ImageShape shape, LoadOptions options) {
        PictureFiles listing = new PictureFiles(folder);
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (String name : listing.classes()) {
            int label = classNames.indexOf(name);
            if (label < 0) {
                throw new DataException(
                        String.format(
                                "%s is not a class of the training set, whose classes are %s",
                                folder.resolve(name), classNames));
            }
            for (Path picture : listing.of(name)) {
                files.add(picture);
                labels.add(label);
            }
        }
        listing.leftOut().ifPresent(options.listener()::leftOut);
        int[] all = labels.stream().mapToInt(Integer::intValue).toArray();
        return new FolderImages(shape, List.copyOf(classNames), List.copyOf(files), all, options);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public void readOriginal(int index, Image into) {
        options.pictures().read(files.get(index), into);
        into.convertTo(shape.channels());
    }

    @Override
    public String name(int index) {
        return files.get(index).toString();
    }

    @Override
    public void read(int index, Image into) {
        readOriginal(index, into);
        Pictures.fit(into, shape.height(), shape.width(), options.resize());
    }

    /**
     * {@return a hash of the labels, names and sizes of all files, and of the bytes of at most 64
     * files} Dates and folders may differ after a copy.
     */
    @Override
    public String fingerprint() {
        Hasher hasher = Fingerprints.begin(this);
        try {
            for (Path file : files) {
                hasher.putUnencodedChars(file.getFileName().toString()).putLong(Files.size(file));
            }
            for (int index : Fingerprints.sample(files.size())) {
                hasher.putBytes(Files.readAllBytes(files.get(index)));
            }
        } catch (IOException e) {
            throw new DataException("cannot read a picture: " + FileErrors.reason(e), e);
        }
        return hasher.hash().toString();
    }
}
