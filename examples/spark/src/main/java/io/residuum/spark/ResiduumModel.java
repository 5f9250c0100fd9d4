package io.residuum.spark;

import io.residuum.engine.EngineChoice;
import io.residuum.model.Classifier;
import io.residuum.spec.Check;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Scores the rows of a DataFrame with a saved model: images, texts or numbers. Each executor opens
 * the model once. Works in pipelines and in Structured Streaming.
 *
 * <pre>{@code
 * Dataset<Row> pictures = spark.read().format("binaryFile").load("pictures/*.png");
 * new ResiduumModel("runs/first").setInputCols("content").transform(pictures)
 *         .select("path", "prediction.label", "prediction.probability").show();
 * }</pre>
 *
 * <p>A classifier gives a struct: {@code label}, {@code index}, {@code probability}, {@code
 * probabilities} in the order of the classes. Another network, or a {@linkplain #setLayer layer},
 * gives an array of its numbers.
 */
public final class ResiduumModel extends Model<ResiduumModel> implements MLWritable {
    private static final long serialVersionUID = 1L;
    private final String uid;
    private final Param<String> model;
    private final StringArrayParam inputCols;
    private final Param<String> outputCol;
    private final Param<String> errorCol;
    private final Param<String> layer;
    private final Param<String> prompt;
    private final Param<String> engine;
    private final IntParam batchSize;
    private final BooleanParam compile;

    /** The model as it was found first, for the same path and application. */
    private transient @Nullable Found found;

    private record Found(String path, String application, ShippedModel shipped) {}

    /**
     * Creates a transformer.
     *
     * @param path a saved model or the folder of a run on the driver, or its URI on a file system
     *     of Hadoop
     */
    public ResiduumModel(String path) {
        this(path, Identifiable$.MODULE$.randomUID("residuum"));
    }

    ResiduumModel(String path, String uid) {
        this.uid = uid; // before the parameters, which read it
        model = new Param<>(this, "model", "a saved model or the folder of a run");
        inputCols = new StringArrayParam(this, "inputCols", "the columns that the network reads");
        outputCol = new Param<>(this, "outputCol", "the column of the predictions");
        errorCol = new Param<>(this, "errorCol", "the column of errors, empty to fail instead");
        layer = new Param<>(this, "layer", "the layer that is returned, empty for the network");
        prompt = new Param<>(this, "prompt", "the text before each text to embed");
        engine = new Param<>(this, "engine", "mxnet, pytorch or auto");
        batchSize = new IntParam(this, "batchSize", "the largest number of rows in a forward pass");
        compile = new BooleanParam(this, "compile", "run whole programs of the engine");
        set(model, path);
        setDefault(inputCols, new String[] {"content"});
        setDefault(outputCol, "prediction");
        setDefault(errorCol, "");
        setDefault(layer, "");
        setDefault(engine, "auto");
        setDefault(batchSize, Classifier.BATCH);
        setDefault(compile, true);
    }

    @Override
    public String uid() {
        return uid;
    }

    /** {@return the parameter of the model's path} */
    public Param<String> model() {
        return model;
    }

    /** {@return the parameter of the columns that the network reads} */
    public StringArrayParam inputCols() {
        return inputCols;
    }

    /** {@return the parameter of the column of predictions} */
    public Param<String> outputCol() {
        return outputCol;
    }

    /** {@return the parameter of the column of errors} */
    public Param<String> errorCol() {
        return errorCol;
    }

    /** {@return the parameter of the layer} */
    public Param<String> layer() {
        return layer;
    }

    /** {@return the parameter of the prompt} */
    public Param<String> prompt() {
        return prompt;
    }

    /** {@return the parameter of the engine} */
    public Param<String> engine() {
        return engine;
    }

    /** {@return the parameter of the batch size} */
    public IntParam batchSize() {
        return batchSize;
    }

    /** {@return the parameter of compilation} */
    public BooleanParam compile() {
        return compile;
    }

    /**
     * Sets the columns that the network reads. Images and texts are one column; numbers, arrays and
     * vectors are joined. Default: {@code content}, as of Spark's source {@code binaryFile}
     *
     * @param columns the names
     */
    public ResiduumModel setInputCols(String... columns) {
        set(inputCols, columns.clone());
        return this;
    }

    /**
     * Sets the column of the predictions. Default: {@code prediction}
     *
     * @param column a new name
     */
    public ResiduumModel setOutputCol(String column) {
        set(outputCol, column);
        return this;
    }

    /**
     * Keeps going after a row that cannot be read, such as a damaged picture: its prediction is
     * null and a column has the error. Default: such a row fails the job
     *
     * @param column a new name
     */
    public ResiduumModel setErrorCol(String column) {
        set(errorCol, column);
        return this;
    }

    /**
     * Returns the output of a layer instead of the network's, for instance an embedding. Default:
     * the network's
     *
     * @param path as in {@link io.residuum.model.Network#features}
     */
    public ResiduumModel setLayer(String path) {
        set(layer, path);
        return this;
    }

    /**
     * Sets the text before each text to embed, such as {@code query: }. Default: the default prompt
     * of the model
     *
     * @param text the prompt, empty for none
     */
    public ResiduumModel setPrompt(String text) {
        set(prompt, text);
        return this;
    }

    /**
     * Sets the engine. Default: {@code auto}
     *
     * @param name {@code mxnet}, {@code pytorch} or {@code auto}
     */
    public ResiduumModel setEngine(String name) {
        EngineChoice.of(name);
        set(engine, name);
        return this;
    }

    /**
     * Sets the largest number of rows in a forward pass. Default: 64
     *
     * @param size positive
     */
    public ResiduumModel setBatchSize(int size) {
        Check.positive("batchSize", size);
        set(batchSize, size);
        return this;
    }

    /**
     * Compiles the network to programs of the engine. Default: true
     *
     * @param on false to run operation by operation
     */
    public ResiduumModel setCompile(boolean on) {
        set(compile, on);
        return this;
    }

    @Override
    public Dataset<Row> transform(Dataset<?> rows) {
        StructType schema = transformSchema(rows.schema());
        ScoringPlan plan = plan(rows.sparkSession(), columns());
        return rows.toDF().mapPartitions(new ScoredRows(plan), Encoders.row(schema));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        ScoringSchema columns = schema(SparkSession.active());
        columns.requireInputs(schema, columns());
        return columns.with(schema, getOrDefault(outputCol), getOrDefault(errorCol));
    }

    private List<String> columns() {
        return List.of(getOrDefault(inputCols));
    }

    /**
     * Registers a function for SQL, which scores a row at a time: {@code SELECT classify(content)
     * FROM pictures}. A network of several columns reads {@code named_struct(...)} with them.
     * {@link #transform} is faster, because it scores batches.
     *
     * @param name the name of the function
     */
    public void register(SparkSession spark, String name) {
        ScoringSchema schema = schema(spark);
        ScoringPlan plan = plan(spark, List.of());
        boolean one = schema.readsOneColumn();
        UDF1<Object, Object> function = value -> scored(plan, value, one);
        spark.udf().register(name, functions.udf(function, schema.predictionType()));
    }

    private static @Nullable Object scored(ScoringPlan plan, Object value, boolean one) {
        // An image of Spark's image source is a struct, too.
        Row row = value instanceof Row several && !one ? several : RowFactory.create(value);
        int[] columns = new int[row.size()];
        Arrays.setAll(columns, i -> i);
        try (OpenModels.Lease lease = OpenModels.use(plan)) {
            return lease.model().score(plan, List.of(row), columns).get(0).output();
        }
    }

    private ScoringSchema schema(SparkSession spark) {
        ScoringSchema schema = new ScoringSchema(shipped(spark).source(), getOrDefault(layer));
        schema.requireScorable();
        return schema;
    }

    private ScoringPlan plan(SparkSession spark, List<String> columns) {
        String path = getOrDefault(layer);
        ScoringSchema schema = schema(spark);
        return new ScoringPlan(
                new ScoringPlan.Opening(
                        shipped(spark).shipped(),
                        getOrDefault(engine),
                        (Boolean) getOrDefault(compile)),
                columns,
                schema.output(),
                path.isEmpty() ? null : path,
                schema.prompt(isDefined(prompt) ? getOrDefault(prompt) : null),
                (Integer) getOrDefault(batchSize),
                !columns.isEmpty() && !getOrDefault(errorCol).isEmpty());
    }

    ShippedModel shipped(SparkSession spark) {
        String path = getOrDefault(model);
        String application = spark.sparkContext().applicationId();
        Found known = found;
        if (known == null || !known.path.equals(path) || !known.application.equals(application)) {
            known = new Found(path, application, ShippedModel.find(path, spark));
            found = known;
        }
        return known.shipped;
    }

    @Override
    public ResiduumModel copy(ParamMap extra) {
        ResiduumModel copy = new ResiduumModel(getOrDefault(model), uid);
        copyValues(copy, extra);
        return copy;
    }

    /** {@return a writer that saves the parameters, and the model beside them} */
    @Override
    public MLWriter write() {
        return new SavedTransformer.Writer(this);
    }

    /** {@return a reader of saved transformers} */
    public static MLReader<ResiduumModel> read() {
        return new SavedTransformer.Reader();
    }

    /**
     * Loads a transformer that {@link #write} saved.
     *
     * @param path its folder on a file system of Hadoop
     */
    public static ResiduumModel load(String path) {
        return read().load(path);
    }
}
