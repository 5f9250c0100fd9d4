package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.vision.image.ImageShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A source of images, in the syntax of {@code --data}:
 *
 * <pre>
 * digits                                 generated: {@link Digits}
 * digits:train=20000,test=2000,seed=1    generated, with the default numbers
 * mnist:DIR  fashion-mnist:DIR           IDX files, plain or .gz
 * cifar10:DIR  cifar100:DIR              the standard binary files
 * cifar10:A.bin,B.bin                    for training or evaluation
 * cifar10:train=A.bin,B.bin,test=C.bin   for both; a prefix (train=, val=, test=) applies up to the
 *                                        next one
 * folder:DIR                             DIR/train, DIR/val and DIR/test, or class folders
 * folder:train=DIR,val=DIR,test=DIR      folders of class folders
 * DIR                                    the same as folder:DIR, for a folder that exists
 * mnist  fashion-mnist  cifar10          downloaded from DJL's repository
 * </pre>
 */
public sealed interface DataSource
        permits DigitsSource, IdxSource, CifarSource, FolderSource, DownloadSource {
    /**
     * Opens the images for training. Every picture file is decoded once, so that a damaged one is
     * found now.
     *
     * @param shape the input shape of the network; see {@link ImageSet#adaptedTo} for the
     *     conversion
     * @param options the settings
     * @return the sets
     * @throws DataException if there is nothing to train on or a file is invalid
     */
    DataSplits forTraining(ImageShape shape, LoadOptions options);

    /**
     * Opens the images for training with the default settings.
     *
     * @param shape as for the other method
     * @return the sets
     */
    default DataSplits forTraining(ImageShape shape) {
        return forTraining(shape, LoadOptions.DEFAULT);
    }

    /**
     * Opens the images for evaluation: the test set, or else the validation set, or all images if
     * plain files or one folder of class folders are given.
     *
     * @param shape the input shape of the network
     * @param options the settings
     * @throws DataException if there is nothing to evaluate on or a file is invalid
     */
    ImageSet forEvaluation(ImageShape shape, LoadOptions options);

    /**
     * Opens the images for evaluation with the default settings.
     *
     * @param shape as for the other method
     */
    default ImageSet forEvaluation(ImageShape shape) {
        return forEvaluation(shape, LoadOptions.DEFAULT);
    }

    /**
     * Parses the value of {@code --data}.
     *
     * @param text a value as in the table above
     * @return the source; no file is opened yet
     * @throws DataException if the text names no source, or a path in it does not exist
     */
    static DataSource parse(String text) {
        int colon = text.indexOf(':');
        String kind = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
        if (colon < 0) {
            return switch (kind) {
                case "digits" -> DigitsSource.DEFAULT;
                case "mnist" -> DownloadSource.MNIST;
                case "fashion-mnist" -> DownloadSource.FASHION_MNIST;
                case "cifar10" -> DownloadSource.CIFAR10;
                default -> folder(text);
            };
        }
        String rest = text.substring(colon + 1);
        return switch (kind) {
            case "digits" -> DigitsSource.parse(rest);
            case "mnist" -> IdxSource.mnist(rest);
            case "fashion-mnist" -> IdxSource.fashionMnist(rest);
            case "cifar10" -> new CifarSource(CifarFiles.CIFAR10, Locations.parse(rest));
            case "cifar100" -> new CifarSource(CifarFiles.CIFAR100, Locations.parse(rest));
            case "folder" -> new FolderSource(Locations.parse(rest));
            default -> folder(text);
        };
    }

    private static DataSource folder(String text) {
        Path path = Locations.path(text);
        if (!text.isBlank() && Files.isDirectory(path)) {
            return new FolderSource(new Locations(List.of(), List.of(), List.of(), List.of(path)));
        }
        throw new DataException(
                "data must be an existing folder of pictures or one of digits,"
                        + " digits:train=N,test=N,seed=N, mnist:DIR, fashion-mnist:DIR,"
                        + " cifar10:DIR-or-FILES, cifar100:DIR-or-FILES, folder:DIR, or to download"
                        + " mnist, fashion-mnist, cifar10; got '"
                        + text
                        + "'");
    }
}
