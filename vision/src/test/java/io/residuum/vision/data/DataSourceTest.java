package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.repository.RemoteRepository;
import ai.djl.repository.Repository;
import io.residuum.data.DataException;
import io.residuum.data.GeneratedSizes;
import io.residuum.train.Recipe;
import io.residuum.vision.image.ImageShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataSourceTest {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
    private static final String CACHE = "DJL_CACHE_DIR";

    @TempDir Path folder;

    @BeforeEach
    void useAnEmptyCache() {
        System.setProperty(CACHE, folder.resolve("cache").toString());
    }

    @AfterEach
    void useTheUsualCache() {
        System.clearProperty(CACHE);
    }

    @Test
    void digitsHaveSettings() {
        DataSplits splits = DataSource.parse("digits:train=50,test=20,seed=7").forTraining(SHAPE);
        assertEquals(50, splits.train().size());
        assertEquals(20, splits.test().orElseThrow().size());
        assertEquals(5, splits.validation().orElseThrow().size(), "generated, not held out");
        assertEquals(SHAPE, splits.train().shape());
        assertEquals(
                new DigitsSource(new GeneratedSizes(20_000, 2_000, 1)), DataSource.parse("digits"));
        assertEquals(
                new DigitsSource(new GeneratedSizes(20_000, 9, 1)),
                DataSource.parse("digits:test=9"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "imagenet",
                "imagenet:x",
                "digits:train",
                "digits:size=3",
                "digits:train=-1",
                "digits:train=0",
                "digits:",
                "cifar10:",
                "cifar10:no-such-file.bin",
                "mnist:no-such",
                "cifar100",
                "folder",
                "folder:no-such",
                "cifar10:train=,test="
            })
    void whatNamesNoSourceIsRefused(String text) {
        assertThrows(DataException.class, () -> DataSource.parse(text));
    }

    @Test
    void anUnknownSourceListsTheKnown() {
        String message =
                assertThrows(DataException.class, () -> DataSource.parse("imagenet")).getMessage();
        assertTrue(message.contains("cifar10:DIR") && message.contains("imagenet"), message);
    }

    @Test
    void downloadsThroughARepositoryIntoItsCache() throws IOException {
        Path home = Files.createDirectories(folder.resolve("dataset/cv/ai/djl/basicdataset/mnist"));
        Files.writeString(home.resolve("metadata.json"), metadata("mnist"));
        for (String part : new String[] {"train", "test"}) {
            Files.write(home.resolve(part + "_data"), TestImages.idx(new byte[30], 5, 2, 3));
            Files.write(
                    home.resolve(part + "_labels"), TestImages.idx(new byte[] {3, 1, 4, 1, 5}, 5));
        }
        Repository repository = new RemoteRepository("test", folder.toUri());
        LoadOptions all = LoadOptions.of(Recipe.builder().validation(0).build());
        DataSplits splits =
                DownloadSource.MNIST.forTraining(repository, new ImageShape(1, 2, 3), all);
        assertEquals(5, splits.train().size());
        assertEquals(4, splits.evaluation().label(2));
        try (var cached = Files.walk(folder.resolve("cache"))) {
            assertTrue(cached.anyMatch(p -> p.endsWith("test_labels")));
        }
        // from now on the cache is enough
        Files.delete(home.resolve("train_data"));
        assertEquals(
                5,
                DownloadSource.MNIST
                        .forTraining(repository, new ImageShape(1, 2, 3), all)
                        .train()
                        .size());
    }

    @Test
    void withoutANetworkTheErrorSaysWhatToDo() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("nowhere"));
        Repository nowhere = new RemoteRepository("test", empty.toUri());
        String message =
                assertThrows(
                                DataException.class,
                                () ->
                                        DownloadSource.FASHION_MNIST.forTraining(
                                                nowhere, SHAPE, LoadOptions.DEFAULT))
                        .getMessage();
        assertTrue(message.contains("nowhere/dataset/cv/ai/djl/basicdataset/fashmnist"), message);
        assertTrue(message.contains("--data fashion-mnist:DIR"), message);
    }

    private static String metadata(String artifact) {
        StringBuilder files = new StringBuilder();
        for (String item :
                new String[] {"train_data", "train_labels", "test_data", "test_labels"}) {
            files.append(files.isEmpty() ? "" : ",")
                    .append(
                            String.format(
                                    "\"%s\": {\"uri\": \"%s\", \"name\": \"%s\", \"size\": 1}",
                                    item, item, item));
        }
        return String.format(
                "{\"metadataVersion\": \"0.2\", \"resourceType\": \"dataset\","
                        + " \"application\": \"cv\", \"groupId\": \"ai.djl.basicdataset\","
                        + " \"artifactId\": \"%s\", \"name\": \"%s\", \"artifacts\": [{\"version\":"
                        + " \"1.0\", \"name\": \"%s\", \"files\": {%s}}]}",
                artifact, artifact, artifact, files);
    }
}
