package io.residuum.examples.flink;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residuum.examples.http.BatchingClassifier;
import io.residuum.model.Classification;
import io.residuum.vision.predict.ImageClassifier;
import io.residuum.vision.predict.ImageInput;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.jspecify.annotations.Nullable;

/**
 * Classifies picture files asynchronously: the pictures in flight share forward passes. Each
 * parallel instance opens the model once; an engine uses all cores, so one instance per machine is
 * enough.
 */
public final class ClassifyImages extends RichAsyncFunction<String, ClassifyImages.Result> {
    private static final long serialVersionUID = 1;

    /** A picture with its most probable class. Flink serializes its public fields. */
    public static final class Result {
        /** The path. */
        public String path = "";

        /** The name of the class. */
        public String name = "";

        /** The probability of the class. */
        public double probability;

        /** Creates an empty result, for Flink. */
        public Result() {}

        private static Result of(String path, Classification found) {
            Result result = new Result();
            result.path = path;
            result.name = found.best().name();
            result.probability = found.best().probability();
            return result;
        }

        @Override
        public String toString() {
            return path + "," + name + "," + probability;
        }
    }

    private final String model;
    private final int batch;
    private final int capacity;
    private transient @Nullable BatchingClassifier classifier;

    /**
     * Creates a function.
     *
     * @param model a saved model or the folder of a run, on every machine
     * @param batch the largest number of images in a forward pass, positive
     * @param capacity the number of pictures in flight, as given to Flink's {@code AsyncDataStream}
     */
    public ClassifyImages(String model, int batch, int capacity) {
        this.model = model;
        this.batch = batch;
        this.capacity = capacity;
    }

    @Override
    public void open(OpenContext context) {
        classifier =
                new BatchingClassifier(
                        ImageClassifier.open(model), batch, capacity, new SimpleMeterRegistry());
    }

    @Override
    public void asyncInvoke(String path, ResultFuture<Result> result) {
        BatchingClassifier open = classifier;
        if (open == null) {
            throw new IllegalStateException("the function must be opened before it is called");
        }
        open.classify(ImageInput.of(Path.of(path)))
                .whenComplete(
                        (found, error) -> {
                            if (error == null) {
                                result.complete(List.of(Result.of(path, found)));
                            } else {
                                result.completeExceptionally(error);
                            }
                        });
    }

    @Override
    public void close() {
        if (classifier != null) {
            classifier.close();
        }
    }
}
