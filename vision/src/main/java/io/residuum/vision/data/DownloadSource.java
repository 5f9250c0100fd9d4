package io.residuum.vision.data;

import ai.djl.Application;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.RemoteRepository;
import ai.djl.repository.Repository;
import io.residuum.data.DataException;
import io.residuum.vision.image.ImageShape;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Data sets in DJL's repository. Our readers read its files from DJL's cache, because the classes
 * of that library would start the default engine.
 */
enum DownloadSource implements DataSource {
    /** LeCun et al. 1998. */
    MNIST("mnist"),
    /** Xiao et al. 2017. */
    FASHION_MNIST("fashmnist"),
    /** Krizhevsky 2009. */
    CIFAR10("cifar10");

    private static final Logger LOG = LoggerFactory.getLogger(DownloadSource.class);
    private static final Repository REPOSITORY =
            new RemoteRepository("BasicDataset", URI.create("https://mlrepo.djl.ai/"));
    private static final String GROUP_ID = "ai.djl.basicdataset";
    private static final String VERSION = "1.0";

    private final String artifactId;

    DownloadSource(String artifactId) {
        this.artifactId = artifactId;
    }

    @Override
    public DataSplits forTraining(ImageShape shape, LoadOptions options) {
        return forTraining(REPOSITORY, shape, options);
    }

    DataSplits forTraining(Repository repository, ImageShape shape, LoadOptions options) {
        return DataSplits.holdingOut(
                label() + " (downloaded)",
                read(repository, true).adaptedTo(shape),
                Optional.of(read(repository, false).adaptedTo(shape)),
                options.validation(),
                switch (this) {
                    case MNIST -> IdxSource.MNIST_AUGMENTATION;
                    case FASHION_MNIST -> IdxSource.FASHION_AUGMENTATION;
                    case CIFAR10 -> CifarSource.AUGMENTATION;
                });
    }

    @Override
    public ImageSet forEvaluation(ImageShape shape, LoadOptions options) {
        return read(REPOSITORY, false).adaptedTo(shape);
    }

    private ImageSet read(Repository repository, boolean train) {
        if (this == CIFAR10) {
            String item = train ? "data_batch.bin" : "test_batch.bin";
            return CifarFiles.CIFAR10.read(fetch(repository, List.of(item)));
        }
        String part = train ? "train" : "test";
        List<Path> files = fetch(repository, List.of(part + "_data", part + "_labels"));
        List<String> classes = this == MNIST ? IdxSource.MNIST_CLASSES : IdxSource.FASHION_CLASSES;
        return IdxFiles.read(files.get(0), files.get(1), classes);
    }

    /** Downloads items of the artifact into DJL's cache if necessary. Returns their paths. */
    private List<Path> fetch(Repository repository, List<String> items) {
        MRL resource = repository.dataset(Application.CV.ANY, GROUP_ID, artifactId, VERSION);
        try {
            Artifact artifact = resource.getDefaultArtifact();
            if (artifact == null) {
                throw new IOException("the repository has no version " + VERSION);
            }
            if (!resource.isPrepared(artifact)) {
                LOG.info("downloading {} into {}", label(), repository.getCacheDirectory());
                resource.prepare(artifact);
            }
            Map<String, Artifact.Item> files = artifact.getFiles();
            List<Path> paths = new ArrayList<>();
            for (String item : items) {
                Artifact.Item file = files.get(item);
                if (file == null) {
                    throw new IOException("there is no item " + item + ", only " + files.keySet());
                }
                paths.add(repository.getFile(file, ""));
            }
            return paths;
        } catch (IOException e) {
            throw new DataException(
                    String.format(
                            "cannot get %s: it is not in DJL's cache, and %s could not be read"
                                    + " (%s). Without a network, give local files: --data %s:DIR",
                            label(), repository.getBaseUri().resolve(resource.toURI()), e, label()),
                    e);
        }
    }

    private String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
