package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Model;
import ai.djl.ModelException;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.residuum.engine.Backend;
import io.residuum.model.ClassProbability;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.vision.predict.ImageClassifier;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Using with DJL". */
class UsingWithDjlTest {
    private static Backend backend;

    @BeforeAll
    static void openBackend() {
        backend = Backend.open();
    }

    @AfterAll
    static void closeBackend() {
        backend.close();
    }

    private static ModelSpec spec() {
        return SpecJson.standard().readModel(Guide.resource("specs/my-net.json"));
    }

    @Test
    void aPredictorOfDjlGivesTheSameNumbers() throws TranslateException {
        try (Network network = Network.create(spec(), backend, 0);
                NDManager manager = backend.newManager()) {
            NDArray image = manager.randomUniform(0, 1, new Shape(2, 3, 32, 32));
            float[] expected = network.predict(new NDList(image)).toFloatArray();
            // tag::predictor
            String engine = backend.engine().getEngineName();
            try (Model model = Model.newInstance("my-net", backend.device(), engine)) {
                model.setBlock(network.block());
                try (Predictor<NDList, NDList> predictor =
                        model.newPredictor(new NoopTranslator())) {
                    NDList logits = predictor.predict(new NDList(image));
                    // end::predictor
                    assertArrayEquals(expected, logits.head().toFloatArray());
                    // tag::predictor
                }
            }
            // end::predictor
        }
    }

    @Test
    void ourTranslatorPreparesImagesAsTheSpecSays(@TempDir Path folder)
            throws IOException, TranslateException {
        Path picture = folder.resolve("picture.png");
        BufferedImage pixels = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        pixels.setRGB(20, 15, 0xff8040);
        ImageIO.write(pixels, "png", picture.toFile());
        ModelSpec normalized =
                new ModelSpec(
                        "my-net",
                        new InputSpec.Image(
                                List.of(3, 32, 32), List.of(0.5, 0.4, 0.3), List.of(0.2, 0.3, 0.1)),
                        spec().network());
        try (Network network = Network.create(normalized, backend, 0)) {
            String engine = backend.engine().getEngineName();
            // tag::translator
            try (ImageClassifier classifier = ImageClassifier.of(network);
                    Model model = Model.newInstance("my-net", backend.device(), engine)) {
                model.setBlock(network.block());
                try (Predictor<Image, Classifications> predictor =
                        model.newPredictor(classifier.translator())) {
                    Image image = ImageFactory.getInstance().fromFile(picture);
                    Classifications classes = predictor.predict(image);
                    System.out.println(classes.best());
                    // end::translator
                    ClassProbability best = classifier.classify(picture).best();
                    assertEquals(best.name(), classes.best().getClassName());
                    assertEquals(best.probability(), classes.best().getProbability(), 1e-5);
                    List<Classifications> both = predictor.batchPredict(List.of(image, image));
                    assertEquals(best.probability(), both.get(1).best().getProbability(), 1e-5);
                    // tag::translator
                }
            }
            // end::translator
        }
    }

    @Test
    void aLayerStandsAmongBlocksOfDjl() {
        try (NDManager manager = backend.newManager()) {
            // tag::block
            Block block =
                    new SequentialBlock()
                            .add(spec().newBlock())
                            .add(Linear.builder().setUnits(5).build());
            block.initialize(manager, DataType.FLOAT32, new Shape(4, 3, 32, 32));
            ParameterStore store = new ParameterStore(manager, false);
            NDList images = new NDList(manager.ones(new Shape(4, 3, 32, 32)));
            NDArray output = block.forward(store, images, false).head();
            // end::block
            assertEquals(new Shape(4, 5), output.getShape());
        }
    }

    @Test
    void criteriaLoadASavedModel(@TempDir Path folder)
            throws IOException, ModelException, TranslateException {
        Path picture = folder.resolve("picture.png");
        BufferedImage pixels = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        pixels.setRGB(20, 15, 0xff8040);
        ImageIO.write(pixels, "png", picture.toFile());
        try (Network network = Network.create(spec(), backend, 0)) {
            network.save(folder.resolve("model.safetensors"));
            String run = folder.toString();
            // tag::criteria
            Criteria<Image, Classifications> criteria =
                    Criteria.builder()
                            .setTypes(Image.class, Classifications.class)
                            .optModelUrls("residuum:" + run) // such as residuum:runs/first
                            .build();
            try (ZooModel<Image, Classifications> model = criteria.loadModel();
                    Predictor<Image, Classifications> predictor = model.newPredictor()) {
                Image image = ImageFactory.getInstance().fromFile(picture);
                Classifications classes = predictor.predict(image);
                System.out.println(classes.best());
                // end::criteria
                try (ImageClassifier classifier = ImageClassifier.of(network)) {
                    ClassProbability best = classifier.classify(picture).best();
                    assertEquals(best.name(), classes.best().getClassName());
                    assertEquals(best.probability(), classes.best().getProbability(), 1e-5);
                }
                // tag::criteria
            }
            // end::criteria
        }
    }
}
