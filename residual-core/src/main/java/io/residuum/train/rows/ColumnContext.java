package io.residuum.train.rows;

import io.residuum.model.ModelMetadata;
import io.residuum.spec.InputSpec;
import java.nio.file.Path;

/**
 * Supplies what a column may need in addition to its values.
 *
 * @param input the kind and shape of the input that reads the column
 * @param folder the folder of the table, where relative paths begin
 * @param metadata the metadata of the model, for instance its tokenizer
 */
public record ColumnContext(InputSpec input, Path folder, ModelMetadata metadata) {}
