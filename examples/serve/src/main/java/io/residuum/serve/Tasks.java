package io.residuum.serve;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.micrometer.core.instrument.MeterRegistry;
import io.residuum.engine.Values;
import io.residuum.model.Classification;
import io.residuum.model.Classifier;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.SpecException;
import io.residuum.train.rows.RowHeader;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextEncoder;
import io.residuum.vision.explain.Explainer;
import io.residuum.vision.explain.Explanation;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.ImagePreprocessor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** The tasks of a model, each with its own queue. */
final class Tasks implements AutoCloseable {
    private final Network network;
    private final Batching batching;
    private final DataType cacheType;
    private final PictureReader reader;
    private final MeterRegistry metrics;
    private final List<String> names = new ArrayList<>();
    private final Deque<Runnable> closing = new ArrayDeque<>();

    private final @Nullable ImagePreprocessor preprocessor;
    private final @Nullable Batcher<float[], Classification> images;
    private final @Nullable Batcher<ImageInput, byte[]> explanations;
    private final @Nullable Batcher<String, Classification> texts;
    private final @Nullable TextEncoder textEncoder;
    private final @Nullable TextEmbedder embedder;
    private final @Nullable Batcher<String, float[]> embeddings;
    private final @Nullable Completions completions;
    private final Batcher<TensorFile, byte[]> tensors;

    Tasks(ServedModel model, ServeOptions options, MeterRegistry metrics) {
        this.network = model.network();
        this.batching = options.batching();
        this.cacheType = options.cacheType();
        this.metrics = metrics;
        this.reader = new PictureReader(options.limits().imagePixels());
        boolean readsImages = classifiesImages(network);
        this.preprocessor = readsImages ? new ImagePreprocessor(network.spec()) : null;
        this.images = preprocessor == null ? null : images(preprocessor);
        this.explanations = readsImages ? explanations() : null;
        boolean readsTokens = network.spec().input() instanceof InputSpec.Tokens;
        Optional<Tokenizer> tokenizer = model.tokenizer().filter(t -> readsTokens);
        this.texts = tokenizer.map(this::texts).orElse(null);
        this.textEncoder =
                tokenizer
                        .filter(t -> texts != null)
                        .map(t -> TextEncoder.of(network, t))
                        .orElse(null);
        this.embedder =
                tokenizer
                        .filter(t -> TextEmbedder.isEmbedder(network.spec()))
                        .map(t -> TextEmbedder.of(network, t))
                        .orElse(null);
        this.embeddings = embedder == null ? null : embeddings(embedder);
        this.completions = tokenizer.flatMap(this::generator).map(this::completions).orElse(null);
        this.tensors =
                start(
                        "tensors",
                        1,
                        files -> List.of(files.get(0).predict(network, batching.size())));
    }

    private static boolean hasClasses(Network network) {
        return RowHeader.isClassifier(
                network.metadata(), network.outputShapes().keySet().iterator().next());
    }

    private static boolean classifiesImages(Network network) {
        if (!(network.spec().input() instanceof InputSpec.Image image)
                || !network.hasOneHead()
                || network.outputShape().dimension() != 2
                || !hasClasses(network)) {
            return false;
        }
        int channels = image.shape().get(0);
        return channels == 1 || channels == 3;
    }

    private <T, R> Batcher<T, R> start(String task, int size, Function<List<T>, List<R>> compute) {
        Batcher<T, R> batcher = new Batcher<>(task, batching, size, compute, metrics);
        names.add(task);
        closing.push(batcher::close);
        return batcher;
    }

    private Batcher<float[], Classification> images(ImagePreprocessor images) {
        Classifier<float[]> classifier =
                new Classifier<>(network, (manager, rows) -> inputs(images, manager, rows));
        return start("images", batching.size(), rows -> classifier.classify(rows, batching.size()));
    }

    private static NDList inputs(ImagePreprocessor images, NDManager manager, List<float[]> rows) {
        int length = rows.get(0).length;
        float[] all = new float[rows.size() * length];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, all, i * length, length);
        }
        return new NDList(
                Values.create(manager, all, images.batchShape(rows.size()), DataType.FLOAT32));
    }

    private Batcher<ImageInput, byte[]> explanations() {
        Explainer explainer = new Explainer(network);
        boolean maps = explainer.lastSpatialLayer().isPresent();
        return start(
                "explanations",
                1,
                inputs -> {
                    ImageInput image = inputs.get(0);
                    Explanation why =
                            maps
                                    ? explainer.gradCam(
                                            image, OptionalInt.empty(), Optional.empty())
                                    : explainer.attention(image);
                    return List.of(png(why.map().over(why.view())));
                });
    }

    private static byte[] png(BufferedImage picture) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private @Nullable Batcher<String, Classification> texts(Tokenizer tokenizer) {
        if (!network.hasOneHead()
                || !TextClassifier.isClassifier(network.spec())
                || !hasClasses(network)) {
            return null;
        }
        TextClassifier classifier = TextClassifier.of(network, tokenizer);
        return start("texts", batching.size(), some -> classifier.classify(some, batching.size()));
    }

    private Batcher<String, float[]> embeddings(TextEmbedder embedder) {
        return start(
                "embeddings",
                batching.size(),
                texts -> {
                    Embeddings found = embedder.embed(texts, batching.size());
                    return IntStream.range(0, found.size()).mapToObj(found::get).toList();
                });
    }

    /** Returns a generator; empty if the network is no causal language model. */
    private Optional<Generator> generator(Tokenizer tokenizer) {
        if (!network.hasOneHead() || network.outputShape().dimension() != 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Generator(network, tokenizer).withCacheType(cacheType));
        } catch (SpecException e) {
            return Optional.empty();
        }
    }

    private Completions completions(Generator generator) {
        Completions texts = new Completions(generator, batching, metrics);
        names.add(Completions.TASK);
        closing.push(texts::close);
        return texts;
    }

    /** Returns the names of the tasks that the model has. */
    List<String> names() {
        return List.copyOf(names);
    }

    /** Decodes images in this thread, so that a damaged one fails no other request. */
    List<Classification> classify(List<byte[]> encoded) {
        ImagePreprocessor images = required(preprocessor, "images");
        List<float[]> rows = new ArrayList<>();
        for (byte[] image : encoded) {
            rows.add(images.read(List.of(input(image))));
        }
        return required(this.images, "images").callAll(rows);
    }

    private ImageInput input(byte[] encoded) {
        return ImageInput.of(encoded, "the image", reader);
    }

    /** Returns the picture of what the network looks at, as PNG. */
    byte[] explain(byte[] encoded) {
        return required(explanations, "images").call(input(encoded));
    }

    boolean readsImages() {
        return images != null;
    }

    Batcher<String, Classification> texts() {
        return required(texts, "texts");
    }

    Batcher<String, float[]> embeddings() {
        return required(embeddings, "embeddings");
    }

    TextEncoder textEncoder() {
        return required(textEncoder, "texts");
    }

    TextEmbedder embedder() {
        return required(embedder, "embeddings");
    }

    Completions completions() {
        return required(completions, Completions.TASK);
    }

    Batcher<TensorFile, byte[]> tensors() {
        return tensors;
    }

    private <T> T required(@Nullable T task, String name) {
        if (task == null) {
            throw ApiException.of(
                    ApiException.BAD_REQUEST,
                    "unsupported_task",
                    "the model must have the task %s, found %s",
                    name,
                    names);
        }
        return task;
    }

    /** Finishes what waits. */
    @Override
    public void close() {
        closing.forEach(Runnable::run);
    }
}
