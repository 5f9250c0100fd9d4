package io.residuum.vision.explain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.model.ClassActivation;
import io.residuum.model.Network;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Pictures;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.train.ImageInputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Explains the predictions of a classifier of images. Do not use it while another thread trains the
 * network, nor between a backward pass and its update, because it clears gradients.
 *
 * <pre>{@code
 * Explanation why = new Explainer(network).gradCam(ImageInput.of(file), OptionalInt.empty(), Optional.empty());
 * why.map().write(Path.of("why.png"), why.view());
 * }</pre>
 */
public final class Explainer {
    private final Network network;
    private final ImageShape shape;
    private final Map<String, Layer> layers = new LinkedHashMap<>();

    /** An image as the network sees it, and its normalized values. */
    private record View(Image image, NDList inputs) {}

    /**
     * Creates an explainer.
     *
     * @param network a classifier of images; the caller closes it
     * @throws SpecException if its output is not (N, classes)
     * @throws io.residuum.train.TrainingException if it does not read images
     */
    public Explainer(Network network) {
        network.requireOneHead("an explanation");
        Shape output = network.outputShape();
        Check.that(
                output.dimension() == 2,
                "an explanation needs a network with the output (N, classes), got %s",
                output);
        this.network = network;
        this.shape = ImageInputs.shape(network.spec());
        network.block().walk(layers::put);
    }

    /**
     * {@return the layer that {@link #gradCam} uses: the last with an output (N, C, H, W) of more
     * than one position; empty if there is none, or if attention follows, as in transformers}
     */
    public Optional<String> lastSpatialLayer() {
        List<String> found = new ArrayList<>();
        ForwardHook hook =
                new ForwardHook() {
                    @Override
                    public void after(Layer layer, NDList outputs) {
                        // A layer without parameters may have no path.
                        if (isSpatial(outputs.head().getShape())) {
                            path(layer).ifPresent(found::add);
                        }
                    }

                    @Override
                    public void attention(Layer layer, NDArray weights) {
                        found.clear();
                    }
                };
        try (NDManager manager = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            Shape one = new Shape(1, shape.channels(), shape.height(), shape.width());
            network.observe(new NDList(manager.zeros(one)), false, hook);
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(found.size() - 1));
    }

    private static boolean isSpatial(Shape output) {
        return output.dimension() == 4 && output.get(2) * output.get(3) > 1;
    }

