package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ModelException;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import io.residuum.examples.cli.Residuum;
import io.residuum.testing.Programs;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Networks for other runtimes". */
class ExportTest {
    @TempDir private static Path folder;

    private static Path served;
    private static Path picture;

    /** The command ends its process, so that it has one of its own. */
    @BeforeAll
    static void export() throws IOException, InterruptedException {
        served = folder.resolve("served");
        picture = folder.resolve("picture.png");
        BufferedImage image = new BufferedImage(40, 32, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(image, "png", picture.toFile());
        Process process =
                Programs.of(
                                Residuum.class,
                                "export",
                                Guide.resource("specs/my-net.json").toString(),
                                "--format=torchscript",
                                "--serving",
                                "-o",
                                served.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }

    @Test
    void djlLoadsTheFolder() throws IOException, ModelException, TranslateException {
        // tag::serve
        Criteria<Image, Classifications> criteria =
                Criteria.builder()
                        .setTypes(Image.class, Classifications.class)
                        .optModelPath(served)
                        .build();
        try (ZooModel<Image, Classifications> model = criteria.loadModel();
                Predictor<Image, Classifications> predictor = model.newPredictor()) {
            Image image = ImageFactory.getInstance().fromFile(picture);
            Classifications classes = predictor.predict(image);
            // end::serve
            assertEquals(10, classes.getClassNames().size());
            assertEquals(5, classes.topK().size());
            // tag::serve
        }
        // end::serve
    }
}
