package io.residuum.transformer.predict;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Values;
import io.residuum.model.ClassActivation;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.transformer.clip.ImageTextEncoder;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextEncoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Creates image classifiers from a model of images and texts, without training: the weights of a
 * class are the vector of its name (zero-shot classification, Radford et al. 2021,
 * arXiv:2103.00020, Section 3.1). The classifier is a network like any other. It can be compiled,
 * saved and exported.
 *
 * <pre>{@code
 * try (Network clip = Network.open("clip-vit-base-patch32", backend);
 *         Network pets = ZeroShot.classifier(clip, tokenizer, List.of("cat", "dog"), templates);
 *         ImageClassifier classifier = ImageClassifier.of(pets)) {
 *     System.out.println(classifier.classify(Path.of("tom.jpg")).best()); // cat (97.0%)
 * }
 * }</pre>
 */
public final class ZeroShot {

    /** The text for a class unless other templates are given. */
    public static final String TEMPLATE = "a photo of a {}.";

    /** The place of the label in a template. */
    public static final String LABEL = "{}";

    private static final int BATCH = 32;

    private ZeroShot() {}

    /** {@return true if a model can classify images by labels} */
    public static boolean supports(ModelSpec spec) {
        return spec.network() instanceof ImageTextEncoder;
    }

    /**
     * Creates a classifier of images. With several templates the vector of a class is their mean.
     *
     * @param model a model of images and texts; the caller closes it
     * @param tokenizer its tokenizer; the caller closes it
     * @param labels the names of the classes, distinct
     * @param templates texts around a label, whose place is {@value #LABEL}
     * @return a new network from images to logits {@code (N, classes)}, with softmax or, for a
     *     model whose logits have a bias, a sigmoid for each class; to be closed by the caller
     * @throws SpecException if the model is another one, or labels or templates are not valid
     */
    public static Network classifier(
            Network model, Tokenizer tokenizer, List<String> labels, List<String> templates) {
        ImageTextEncoder encoder = encoder(model.spec());
        Check.that(
                !labels.isEmpty()
                        && labels.stream().noneMatch(String::isBlank)
                        && labels.stream().distinct().count() == labels.size(),
                "labels must be one or more different texts, none blank, got %s",
                labels);
        Check.that(
                !templates.isEmpty() && templates.stream().allMatch(t -> t.contains(LABEL)),
                "templates must contain %s for the label, got %s",
                LABEL,
                templates);
        float[][] classes = classVectors(model, tokenizer, labels, templates);
        boolean bias = encoder.logit().bias();
        LayerSpec network =
                new Sequential(
                        "",
                        encoder.tower(ImageTextEncoder.IMAGE),
                        new Linear("head", labels.size(), bias, new InitSpec.XavierUniform()));
        Network classifier = part(model, ImageTextEncoder.IMAGE, network);
        double factor = Math.exp(number(model, "logit.scale"));
        float[] weights = new float[classes.length * classes[0].length];
        for (int i = 0; i < weights.length; i++) {
            int width = classes[0].length;
            weights[i] = (float) (factor * classes[i / width][i % width]);
        }
        Map<String, Supplier<float[]>> head = new HashMap<>();
        head.put("head.weight", () -> weights);
        if (bias) {
            float[] biases = new float[labels.size()];
            Arrays.fill(biases, number(model, "logit.bias"));
            head.put("head.bias", () -> biases);
        }
        classifier.loadValues(head);
        ModelMetadata named = ModelMetadata.EMPTY.withClassNames(labels);
        classifier.setMetadata(
                (bias ? ClassActivation.SIGMOID : ClassActivation.SOFTMAX).on(named));
        return classifier;
    }

    /**
     * Creates the tower for images, with vectors of length 1.
     *
     * @param model a model of images and texts; the caller closes it
     * @return a new network from images to embeddings {@code (N, C)}, to be closed by the caller
     * @throws SpecException if the model is another one
     */
    public static Network imageTower(Network model) {
        LayerSpec tower = encoder(model.spec()).tower(ImageTextEncoder.IMAGE);
        return part(model, ImageTextEncoder.IMAGE, new Sequential("", tower));
    }

