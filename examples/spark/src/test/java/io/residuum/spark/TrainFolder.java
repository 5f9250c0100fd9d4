package io.residuum.spark;

import io.residuum.train.Recipe;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.LoadOptions;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageInputs;
import org.apache.spark.sql.SparkSession;

/** Trains on a folder that all executors see: spark-submit ... MODEL FOLDER RUN WORKERS. */
public final class TrainFolder {
    private TrainFolder() {}

    public static void main(String[] args) {
        SparkSession spark = SparkSession.builder().appName("train").getOrCreate();
        String data = "folder:" + args[1];
        Recipe recipe = Recipe.builder().epochs(2).batch(16).validation(0.1).build();
        new ResiduumEstimator(args[0], recipe, args[2])
                .setWorkers(Integer.parseInt(args[3]))
                .fit(
                        spark,
                        (spec, settings) ->
                                new ImageClassification(
                                        DataSource.parse(data)
                                                .forTraining(
                                                        ImageInputs.shape(spec),
                                                        LoadOptions.of(settings))));
    }
}
