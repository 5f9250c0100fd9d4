package io.residuum.spark;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.train.rows.RowHeader;
import io.residuum.transformer.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
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
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

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
    private static final int BATCH = 64;
    private static final String SAVED = "model.safetensors";

    private static final StructType CLASSES =
            new StructType()
                    .add("label", DataTypes.StringType)
                    .add("index", DataTypes.IntegerType)
                    .add("probability", DataTypes.DoubleType)
                    .add("probabilities", DataTypes.createArrayType(DataTypes.DoubleType));

    private static final DataType VALUES = DataTypes.createArrayType(DataTypes.FloatType);

    private final String uid;
    private final Param<String> model;
    private final StringArrayParam inputCols;
    private final Param<String> outputCol;
    private final Param<String> errorCol;
    private final Param<String> layer;
    private final Param<String> engine;
    private final IntParam batchSize;
    private final BooleanParam compile;

    /**
     * Creates a transformer.
     *
     * @param path a saved model or the folder of a run on the driver, or its URI on a file system of
     *     Hadoop
     */
    public ResiduumModel(String path) {
        this(path, Identifiable$.MODULE$.randomUID("residuum"));
    }

    private ResiduumModel(String path, String uid) {
        this.uid = uid; // before the parameters, which read it
        model = new Param<>(this, "model", "a saved model or the folder of a run");
        inputCols = new StringArrayParam(this, "inputCols", "the columns that the network reads");
        outputCol = new Param<>(this, "outputCol", "the column of the predictions");
        errorCol = new Param<>(this, "errorCol", "the column of errors, empty to fail instead");
        layer = new Param<>(this, "layer", "the layer that is returned, empty for the network");
        engine = new Param<>(this, "engine", "mxnet, pytorch or auto");
        batchSize =
                new IntParam(this, "batchSize", "the largest number of rows in a forward pass");
        compile = new BooleanParam(this, "compile", "run whole programs of the engine");
        set(model, path);
        setDefault(inputCols, new String[] {"content"});
        setDefault(outputCol, "prediction");
        setDefault(errorCol, "");
        setDefault(layer, "");
        setDefault(engine, "auto");
        setDefault(batchSize, BATCH);
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
     * @return this
     */
    public ResiduumModel setInputCols(String... columns) {
        set(inputCols, columns.clone());
        return this;
    }

    /**
     * Sets the column of the predictions. Default: {@code prediction}
     *
     * @param column a new name
     * @return this
     */
    public ResiduumModel setOutputCol(String column) {
        set(outputCol, column);
        return this;
    }

    /**
     * Keeps going after a row that cannot be read, such as a damaged picture: its prediction is null
     * and a column has the error. Default: such a row fails the job
     *
     * @param column a new name
     * @return this
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
     * @return this
     */
    public ResiduumModel setLayer(String path) {
        set(layer, path);
        return this;
    }

    /**
     * Sets the engine. Default: {@code auto}
     *
     * @param name {@code mxnet}, {@code pytorch} or {@code auto}
     * @return this
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
     * @return this
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
     * @return this
     */
    public ResiduumModel setCompile(boolean on) {
        set(compile, on);
        return this;
    }

    @Override
    public Dataset<Row> transform(Dataset<?> rows) {
        SparkSession spark = SparkSession.active();
        ShippedModel shipped = shipped(spark);
        StructType schema = schema(rows.schema(), shipped);
        ScoringPlan plan = plan(shipped, spark, Arrays.asList(getOrDefault(inputCols)));
        return rows.toDF().mapPartitions(new ScoredRows(plan), Encoders.row(schema));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return schema(schema, shipped(SparkSession.active()));
    }

    /**
     * Registers a function for SQL, which scores a row at a time: {@code SELECT classify(content)
     * FROM pictures}. A network of several columns reads {@code named_struct(...)} with them.
     * {@link #transform} is faster, because it scores batches.
     *
     * @param spark the session
     * @param name the name of the function
     */
    public void register(SparkSession spark, String name) {
        ShippedModel shipped = shipped(spark);
        ScoringPlan plan = plan(shipped, spark, List.of());
        boolean one = !(shipped.source().spec().input() instanceof InputSpec.Features);
        UDF1<Object, Object> function = value -> scored(plan, value, one);
        spark.udf()
                .register(
                        name,
                        functions.udf(
                                function,
                                plan.output() == ScoringPlan.Output.CLASSES ? CLASSES : VALUES));
    }

    private static Object scored(ScoringPlan plan, Object value, boolean one) {
        // An image of Spark's image source is a struct, too.
        Row row = value instanceof Row several && !one ? several : RowFactory.create(value);
        int[] columns = new int[row.size()];
        Arrays.setAll(columns, i -> i);
        try (OpenModels.Lease lease = OpenModels.use(plan)) {
            return lease.model().score(plan, List.of(row), columns).get(0).output();
        }
    }

    private ShippedModel shipped(SparkSession spark) {
        return ShippedModel.find(getOrDefault(model), spark);
    }

    private ScoringPlan plan(ShippedModel shipped, SparkSession spark, List<String> columns) {
        String path = getOrDefault(layer);
        return new ScoringPlan(
                shipped.ship(spark),
                getOrDefault(engine),
                (Boolean) getOrDefault(compile),
                columns,
                output(shipped),
                path.isEmpty() ? null : path,
                (Integer) getOrDefault(batchSize),
                !columns.isEmpty() && !getOrDefault(errorCol).isEmpty());
    }

    private ScoringPlan.Output output(ShippedModel shipped) {
        ModelSpec spec = shipped.source().spec();
        List<Shape> outputs = spec.newBlock().outputShapes();
        boolean classes =
                outputs.size() == 1
                        && outputs.get(0).dimension() == 2
                        && (!(spec.input() instanceof InputSpec.Features)
                                || !shipped.source().metadata().classNames().isEmpty());
        return classes && getOrDefault(layer).isEmpty()
                ? ScoringPlan.Output.CLASSES
                : ScoringPlan.Output.VALUES;
    }

    /** Checks model and columns, and returns the columns of the result. */
    private StructType schema(StructType schema, ShippedModel shipped) {
        ModelSpec spec = shipped.source().spec();
        String label = getOrDefault(model);
        Check.that(
                spec.input().all().size() == 1,
                "a model for DataFrames must have one input, but %s has %s",
                label,
                spec.input().all().size());
        Check.that(
                RowHeader.of(shipped.source().metadata()).isEmpty(),
                "%s was trained on a table and encodes its columns itself, which DataFrames do not"
                        + " do yet: use residuum predict --input TABLE",
                label);
        Check.that(
                !(spec.input() instanceof InputSpec.Tokens)
                        || shipped.source().metadata().entry(Tokenizer.METADATA).isPresent(),
                "a model that reads texts must be saved with its tokenizer, but %s has none: import"
                        + " it again with --tokenizer",
                label);
        String[] columns = getOrDefault(inputCols);
        boolean one = !(spec.input() instanceof InputSpec.Features);
        Check.that(
                columns.length > 0 && (columns.length == 1 || !one),
                "inputCols must name %s, got %s",
                one ? "one column" : "one column or more",
                Arrays.toString(columns));
        for (String column : columns) {
            requireType(schema, column, spec.input());
        }
        StructType result = withNew(schema, getOrDefault(outputCol), output(shipped) == ScoringPlan.Output.CLASSES ? CLASSES : VALUES);
        String errors = getOrDefault(errorCol);
        return errors.isEmpty() ? result : withNew(result, errors, DataTypes.StringType);
    }

    private static StructType withNew(StructType schema, String column, DataType type) {
        Check.that(
                !List.of(schema.fieldNames()).contains(column),
                "a new column must not be there already, got %s in %s: choose another outputCol or"
                        + " errorCol",
                column,
                List.of(schema.fieldNames()));
        return schema.add(column, type);
    }

    private static void requireType(StructType schema, String column, InputSpec input) {
        StructField field =
                Arrays.stream(schema.fields())
                        .filter(each -> each.name().equals(column))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new SpecException(
                                                "inputCols must name columns of the DataFrame, %s, got %s"
                                                        .formatted(
                                                                List.of(schema.fieldNames()),
                                                                column)));
        String found = field.dataType().typeName().toLowerCase(Locale.ROOT);
        Map<Boolean, String> wanted =
                input instanceof InputSpec.Image
                        ? Map.of(found.matches("binary|struct"), "binary or an image")
                        : input instanceof InputSpec.Tokens
                                ? Map.of(found.matches("string|varchar.*|char.*"), "string")
                                : Map.of(
                                        found.matches(
                                                "byte|short|integer|long|float|double|decimal.*|boolean|array|vector|udt"),
                                        "numbers, an array or a vector");
        wanted.forEach(
                (fits, type) ->
                        Check.that(
                                fits,
                                "the column %s must be %s for this model, found %s",
                                column,
                                type,
                                found));
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
        return new Writer(this);
    }

    /** {@return a reader of saved transformers} */
    public static MLReader<ResiduumModel> read() {
        return new Reader();
    }

    /**
     * Loads a transformer that {@link #write} saved.
     *
     * @param path its folder on a file system of Hadoop
     * @return the transformer
     */
    public static ResiduumModel load(String path) {
        return read().load(path);
    }

    private static final class Writer extends MLWriter {
        private final ResiduumModel saved;

        Writer(ResiduumModel saved) {
            this.saved = saved;
        }

        @Override
        public void saveImpl(String path) {
            DefaultParamsWriter$.MODULE$.saveMetadata(saved, path, sparkSession());
            Path file = saved.shipped(sparkSession()).file();
            var target = new org.apache.hadoop.fs.Path(path, SAVED);
            try {
                FileSystem files =
                        target.getFileSystem(sparkSession().sparkContext().hadoopConfiguration());
                files.copyFromLocalFile(new org.apache.hadoop.fs.Path(file.toUri()), target);
            } catch (IOException e) {
                throw new SpecException(target + ": the model cannot be saved: " + e, e);
            }
        }
    }

    private static final class Reader extends MLReader<ResiduumModel> {
        @Override
        public ResiduumModel load(String path) {
            DefaultParamsReader.Metadata metadata =
                    DefaultParamsReader$.MODULE$.loadMetadata(
                            path, sparkSession(), ResiduumModel.class.getName());
            var file = new org.apache.hadoop.fs.Path(path, SAVED);
            String uri;
            try {
                uri =
                        file.getFileSystem(sparkSession().sparkContext().hadoopConfiguration())
                                .makeQualified(file)
                                .toString();
            } catch (IOException e) {
                throw new SpecException(file + ": the model cannot be found: " + e, e);
            }
            ResiduumModel loaded = new ResiduumModel(uri, metadata.uid());
            metadata.getAndSetParams(loaded, scala.Option.empty());
            loaded.set(loaded.model, uri); // the saved copy, instead of the model that was copied
            return loaded;
        }
    }
}
