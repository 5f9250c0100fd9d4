package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.residual.LayeredShortcut;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.Nets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static final ModelSpec SPEC =
            Nets.spec(
                    new Sequential(
                            "",
                            new Repeat("body", 3, Residual.of("", Conv2d.of(4, 3)), false),
                            new Repeat("tied", 2, Conv2d.of(4, 1).withName("conv"), true),
                            new GlobalAveragePool("pool"),
                            new Linear("fc", 5)),
                    4,
                    8,
                    8);

    private static final String EXPECTED =
            """
            test: input (N, 4, 8, 8)

            layer                         output                   parameters           MACs  activations
            body  Sequential              (N, 4, 8, 8)
              0..2  Residual x3           (N, 4, 8, 8)                    444         27,648      6.0 KiB
            tied  Repeat(2 times, tied)   (N, 4, 8, 8)
              0  Conv2d(4, 1x1, bias) x2  (N, 4, 8, 8)                     20          2,048      2.0 KiB
            pool  GlobalAveragePool       (N, 4)                                                     16 B
            fc  Linear(5)                 (N, 5)                           25             20         20 B

            489 parameters (1.9 KiB), 0 buffers, 29,716 MACs, 8.0 KiB of activations for one sample
            """;

    @Test
    void isATable() {
        List<String> lines =
                Summary.of(SPEC).toString().lines().map(String::stripTrailing).toList();
        assertEquals(EXPECTED.lines().toList(), lines);
    }

    @Test
    void manyEqualLayersAreOneRow() {
        Repeat body = new Repeat("body", 10_000, Residual.of("", Conv2d.of(4, 3)), false);
        Summary summary = Summary.of(Nets.spec(new Sequential("", body), 4, 8, 8));
        assertEquals(2, summary.rows().size());
        assertEquals(10_000 * 148L, summary.total().parameters());
    }

    @Test
    void networksOfTooManyLayersAreRefusedBeforeTheyAreBuilt() {
        Conv2d layer = Conv2d.of(4, 1);
        Repeat half = new Repeat("a", 60_000, layer, false);
        String message =
                assertThrows(
                                SpecException.class,
                                () -> new Repeat("b", 1_000_000_000, layer, false))
                        .getMessage();
        assertEquals("times must build at most 100000 layers, got 1000000001", message);
        assertThrows(SpecException.class, () -> new Repeat("", 2, half, false));
        ModelSpec both =
                Nets.spec(new Sequential("", half, new Repeat("b", 60_000, layer, false)), 4, 8, 8);
        message = assertThrows(SpecException.class, both::newBlock).getMessage();
        assertEquals("network must build at most 100000 layers, got 120003", message);
        assertEquals(2, new Repeat("", 1_000_000_000, layer, true).layerCount());
        ShortcutSpec shortcut = new ShortcutSpec.EachStream(2, new LayeredShortcut(List.of(half)));
        Residual unit = Residual.builder("", layer).shortcut(shortcut).build();
        assertEquals(60_008, unit.layerCount());
        assertEquals(8, unit.withLayers(any -> layer).layerCount());
    }

    @Test
    void foldsWhatLiesDeeper() {
        List<Summary.Row> rows = Summary.of(SPEC, 1).rows();
        assertEquals(4, rows.size());
        assertTrue(rows.stream().allMatch(Summary.Row::leaf));
        assertEquals(444, rows.get(0).cost().parameters());
    }

    @Test
    void aLayerThatDoesMoreThanItsChildrenHasFiguresOfItsOwn() {
        List<Summary.Row> rows =
                Summary.of(Nets.spec(Residual.of("", Conv2d.of(4, 3)), 4, 8, 8), 1).rows();
        assertEquals(List.of("", "branch"), rows.stream().map(Summary.Row::name).toList());
        assertEquals(4 * 4 * 8 * 8, rows.get(0).own().activationBytes(), "the sum");
        assertEquals(0, rows.get(0).own().parameters());
        assertEquals(148, rows.get(0).cost().parameters());
        assertEquals(148, rows.get(1).own().parameters());
    }
}
