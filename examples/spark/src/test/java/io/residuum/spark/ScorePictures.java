package io.residuum.spark;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Scores a folder of pictures: spark-submit ... MODEL 'pictures/*.png' OUT. */
public final class ScorePictures {
    private ScorePictures() {}

    public static void main(String[] args) {
        SparkSession spark = SparkSession.builder().appName("score pictures").getOrCreate();
        Dataset<Row> pictures = spark.read().format("binaryFile").load(args[1]);
        new ResiduumModel(args[0])
                .setInputCols("content")
                .setErrorCol("error")
                .transform(pictures)
                .selectExpr("path", "prediction.label", "prediction.probability", "error")
                .write()
                .parquet(args[2]);
    }
}