    private Optional<String> path(Layer layer) {
        return layers.entrySet().stream()
                .filter(e -> e.getValue() == layer)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /**
     * Computes Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391): the positive part of the
     * channels of a layer, weighted by the mean gradient of the class's logit.
     *
     * @param ofClass the class to explain; empty for the most probable
     * @param layerPath a layer with an output (N, C, H, W); empty for {@link #lastSpatialLayer}
     * @return the map, in the size of the layer's output
     * @throws SpecException if there is no such layer or class
     */
    public Explanation gradCam(ImageInput image, OptionalInt ofClass, Optional<String> layerPath) {
        String path =
                layerPath
                        .or(this::lastSpatialLayer)
                        .orElseThrow(
                                () ->
                                        new SpecException(
                                                "Grad-CAM needs a layer with an output (N, C, H,"
                                                        + " W), but "
                                                        + network.spec().name()
                                                        + " has none: use attention maps"));
        Layer target = layers.get(path);
        if (target == null) {
            throw new SpecException(
                    "there is no layer \"%s\" in %s; show lists them"
                            .formatted(path, network.spec().name()));
        }
        try (NDManager manager = network.backend().newManager()) {
            View view = view(manager, image);
            List<NDArray> leaves = new ArrayList<>();
            float[] logits;
            int explained;
            try (GradientCollector collector = network.backend().newGradientCollector()) {
                NDArray output = network.observe(view.inputs, false, leafAt(target, leaves)).head();
                Check.that(
                        !leaves.isEmpty() && isSpatial(leaves.get(0).getShape()),
                        "Grad-CAM needs a layer with an output (N, C, H, W), got \"%s\" with %s",
                        path,
                        leaves.isEmpty() ? "none" : leaves.get(0).getShape());
                logits = output.toFloatArray();
                explained = ofClass(ofClass, logits);
                float[] one = new float[logits.length];
                one[explained] = 1;
                NDArray chosen = Values.create(manager, one, output.getShape(), DataType.FLOAT32);
                collector.backward(output.mul(chosen).sum());
            }
            network.clearGradients();
            NDArray leaf = leaves.get(0);
            HeatMap map =
                    weighted(
                            leaf.getShape(),
                            leaf.toFloatArray(),
                            leaf.getGradient().toFloatArray());
            return explanation(view.image, map, logits, explained, path);
        }
    }

    /** Replaces the output of a layer by a copy that the gradient is taken for. */
    private ForwardHook leafAt(Layer target, List<NDArray> leaves) {
        return (layer, outputs) -> {
            if (layer == target) {
                NDArray leaf;
                try (Ops.Pause pause = network.backend().ops().pauseRecording()) {
                    leaf = outputs.head().duplicate();
                }
                leaf.setRequiresGradient(true);
                outputs.set(0, leaf);
                leaves.add(0, leaf);
            }
        };
    }

    private static HeatMap weighted(Shape shape, float[] values, float[] gradient) {
        int positions = Math.toIntExact(shape.get(2) * shape.get(3));
        double[] scores = new double[positions];
        for (int c = 0; c < shape.get(1); c++) {
            double weight = 0;
            for (int i = 0; i < positions; i++) {
                weight += gradient[c * positions + i] / positions;
            }
            for (int i = 0; i < positions; i++) {
                scores[i] += weight * values[c * positions + i];
            }
        }
        return HeatMap.ofScores((int) shape.get(2), (int) shape.get(3), scores);
    }

    /**
     * Computes attention rollout (Abnar and Zuidema 2020, arXiv:2005.00928): how much of each patch
     * reaches the class token, or the mean of all tokens without one, through the attention of all
     * layers and their shortcuts. It does not depend on a class.
     *
     * @return the map, one value per patch
     * @throws SpecException if the network has no self-attention over patches
     */
    public Explanation attention(ImageInput image) {
        try (NDManager manager = network.backend().newManager();
                Ops.Pause pause = network.backend().ops().pauseRecording()) {
            View view = view(manager, image);
            Rollout rollout = new Rollout();
            ForwardHook hook =
                    new ForwardHook() {
                        @Override
                        public void after(Layer layer, NDList outputs) {}

                        @Override
                        public void attention(Layer layer, NDArray weights) {
                            rollout.add(weights.getShape(), weights.toFloatArray());
                        }
                    };
            float[] logits = network.observe(view.inputs, false, hook).head().toFloatArray();
            Check.that(
                    rollout.layers() > 0,
                    "attention maps need a network with attention, but %s has none: use Grad-CAM",
                    network.spec().name());
            return explanation(
                    view.image,
                    rollout.map(shape.height(), shape.width()),
                    logits,
                    ofClass(OptionalInt.empty(), logits),
                    "attention of " + rollout.layers() + " layers");
        }
    }

    private View view(NDManager manager, ImageInput input) {
        Image image = new Image();
        input.read(image);
        Pictures.fit(image, ImageInputs.input(network.spec()));
        Image normalized = new Image();
        float[] values = normalized.reset(shape);
        System.arraycopy(image.values(), 0, values, 0, shape.length());
        ImageInputs.normalization(network.spec()).ifPresent(n -> n.apply(normalized));
        Shape batch = new Shape(1, shape.channels(), shape.height(), shape.width());
        float[] exact = Arrays.copyOf(normalized.values(), shape.length());
        return new View(image, new NDList(Values.create(manager, exact, batch, DataType.FLOAT32)));
    }

    private static int ofClass(OptionalInt wanted, float[] logits) {
        int best = 0;
        for (int c = 1; c < logits.length; c++) {
            best = logits[c] > logits[best] ? c : best;
        }
        int chosen = wanted.orElse(best);
        Check.that(
                chosen >= 0 && chosen < logits.length,
                "the class must be in [0, %s], got %s",
                logits.length - 1,
                chosen);
        return chosen;
    }

    private Explanation explanation(
            Image view, HeatMap map, float[] logits, int ofClass, String source) {
        double[] scores = ClassActivation.of(network.metadata()).scores(logits, 0, logits.length);
        return new Explanation(map, view, ofClass, scores[ofClass], source);
    }
}
