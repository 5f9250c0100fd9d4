package io.residuum.spark;

import io.residuum.model.ModelSource;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.rows.RowHeader;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import java.util.List;
import java.util.Objects;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Checks the columns that a model reads, and names those that it adds.
 *
 * @param model the model
 * @param layer the layer whose output is returned, empty for that of the network
 */
record ScoringSchema(ModelSource model, String layer) {
    private static final StructType CLASSES =
            new StructType()
                    .add("label", DataTypes.StringType)
                    .add("index", DataTypes.IntegerType)
                    .add("probability", DataTypes.DoubleType)
                    .add("probabilities", DataTypes.createArrayType(DataTypes.DoubleType));

    private static final DataType VALUES = DataTypes.createArrayType(DataTypes.FloatType);

    private ModelSpec spec() {
        return model.spec();
    }

    /** {@return true if the model reads one column, and false if it joins several} */
    boolean readsOneColumn() {
        return !(spec().input() instanceof InputSpec.Features);
    }

    /** {@return the form of the output} */
    ScoringPlan.Output output() {
        return layer.isEmpty() && classifies()
                ? ScoringPlan.Output.CLASSES
                : ScoringPlan.Output.VALUES;
    }

    private boolean classifies() {
        if (spec().input() instanceof InputSpec.Tokens) {
            return TextClassifier.isClassifier(spec());
        }
        var outputs = spec().newBlock().outputShapes();
        return outputs.size() == 1
                && outputs.get(0).dimension() == 2
                && (readsOneColumn() || !model.metadata().classNames().isEmpty());
    }

    /**
     * {@return the text before each text; empty for none}
     *
     * @param chosen the chosen one, null for the default prompt of an embedder
     */
    String prompt(@Nullable String chosen) {
        boolean embeds = TextEmbedder.isEmbedder(spec());
        Check.that(
                chosen == null || embeds,
                "prompt is for models that embed texts, but %s does not: remove setPrompt",
                model.label());
        return chosen == null && embeds
                ? Prompts.of(model.metadata()).standard()
                : Objects.requireNonNullElse(chosen, "");
    }

    /** {@return the type of a prediction} */
    DataType predictionType() {
        return output() == ScoringPlan.Output.CLASSES ? CLASSES : VALUES;
    }

    /** Checks that DataFrames hold all that the model needs. */
    void requireScorable() {
        Check.that(
                spec().input().all().size() == 1,
                "a model for DataFrames must have one input, but %s has %s",
                model.label(),
                spec().input().all().size());
        Check.that(
                RowHeader.of(model.metadata()).isEmpty(),
                "a model for DataFrames must not encode the columns of a table itself, but %s was"
                        + " trained on a table: use residuum predict --input TABLE",
                model.label());
        Check.that(
                !(spec().input() instanceof InputSpec.Tokens)
                        || model.metadata().entry(Tokenizer.METADATA).isPresent(),
                "a model that reads texts must be saved with its tokenizer, but %s has none: import"
                        + " it again with --tokenizer",
                model.label());
    }

    /** Checks the columns of the input. */
    void requireInputs(StructType schema, List<String> columns) {
        Check.that(
                !columns.isEmpty() && (columns.size() == 1 || !readsOneColumn()),
                "inputCols must name %s, got %s",
                readsOneColumn() ? "one column" : "one column or more",
                columns);
        for (String column : columns) {
            requireColumn(schema, "inputCols", column);
            DataType found = schema.apply(column).dataType();
            Check.that(
                    fits(found),
                    "the column %s must be %s for this model, found %s: cast it, or choose another"
                            + " of inputCols",
                    column,
                    wanted(),
                    found.simpleString());
        }
    }

    /** Checks that a column is there. */
    static void requireColumn(StructType schema, String key, String column) {
        List<String> found = List.of(schema.fieldNames());
        Check.that(
                found.contains(column),
                "%s must name columns of the DataFrame, %s, got %s",
                key,
                found,
                column);
    }

    private boolean fits(DataType type) {
        if (spec().input() instanceof InputSpec.Image) {
            return type instanceof BinaryType
                    || type instanceof StructType image
                            && List.of(image.fieldNames()).contains("nChannels");
        }
        return spec().input() instanceof InputSpec.Tokens
                ? type instanceof StringType
                : isNumber(type)
                        || type instanceof ArrayType array && isNumber(array.elementType())
                        || type.equals(SQLDataTypes.VectorType());
    }

    private static boolean isNumber(DataType type) {
        return type instanceof NumericType || type instanceof BooleanType;
    }

    private String wanted() {
        if (spec().input() instanceof InputSpec.Image) {
            return "binary or an image";
        }
        return spec().input() instanceof InputSpec.Tokens
                ? "a string"
                : "a number, an array of numbers or a vector";
    }

    /** {@return the columns of the result} */
    StructType with(StructType schema, String outputCol, String errorCol) {
        StructType result = withNew(schema, "outputCol", outputCol, predictionType());
        return errorCol.isEmpty()
                ? result
                : withNew(result, "errorCol", errorCol, DataTypes.StringType);
    }

    private static StructType withNew(StructType schema, String key, String column, DataType type) {
        Check.that(
                !List.of(schema.fieldNames()).contains(column),
                "%s must be a new column, got %s, which is one of %s: choose another name",
                key,
                column,
                List.of(schema.fieldNames()));
        return schema.add(column, type);
    }
}
