package io.residuum.spark;

import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * Trains a network on the executors of a cluster, each on its share of the batches. Each executor
 * has a copy of the network and the data; after each update all copies are equal. A run of W
 * workers with the batch B gives the weights of one process with the batch {@code W * B}, if no
 * layer uses batch statistics or randomness.
 *
 * <pre>{@code
 * ResiduumModel model =
 *         new ResiduumEstimator("resnet20", Recipe.builder().batch(64).build(), "hdfs:///runs/first")
 *                 .setWorkers(4)
 *                 .fit(pictures);
 * }</pre>
 *
 * <p>The run folder is that of {@code residuum train}: checkpoints, metrics, report, best model. If
 * an executor is lost, Spark starts the workers again and they continue after the last epoch. A
 * folder with an unfinished run continues, too.
 */
public final class ResiduumEstimator extends Estimator<ResiduumModel> {
    private static final long serialVersionUID = 1L;

    private final String uid;
    private final Param<String> model;
    private final Param<String> recipe;
    private final Param<String> folder;
    private final StringArrayParam inputCols;
    private final Param<String> labelCol;
    private final IntParam workers;
    private final IntParam localSteps;
    private final Param<String> engine;

    /**
     * Creates an estimator.
     *
     * @param model a preset, a spec file, or a saved model to fine-tune, on the driver
     * @param recipe the recipe of a worker; an update sees {@code batch * accumulate * workers}
     *     samples
     * @param folder the run folder, on a file system that all executors see
     */
    public ResiduumEstimator(String model, Recipe recipe, String folder) {
        this(
                model,
                SpecJson.standard().writeAll(recipe),
                folder,
                Identifiable$.MODULE$.randomUID("residuumEstimator"));
    }

    private ResiduumEstimator(String model, String recipe, String folder, String uid) {
        this.uid = uid; // before the parameters, which read it
        this.model = new Param<>(this, "model", "a preset, a spec file or a saved model");
        this.recipe = new Param<>(this, "recipe", "the recipe of a worker as JSON");
        this.folder = new Param<>(this, "folder", "the run folder that all executors see");
        inputCols = new StringArrayParam(this, "inputCols", "the columns that the network reads");
        labelCol = new Param<>(this, "labelCol", "the column of classes or numbers to learn");
        workers = new IntParam(this, "workers", "the number of copies that train");
        localSteps = new IntParam(this, "localSteps", "the updates between averages");
        engine = new Param<>(this, "engine", "mxnet, pytorch or auto");
        set(this.model, model);
        set(this.recipe, recipe);
        set(this.folder, folder);
        setDefault(inputCols, new String[] {"content"});
        setDefault(labelCol, "label");
        setDefault(workers, 1);
        setDefault(localSteps, 1);
        setDefault(engine, "auto");
    }

    @Override
    public String uid() {
        return uid;
    }

    /** {@return the parameter of the model} */
    public Param<String> model() {
        return model;
    }

    /** {@return the parameter of the recipe} */
    public Param<String> recipe() {
        return recipe;
    }

    /** {@return the parameter of the run folder} */
    public Param<String> folder() {
        return folder;
    }

    /** {@return the parameter of the columns that the network reads} */
    public StringArrayParam inputCols() {
        return inputCols;
    }

    /** {@return the parameter of the column to learn} */
    public Param<String> labelCol() {
        return labelCol;
    }

    /** {@return the parameter of the number of workers} */
    public IntParam workers() {
        return workers;
    }

    /** {@return the parameter of the local steps} */
    public IntParam localSteps() {
        return localSteps;
    }

    /** {@return the parameter of the engine} */
    public Param<String> engine() {
        return engine;
    }

    /**
     * Sets the columns that the network reads, as in {@link ResiduumModel#setInputCols}. Default:
     * {@code content}
     *
     * @param columns the names
     */
    public ResiduumEstimator setInputCols(String... columns) {
        set(inputCols, columns.clone());
        return this;
    }

    /**
     * Sets the column to learn: whole numbers are classes from 0, others are numbers. Default:
     * {@code label}
     *
     * @param column the name
     */
    public ResiduumEstimator setLabelCol(String column) {
        set(labelCol, column);
        return this;
    }

    /**
     * Sets the number of workers. All must run at once, one task each. Default: 1
     *
     * @param count positive
     */
    public ResiduumEstimator setWorkers(int count) {
        Check.positive("workers", count);
        set(workers, count);
        return this;
    }

