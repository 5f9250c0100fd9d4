package io.residuum.spark;

import io.residuum.data.DataException;
import io.residuum.model.ModelFiles;
import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.SparkSession;

/** Saves and loads transformers: Spark's metadata, and the model beside it. */
final class SavedTransformer {
    private SavedTransformer() {}

    private static Path model(String folder) {
        return new Path(folder, ModelFiles.RUN_MODEL);
    }

    private static FileSystem files(Path path, SparkSession spark) throws IOException {
        return path.getFileSystem(spark.sparkContext().hadoopConfiguration());
    }

    static final class Writer extends MLWriter {
        private final ResiduumModel saved;

        Writer(ResiduumModel saved) {
            this.saved = saved;
        }

        @Override
        public void saveImpl(String path) {
            DefaultParamsWriter$.MODULE$.saveMetadata(saved, path, sparkSession());
            try {
                files(model(path), sparkSession())
                        .copyFromLocalFile(
                                new Path(saved.shipped(sparkSession()).file().toUri()),
                                model(path));
            } catch (IOException e) {
                throw new DataException(
                        model(path) + ": the model cannot be saved: " + e.getMessage(), e);
            }
        }
    }

    static final class Reader extends MLReader<ResiduumModel> {
        @Override
        public ResiduumModel load(String path) {
            DefaultParamsReader.Metadata metadata =
                    DefaultParamsReader$.MODULE$.loadMetadata(
                            path, sparkSession(), ResiduumModel.class.getName());
            String uri;
            try {
                uri = files(model(path), sparkSession()).makeQualified(model(path)).toString();
            } catch (IOException e) {
                throw new DataException(
                        model(path) + ": the model cannot be found: " + e.getMessage(), e);
            }
            ResiduumModel loaded = new ResiduumModel(uri, metadata.uid());
            metadata.getAndSetParams(loaded, scala.Option.empty());
            // The saved copy, instead of the model that was copied.
            loaded.set(loaded.model(), uri);
            return loaded;
        }
    }
}
