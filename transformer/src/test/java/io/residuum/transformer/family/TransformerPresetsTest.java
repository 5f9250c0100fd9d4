package io.residuum.transformer.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Cost;
import io.residuum.model.Summary;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.testing.Presets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TransformerPresetsTest {

    private static final List<Preset> PRESETS = new TransformerPresets().presets();

    static List<Preset> presets() {
        return PRESETS;
    }

    private static ModelSpec preset(String name) {
        return Presets.named(PRESETS, name);
    }

    // As counted on transformers and timm, or published with the weights.
    @ParameterizedTest
    @CsvSource({
        "gpt1, 116534784",
        "gpt2, 124439808",
        "gpt2-medium, 354823168",
        "gpt2-large, 774030080",
        "gpt2-xl, 1557611200",
        "bert-base-uncased, 109482240",
        "bert-large-uncased, 335141888",
        "bert-base-uncased-pretraining, 110106428",
        "bert-large-uncased-pretraining, 336226108",
        "vit-ti-16, 5717416",
        "vit-s-16, 22050664",
        "vit-b-16, 86567656",
        "vit-b-32, 88224232",
        "vit-h-14, 632045800",
        "dinov2-s-14-reg4, 22057344",
        "siglip-b-16, 92884224",
        "deit-ti-16-distilled, 5910800",
        "deit-s-16-distilled, 22436432",
        "deit-b-16-distilled, 87338192",
        "cait-xxs24-16, 11956264",
        "cait-xxs24-16-384, 12029224",
        "cait-xxs36-16, 17299720",
        "cait-xxs36-16-384, 17372680",
        "cait-xs24-16, 26560648",
        "cait-xs24-16-384, 26670088",
        "cait-s24-16, 46916200",
        "cait-s24-16-384, 47062120",
        "cait-s36-16, 68220712",
        "cait-s36-16-384, 68366632",
        "cait-m36-16, 270929512",
        "cait-m36-16-384, 271221352",
        "cait-m48-16-448, 356460520",
        "llama-2-7b, 6738415616",
        "llama-2-13b, 13015864320",
        "llama-2-70b, 68976648192",
        "llama-3-8b, 8030261248",
        "llama-3-70b, 70553706496",
        "stories15m, 15191712"
    })
    void hasTheParametersOfTheLiterature(String name, long parameters) {
        assertEquals(parameters, Cost.of(preset(name).newBlock()).parameters());
    }

    // In millions, as the papers round them.
    @ParameterizedTest
    @CsvSource({
        "gpt3-125m, 125", "gpt3-350m, 356", "gpt3-760m, 760", "gpt3-1.3b, 1316",
        "gpt3-2.7b, 2650", "gpt3-6.7b, 6650", "gpt3-13b, 12850", "gpt3-175b, 174600",
        "transformer-base, 63", "transformer-big, 214", "deit3-s-16, 22.06", "deit3-b-16, 86.59"
    })
    void hasAboutTheParametersOfThePaper(String name, double millions) {
        double found = Cost.of(preset(name).newBlock()).parameters() / 1e6;
        assertEquals(millions, found, 0.005 * millions);
    }

    // Matrix products of attention count, as in the field's tables.
    @ParameterizedTest
    @CsvSource({"vit-ti-16, 1.26", "vit-s-16, 4.61", "vit-b-16, 17.56"})
    void hasTheMacsOfTheLiterature(String name, double gigaMacs) {
        assertEquals(gigaMacs, Cost.of(preset(name).newBlock()).macs() / 1e9, 0.006 * gigaMacs);
    }

    @ParameterizedTest
    @MethodSource("presets")
    void expandsToTheSameNetwork(Preset preset) {
        Presets.requireSameExpanded(preset.spec());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void rowsAddUp(Preset preset) {
        for (Summary summary : List.of(Summary.of(preset.spec()), Summary.of(preset.spec(), 9))) {
            List<Cost> rows = summary.rows().stream().map(Summary.Row::own).toList();
            Cost total = summary.total();
            assertEquals(total.parameters(), rows.stream().mapToLong(Cost::parameters).sum());
            assertEquals(total.macs(), rows.stream().mapToLong(Cost::macs).sum());
            assertEquals(
                    total.activationBytes(), rows.stream().mapToLong(Cost::activationBytes).sum());
        }
    }

    @Test
    void theMemoryOfAttentionIsInTheSummary() {
        // Scores, masked scores, weights and dropped weights: 12 heads of 1024 x 1024 float32 each;
        // the norm, three maps' worth put in order twice, heads put in order, the output, its
        // dropout and the sum: rows of 768.
        long matrices = 4L * 12 * 1024 * 1024;
        long rows = (1 + 3 + 4 + 1 + 1 + 1) * 1024L * 768;
        Summary.Row attention = row(Summary.of(preset("gpt2")), "attention");
        assertEquals(12 * Float.BYTES * (matrices + rows), attention.cost().activationBytes());
        Summary.Row itself = row(Summary.of(preset("gpt2"), 5), "branch");
        assertTrue(itself.what().startsWith("Attention(12 heads"), itself::what);
        // Three matrices a head, and the dropped weights of the 11 heads that dropout, which sees
        // one at a time, does not count.
        long own = (3L * 12 + 11) * 1024 * 1024 + 4 * 1024L * 768;
        assertEquals(12 * Float.BYTES * own, itself.own().activationBytes());
    }

    private static Summary.Row row(Summary summary, String name) {
        return summary.rows().stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void theLargestIsSummedUpWithoutAllocatingIt() {
        Summary summary =
                assertTimeout(Duration.ofSeconds(5), () -> Summary.of(preset("gpt3-175b")));
        assertEquals(174_604_259_328L, summary.total().parameters());
        assertTrue(summary.toString().contains("0..95"), summary::toString);
    }

    @Test
    void namesAreDistinctAndCited() {
        Presets.requireDistinctAndCited(PRESETS, "\\b(19|20)\\d\\d");
    }
}