    /**
     * Embeds texts.
     *
     * @param model a model of images and texts; the caller closes it
     * @param tokenizer its tokenizer; the caller closes it
     * @param batch the largest number of texts in a forward pass, positive
     * @param cut receives the index of each text whose end is cut, because the model reads fewer
     *     tokens
     * @return a vector of length 1 for each text
     * @throws SpecException if the model is another one
     */
    public static float[][] embed(
            Network model, Tokenizer tokenizer, List<String> texts, int batch, IntConsumer cut) {
        Check.positive("batch", batch);
        ImageTextEncoder encoder = encoder(model.spec());
        LayerSpec tower = encoder.tower(ImageTextEncoder.TEXT);
        float[][] vectors = new float[texts.size()][];
        try (Network network = part(model, ImageTextEncoder.TEXT, new Sequential("", tower))) {
            TextEncoder reading = TextEncoder.of(network, tokenizer);
            for (int first = 0; first < vectors.length; first += batch) {
                int end = Math.min(first + batch, vectors.length);
                List<String> some = texts.subList(first, end);
                int at = first;
                List<int[]> ids =
                        IntStream.range(0, some.size())
                                .mapToObj(
                                        i -> reading.encode(some.get(i), () -> cut.accept(at + i)))
                                .toList();
                float[] found = forward(network, ids, reading.length(), encoder.padding());
                int width = found.length / some.size();
                for (int i = 0; i < some.size(); i++) {
                    vectors[first + i] = Arrays.copyOfRange(found, i * width, (i + 1) * width);
                }
            }
        }
        return vectors;
    }

    private static ImageTextEncoder encoder(ModelSpec spec) {
        if (spec.network() instanceof ImageTextEncoder encoder) {
            return encoder;
        }
        throw new SpecException(
                "the model must have a tower for images and one for texts, such as CLIP, got "
                        + spec.network().getClass().getSimpleName());
    }

    /** Pads each text to the length of the input, since SigLIP reads the last position. */
    private static float[] forward(Network network, List<int[]> texts, int length, int padding) {
        long[] ids = new long[texts.size() * length];
        Arrays.fill(ids, padding);
        for (int i = 0; i < texts.size(); i++) {
            int[] own = texts.get(i);
            for (int t = 0; t < own.length; t++) {
                ids[i * length + t] = own[t];
            }
        }
        try (NDManager manager = network.backend().newManager()) {
            Shape shape = new Shape(texts.size(), length);
            NDList input = new NDList(Values.create(manager, ids, shape));
            return Values.floats(network.predict(input));
        }
    }

    private static float[][] classVectors(
            Network model, Tokenizer tokenizer, List<String> labels, List<String> templates) {
        List<String> texts =
                labels.stream()
                        .flatMap(label -> templates.stream().map(t -> t.replace(LABEL, label)))
                        .toList();
        float[][] found = embed(model, tokenizer, texts, BATCH, i -> {});
        float[][] classes = new float[labels.size()][];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = direction(found, i * templates.size(), templates.size());
        }
        return classes;
    }

    /** {@return the sum of some vectors, with length 1} */
    private static float[] direction(float[][] vectors, int from, int count) {
        double[] sum = new double[vectors[from].length];
        for (int i = from; i < from + count; i++) {
            for (int k = 0; k < sum.length; k++) {
                sum[k] += vectors[i][k];
            }
        }
        double length = Math.sqrt(Arrays.stream(sum).map(x -> x * x).sum());
        float[] direction = new float[sum.length];
        for (int k = 0; k < sum.length; k++) {
            direction[k] = (float) (sum[k] / length);
        }
        return direction;
    }

    /** {@return a network with some layers of the model, which have the same paths, and others} */
    private static Network part(Network model, String input, LayerSpec layers) {
        ModelSpec spec = model.spec();
        InputSpec own =
                spec.input().all().stream()
                        .filter(named -> named.name().equals(input))
                        .findFirst()
                        .orElseThrow()
                        .input();
        Network part = Network.create(new ModelSpec(spec.name(), own, layers), model.backend(), 1);
        try {
            Map<String, Supplier<float[]>> values = new HashMap<>();
            Map<String, Parameter> all = model.state();
            for (String path : part.state().keySet()) {
                if (all.containsKey(path)) {
                    Parameter shared = Objects.requireNonNull(all.get(path));
                    values.put(path, () -> Values.floats(shared.getArray()));
                }
            }
            part.loadValues(values);
            return part;
        } catch (RuntimeException e) {
            part.close();
            throw e;
        }
    }

    private static float number(Network model, String path) {
        Parameter parameter = model.state().get(path);
        if (parameter == null) {
            throw new IllegalStateException("no parameter " + path);
        }
        return Values.floats(parameter.getArray())[0];
    }
}
