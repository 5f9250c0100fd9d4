package io.residuum.transformer.train;

import io.residuum.data.DataException;
import io.residuum.spec.InputSpec;
import io.residuum.spec.TypeName;
import io.residuum.train.rows.Cell;
import io.residuum.train.rows.ColumnContext;
import io.residuum.train.rows.ColumnEncoder;
import io.residuum.train.rows.ColumnSpec;
import io.residuum.train.samples.Tensor;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.util.Arrays;

/**
 * A column of texts, which the tokenizer of the model encodes for an input of tokens. A text that
 * is longer than the input is cut.
 */
@TypeName("text")
public record TextColumn() implements ColumnSpec {

    @Override
    public ColumnEncoder input(ColumnContext context) {
        if (!(context.input() instanceof InputSpec.Tokens tokens)) {
            throw new DataException(
                    "a text must be read by an input of tokens, but the input is "
                            + context.input());
        }
        Tokenizer tokenizer =
                context.metadata()
                        .entry(Tokenizer.METADATA)
                        .map(Tokenizers::parse)
                        .orElseThrow(
                                () ->
                                        new DataException(
                                                "a text needs a tokenizer, but the model has none;"
                                                        + " give one (--tokenizer)"));
        if (tokenizer.vocabulary() > tokens.vocabulary()) {
            tokenizer.close();
            throw new DataException(
                    "the input must know the %d ids of the tokenizer (%s), but its vocabulary is %d"
                            .formatted(tokenizer.vocabulary(), tokenizer, tokens.vocabulary()));
        }
        return new Encoder(tokenizer, new TextEncoder(tokenizer, tokens.length()));
    }

    private record Encoder(Tokenizer tokenizer, TextEncoder encoder) implements ColumnEncoder {
        @Override
        public Tensor encode(Cell cell) {
            return Tensor.integers(
                    Arrays.stream(encoder.encode(cell.text())).asLongStream().toArray());
        }

        /** Texts are encoded when they are needed, so only their presence is checked. */
        @Override
        public void check(Cell cell) {
            cell.text();
        }

        @Override
        public void close() {
            tokenizer.close();
        }
    }
}
