package io.residuum.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.ablation.Rank;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import java.util.Arrays;
import java.util.List;

/** Attention alone loses rank doubly exponentially with depth (Dong et al. 2021, Theorem 2.2). */
class RankCollapseTest {
    private static final int DEPTH = 6;

    private static ModelSpec vit(String more) {
        return spec(
                """
                {"type": "image", "shape": [3, 16, 16]}\
                """,
                """
                {"type": "vit", "patch": 4, "width": 48, "depth": %d, "heads": 4, "classes": 3%s}\
                """
                        .formatted(DEPTH, more));
    }

    private static ModelSpec spec(String input, String network) {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "small", "input": %s, "network": %s}
                        """
                                .formatted(input, network),
                        "small",
                        ModelSpec.class);
    }

    private static Table rank(ModelSpec spec, EngineChoice engine) {
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            Subject subject = Subject.random(network, 4, 4, 2, InspectionListener.NONE);
            return Inspection.run(subject, List.of(new Rank())).findings().get(0).table("layers");
        }
    }

    @EachEngine
    void attentionAloneCollapsesAndShortcutsDoNot(EngineChoice engine) {
        Table table = rank(vit(""), engine);
        assertEquals(DEPTH + 1, table.rows().size());
        for (String norm : List.of("", ", Frobenius")) {
            assertTrue(table.numbers("attention alone" + norm)[4] < 1e-3, norm);
            assertTrue(table.numbers("no shortcuts" + norm)[4] < 1e-3, norm);
            assertTrue(Arrays.stream(table.numbers("as is" + norm)).min().orElse(0) > 0.8, norm);
            assertTrue(
                    Arrays.stream(table.numbers("no feed-forward" + norm)).min().orElse(0) > 0.8,
                    norm);
        }
    }

    @EachEngine
    void postNormAndParallelUnitsHaveTheirFeedForwardRemoved(EngineChoice engine) {
        for (String placement : List.of("post", "parallel")) {
            Table table = rank(vit(", \"placement\": \"" + placement + "\""), engine);
            assertTrue(table.numbers("attention alone")[DEPTH] < 1e-3, placement);
            double whole = table.numbers("as is")[DEPTH];
            assertTrue(whole > 0.5, placement);
            assertTrue(Math.abs(table.numbers("no feed-forward")[DEPTH] - whole) > 1e-4, placement);
        }
    }

    /** The first token of causal attention reads itself alone, so that collapse is slower. */
    @EachEngine
    void causalAttentionCollapsesLater(EngineChoice engine) {
        Table table =
                rank(
                        spec(
                                """
                                {"type": "tokens", "length": 16, "vocabulary": 30}\
                                """,
                                """
                                {"type": "gpt", "vocabulary": 30, "width": 48, "depth": %d, "heads": 4}\
                                """
                                        .formatted(DEPTH)),
                        engine);
        double[] alone = table.numbers("attention alone");
        for (int layer = 1; layer <= DEPTH; layer++) {
            assertTrue(alone[layer] < alone[layer - 1], "layer " + layer);
        }
        assertTrue(table.numbers("as is")[DEPTH] > 0.8);
    }
}