    /**
     * Sets the updates of each worker between averages of the copies (local SGD), as in {@link
     * io.residuum.train.parallel.DataParallel}. Default: 1, and each update uses the gradients of
     * all
     *
     * @param steps positive
     */
    public ResiduumEstimator setLocalSteps(int steps) {
        Check.positive("localSteps", steps);
        set(localSteps, steps);
        return this;
    }

    /**
     * Sets the engine. Default: {@code auto}
     *
     * @param name {@code mxnet}, {@code pytorch} or {@code auto}
     */
    public ResiduumEstimator setEngine(String name) {
        EngineChoice.of(name);
        set(engine, name);
        return this;
    }

    /**
     * Trains on the rows of a DataFrame. They must fit into the memory of the driver as arrays; use
     * {@link #fit(SparkSession, TaskSource)} for larger data.
     */
    @Override
    public ResiduumModel fit(Dataset<?> rows) {
        transformSchema(rows.schema());
        SparkSession spark = rows.sparkSession();
        Path file = ShippedFile.temporary("residuum-rows").resolve("rows.safetensors");
        file.toFile().deleteOnExit();
        FrameData.write(
                rows,
                List.of(getOrDefault(inputCols)),
                getOrDefault(labelCol),
                ModelSource.of(getOrDefault(model)).spec(),
                file);
        return fit(spark, new FrameData(ShippedFile.of(spark, file)))
                .setInputCols(getOrDefault(inputCols));
    }

    /**
     * Trains on data that the executors open themselves, such as a folder that all see.
     *
     * @param data opens the data
     * @return the best network
     */
    public ResiduumModel fit(SparkSession spark, TaskSource data) {
        int count = (Integer) getOrDefault(workers);
        Recipe all = SpecJson.standard().parse(getOrDefault(recipe), "recipe", Recipe.class);
        all = all.with().accumulate(Math.multiplyExact(all.accumulate(), count)).build();
        ModelSource source = ModelSource.of(getOrDefault(model));
        ModelSpec spec = source.spec();
        ShippedFile weights =
                source.weights().isEmpty()
                        ? null
                        : ShippedModel.find(getOrDefault(model), spark).shipped();
        TrainingJob job =
                new TrainingJob(
                        SpecJson.standard().writeAll(spec),
                        weights,
                        SpecJson.standard().writeAll(all),
                        data,
                        getOrDefault(engine),
                        getOrDefault(folder),
                        (Integer) getOrDefault(localSteps));
        RDD<Integer> tasks =
                JavaSparkContext.fromSparkContext(spark.sparkContext())
                        .parallelize(IntStream.range(0, count).boxed().toList(), count)
                        .rdd();
        ClassTag<Integer> integers = ClassTag$.MODULE$.apply(Integer.class);
        RDD<Integer> trained = tasks.barrier().mapPartitions(new Worker(job), false, integers);
        // Spark repeats a barrier stage only if a shuffle follows.
        JavaRDD.fromRDD(trained, integers).repartition(1).collect();
        return new ResiduumModel(qualified(spark)).setEngine(getOrDefault(engine));
    }

    private String qualified(SparkSession spark) {
        var path = new org.apache.hadoop.fs.Path(getOrDefault(folder));
        try {
            return path.getFileSystem(spark.sparkContext().hadoopConfiguration())
                    .makeQualified(path)
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": the run folder cannot be found: " + e, e);
        }
    }

    private static final class Worker
            extends AbstractFunction1<Iterator<Integer>, Iterator<Integer>>
            implements Serializable {
        private static final long serialVersionUID = 1L;
        private final TrainingJob job;

        Worker(TrainingJob job) {
            this.job = job;
        }

        @Override
        public Iterator<Integer> apply(Iterator<Integer> none) {
            int epochs = job.run(BarrierTaskContext.get());
            return scala.jdk.javaapi.CollectionConverters.asScala(List.of(epochs).iterator());
        }
    }

    @Override
    public StructType transformSchema(StructType schema) {
        ModelSource source = ModelSource.of(getOrDefault(model));
        new ScoringSchema(source, "").requireInputs(schema, List.of(getOrDefault(inputCols)));
        String label = getOrDefault(labelCol);
        ScoringSchema.requireColumn(schema, "labelCol", label);
        DataType type = schema.apply(label).dataType();
        Check.that(
                type instanceof NumericType,
                "labelCol must be a column of numbers, but %s is %s: index its classes from 0",
                label,
                type.simpleString());
        return schema;
    }

    @Override
    public ResiduumEstimator copy(ParamMap extra) {
        ResiduumEstimator copy =
                new ResiduumEstimator(
                        getOrDefault(model), getOrDefault(recipe), getOrDefault(folder), uid);
        copyValues(copy, extra);
        return copy;
    }
}
