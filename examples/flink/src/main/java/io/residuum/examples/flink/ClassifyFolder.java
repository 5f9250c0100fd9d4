package io.residuum.examples.flink;

import io.residuum.vision.data.LoadListener;
import io.residuum.vision.predict.PicturePaths;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Classifies the pictures of a folder in a job of Flink, and prints path, class and probability.
 */
public final class ClassifyFolder {
    private static final int BATCH = 32;
    private static final int CAPACITY = 64;
    private static final int TIMEOUT_SECONDS = 60;

    private ClassifyFolder() {}

    /**
     * Runs the job.
     *
     * @param args the model and the folder
     * @throws Exception if the job fails
     */
    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        classes(environment, args[0], args[1]).print();
        environment.execute("classify " + args[1]);
    }

    /** {@return the classes of the pictures, in their order} */
    static DataStream<ClassifyImages.Result> classes(
            StreamExecutionEnvironment environment, String model, String pictures) {
        List<String> paths =
                PicturePaths.find(pictures, LoadListener.LOG).stream().map(Path::toString).toList();
        DataStream<String> files = environment.fromData(paths).setParallelism(1);
        return AsyncDataStream.orderedWait(
                        files,
                        new ClassifyImages(model, BATCH, CAPACITY),
                        TIMEOUT_SECONDS,
                        TimeUnit.SECONDS,
                        CAPACITY)
                .setParallelism(1);
    }
}
