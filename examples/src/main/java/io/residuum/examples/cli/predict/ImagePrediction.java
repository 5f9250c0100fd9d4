package io.residuum.examples.cli.predict;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.examples.cli.options.Model;
import io.residuum.examples.cli.options.Output;
import io.residuum.model.Network;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import io.residuum.vision.image.Pictures;
import io.residuum.vision.train.ImageInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The most probable classes of pictures. */
final class ImagePrediction {

    /** A picture with its classes, the most probable first; as JSON shows it. */
    private record Result(String image, List<ClassProbability> classes) {}

    private final Model model;
    private final ImageShape shape;
    private final Optional<Normalize> normalize;
    private final int batch;
    private final int top;

    ImagePrediction(Model model, int batch, int top) {
        this.model = model;
        this.shape = ImageInputs.shape(model.spec());
        this.normalize = ImageInputs.normalization(model.spec());
        this.batch = batch;
        this.top = top;
    }

    void run(Network network, List<Path> files, boolean json, Output output) {
        List<Result> results = new ArrayList<>();
        for (int first = 0; first < files.size(); first += batch) {
            results.addAll(
                    predict(network, files.subList(first, Math.min(first + batch, files.size()))));
        }
        if (json) {
            output.json(results);
            return;
        }
        results.forEach(result -> ClassProbability.print(result.image(), result.classes(), output));
    }

    private List<Result> predict(Network network, List<Path> files) {
        float[] pixels = new float[files.size() * shape.length()];
        Image image = new Image();
        for (int i = 0; i < files.size(); i++) {
            Pictures.read(files.get(i), shape, image);
            // The same for every image: nothing is drawn.
            normalize.ifPresent(n -> n.apply(image));
            System.arraycopy(image.values(), 0, pixels, i * shape.length(), shape.length());
        }
        try (NDManager manager = network.backend().newManager()) {
            Shape batchShape =
                    new Shape(files.size(), shape.channels(), shape.height(), shape.width());
            NDArray logits =
                    network.predict(
                            new NDList(
                                    Values.create(manager, pixels, batchShape, DataType.FLOAT32)));
            int classes = (int) logits.getShape().get(1);
            float[] values = logits.toFloatArray();
            return IntStream.range(0, files.size())
                    .mapToObj(
                            i ->
                                    new Result(
                                            files.get(i).toString(),
                                            ClassProbability.best(model, values, i, classes, top)))
                    .toList();
        }
    }
}
