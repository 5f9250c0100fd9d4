package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.train.TrainingBatch;
import io.residuum.train.rows.RowHeader;
import io.residuum.train.rows.RowSamples;
import io.residuum.train.rows.RowTable;
import io.residuum.train.samples.SampleLayout;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.Samples;
import io.residuum.transformer.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows with texts: encoded as other texts are, padded and masked in a batch. */
class TextColumnTest {
    private static final Tokenizer LETTERS = Small.letters();
    private static final ModelSpec SPEC =
            Small.bert(LETTERS.vocabulary(), "{\"type\": \"classes\", \"count\": 2}");
    private static final RowHeader HEADER =
            SpecJson.standard()
                    .parse(
                            """
                            {"columns": {"said": "text", "frog": "category"},
                             "inputs": {"input": ["said"]}, "targets": {"output": ["frog"]}}
                            """,
                            "header",
                            RowHeader.class);

    @TempDir private Path temp;

    private Samples rows(ModelMetadata metadata) throws IOException {
        Path file = Files.writeString(temp.resolve("frogs.csv"), "said,frog\na frog,yes\nno,no\n");
        RowTable table = RowTable.read(file);
        return new RowSamples(
                table, HEADER.fitted(table, 0, 1), new SampleLayout(SPEC), metadata, true);
    }

    @Test
    void textsArePaddedAndMasked() throws IOException {
        ModelMetadata metadata = ModelMetadata.EMPTY.with(Tokenizer.METADATA, LETTERS.json());
        Samples rows = rows(metadata);
        TrainingBatch batch = new SampleLayout(SPEC).batch(List.of(rows.get(0), rows.get(1)));
        TextEncoder encoder = new TextEncoder(LETTERS, 24);
        try (NDManager manager = Engines.backend(EngineChoice.PYTORCH).newManager()) {
            NDList found = batch.inputs(manager, DataType.FLOAT32);
            NDList wanted = encoder.inputs(manager, List.of("a frog", "no"));
            assertEquals(2, found.size());
            assertEquals("mask", found.get(1).getName());
            assertEquals(new Shape(2, encoder.encode("a frog").length), found.get(0).getShape());
            assertArrayEquals(wanted.get(0).toLongArray(), found.get(0).toLongArray());
            assertArrayEquals(wanted.get(1).toFloatArray(), found.get(1).toFloatArray());
        }
    }

    /** A tokenizer of the library holds native memory. */
    @Test
    void closingSamplesClosesTheTokenizer() throws IOException {
        String words =
                """
                {"version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null,
                 "pre_tokenizer": {"type": "WhitespaceSplit"}, "decoder": null,
                 "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1}, "unk_token": "b"}}
                """;
        Samples rows = rows(ModelMetadata.EMPTY.with(Tokenizer.METADATA, words));
        assertEquals(new Shape(2), rows.get(0).inputs().get("input").shape());
        SampleSplits splits = SampleSplits.holdingOut("rows", rows, Optional.empty(), 0.5);
        splits.close();
        assertThrows(IllegalStateException.class, () -> rows.get(0));
    }

    @Test
    void aTextNeedsATokenizer() {
        DataException e = assertThrows(DataException.class, () -> rows(ModelMetadata.EMPTY));
        assertTrue(
                String.valueOf(e.getMessage())
                        .contains("column \"said\": a text needs a tokenizer"),
                e.getMessage());
    }
}
