package io.residuum.transformer.family;

import static java.util.Locale.ROOT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.testing.PeerCase;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.seq2seq.Seq2Seq;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.TensorType;
import io.residuum.weights.dialect.ImportOptions;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HuggingFaceSeq2SeqTest {
    private static final String T5 =
            "'model_type': 't5', 'd_model': 16, 'd_kv': 8, 'd_ff': 32, 'num_layers': 1,"
                    + " 'num_heads': 2, 'vocab_size': 20";
    private static final String BART =
            "'model_type': 'bart', 'd_model': 16, 'encoder_layers': 1, 'decoder_layers': 1,"
                    + " 'encoder_attention_heads': 2, 'decoder_attention_heads': 2,"
                    + " 'encoder_ffn_dim': 32, 'decoder_ffn_dim': 32, 'vocab_size': 20,"
                    + " 'max_position_embeddings': 8";

    @TempDir private Path folder;

    private ModelSource read(String settings) {
        return Configs.read(folder, settings);
    }

    private Seq2Seq network(String settings) {
        return (Seq2Seq) read(settings).spec().network();
    }

    @Test
    void theFirstT5ScalesItsOutputs() {
        Seq2Seq.Lm first = (Seq2Seq.Lm) network(T5).head();
        assertEquals(new Seq2Seq.Lm(true, false, 0.25), first);
        // T5 1.1 does not, and has a head of its own.
        assertEquals(
                new Seq2Seq.Lm(false, false, 1),
                network(T5 + ", 'tie_word_embeddings': false").head());
        // transformers 5 ties the heads of both and tells them apart by another setting.
        assertEquals(
                new Seq2Seq.Lm(true, false, 1),
                network(T5 + ", 'scale_decoder_outputs': false").head());
        assertEquals(new Seq2Seq.Lm(true, false, 1), network(T5.replace("'t5'", "'mt5'")).head());
    }

    @Test
    void specsOfAllTypesAreReadAgain() {
        for (String type : HuggingFaceSeq2Seq.NAMES) {
            String like = type.endsWith("t5") ? T5 : BART;
            ModelSpec spec = read(like.replaceFirst("'(t5|bart)'", "'" + type + "'")).spec();
            SpecJson json = SpecJson.standard();
            assertEquals(spec, json.parse(json.write(spec), type, ModelSpec.class));
            long length = spec.input().batchShape().get(1);
            assertEquals(new Shape(-1, length, 20), spec.newBlock().outputShape(), type);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'architectures': ['BartForCausalLM']; must be"
                        + " BartForConditionalGeneration or BartModel",
                "'is_decoder': true; $.is_decoder: must be false",
                "'is_encoder_decoder': false; $.is_encoder_decoder: must be true",
                "'activation_function': 'laplace'; must be gelu"
            })
    void refusesByName(String setting, String message) {
        SpecException e = assertThrows(SpecException.class, () -> read(BART + ", " + setting));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }

    @Test
    void classifiersReadOneText() {
        String classes = ", 'num_labels': 3, 'id2label': {'0': 'a', '1': 'b', '2': 'c'}";
        for (String type : List.of("T5", "Bart")) {
            String like = type.equals("T5") ? T5 : BART;
            ModelSource source =
                    read(
                            like
                                    + ", 'architectures': ['"
                                    + type
                                    + "ForSequenceClassification']"
                                    + classes);
            ModelSpec spec = source.spec();
            assertEquals(new Shape(-1, 3), spec.newBlock().outputShape());
            assertEquals(TextOutput.CLASSES, TextOutput.of(spec));
            assertEquals(List.of("a", "b", "c"), source.metadata().classNames());
            assertEquals(type.equals("T5") ? 0 : 2, ((Seq2Seq.Classes) head(spec)).start());
            assertEquals(new Shape(-1, 5), spec.withClasses(5).newBlock().outputShape());
            SpecJson json = SpecJson.standard();
            assertEquals(spec, json.parse(json.write(spec), type, ModelSpec.class));
            assertTrue(source.metadata().entry("residuum.generation").isEmpty());
        }
    }

    @Test
    void answersAreOfTheTextThatBothSidesRead() {
        for (String type : List.of("T5", "Bart", "MBart", "Mvp")) {
            String like = type.equals("T5") ? T5 : BART.replace("bart", type.toLowerCase(ROOT));
            ModelSource source =
                    read(like + ", 'architectures': ['" + type + "ForQuestionAnswering']");
            ModelSpec spec = source.spec();
            assertEquals(2, spec.newBlock().outputShape().get(2));
            assertEquals(TextOutput.SPANS, TextOutput.of(spec));
            int start =
                    switch (type) {
                        case "T5" -> 0;
                        case "MBart" -> EncoderDecoder.LAST_TOKEN;
                        default -> 2;
                    };
            assertEquals(new Seq2Seq.Spans(start), head(spec));
            SpecJson json = SpecJson.standard();
            assertEquals(spec, json.parse(json.write(spec), type, ModelSpec.class));
            assertTrue(source.metadata().entry("residuum.generation").isEmpty());
        }
        SpecException e = assertThrows(SpecException.class, () -> new Seq2Seq.Spans(-1));
        assertTrue(e.getMessage().contains("or -2 for the last token"), e.getMessage());
    }

    private static Seq2Seq.Head head(ModelSpec spec) {
        return ((Seq2Seq) spec.network()).head();
    }

    /** Only generation needs such tokens. */
    @Test
    void tokensOutsideTheVocabularyAreNoReasonNotToRead() {
        Seq2Seq network = network(BART + ", 'decoder_start_token_id': 50000");
        assertEquals(20, network.decoder().embedding().vocabulary());
    }

    @Test
    void generationConfigCountsFirst() throws IOException {
        String own = BART + ", 'decoder_start_token_id': 2, 'forced_eos_token_id': 2";
        String key = "residuum.generation";
        String found = read(own).metadata().entry(key).orElseThrow();
        assertTrue(found.contains("\"forced_eos_token_id\""), found);
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 3}");
        found = read(own).metadata().entry(key).orElseThrow();
        assertEquals(3, jsonInteger(found, "eos_token_id"));
        assertEquals(2, jsonInteger(found, "decoder_start_token_id"));
        assertTrue(!found.contains("forced"), found);
        Files.writeString(folder.resolve("generation_config.json"), "{");
        assertThrows(SpecException.class, () -> read(own));
    }

    @Test
    void decodersHaveSettingsOfGenerationToo() throws IOException {
        String gpt2 = "'model_type': 'gpt2', 'n_embd': 16, 'n_layer': 1, 'n_head': 2,";
        String own = gpt2 + " 'vocab_size': 20, 'eos_token_id': 2, 'pad_token_id': 1";
        String key = "residuum.generation";
        assertEquals("{\"eos_token_id\":2}", read(own).metadata().entry(key).orElseThrow());
        Files.writeString(
                folder.resolve("generation_config.json"),
                "{\"eos_token_id\": [3, 4], \"pad_token_id\": 0, \"do_sample\": true}");
        assertEquals(
                "{\"eos_token_id\":[3,4],\"do_sample\":true}",
                read(own).metadata().entry(key).orElseThrow());
        String classes = own + ", 'architectures': ['GPT2ForSequenceClassification']";
        assertTrue(read(classes).metadata().entry(key).isEmpty());
    }

    private static int jsonInteger(String json, String key) {
        String rest = json.substring(json.indexOf(key) + key.length() + 2);
        return Integer.parseInt(rest.replaceFirst("\\D.*", ""));
    }

    /** Marian's files leave out its sinusoids. */
    @Test
    void aFileMayLackPositionsThatItsShapeDetermines() throws IOException, URISyntaxException {
        PeerCase marian =
                PeerCase.beside(Gpt.class, "peers").stream()
                        .filter(peer -> peer.toString().equals("marian"))
                        .findFirst()
                        .orElseThrow();
        Path shortened = folder.resolve("shortened.safetensors");
        try (Safetensors all = Safetensors.open(marian.folder().resolve("weights.safetensors"))) {
            SafetensorsWriter writer = new SafetensorsWriter();
            all.names().stream()
                    .filter(name -> !name.contains("embed_positions"))
                    .forEach(
                            name ->
                                    writer.add(
                                            name,
                                            TensorType.F32,
                                            all.info(name).dimensions(),
                                            () -> all.floats(name)));
            writer.write(shortened);
        }
        ModelSpec spec = ModelSource.of(marian.folder().resolve("config.json")).spec();
        PositionTable table = ((Seq2Seq) spec.network()).encoder().embedding().positions();
        assertEquals(PositionTable.LEARNED_SINUSOIDAL, table);
        try (Network network = Network.create(spec, Engines.backend(EngineChoice.PYTORCH), 1)) {
            network.loadWeights(shortened, ImportOptions.standard());
            float[] rows =
                    Values.floats(
                            network.state().get("encoder.embedding.position.weight").getArray());
            int width = 16;
            float[] third = new float[width];
            for (int c = 0; c < width / 2; c++) {
                double angle = 3 / Math.pow(10000, 2.0 * c / width);
                third[c] = (float) Math.sin(angle);
                third[width / 2 + c] = (float) Math.cos(angle);
            }
            float[] found = Arrays.copyOfRange(rows, 3 * width, 4 * width);
            assertArrayEquals(third, found, 1e-6f);
        }
    }
}
