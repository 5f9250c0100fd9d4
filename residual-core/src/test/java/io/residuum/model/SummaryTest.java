package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.Conv2d;
import io.residuum.spec.GlobalAveragePool;
import io.residuum.spec.Linear;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Repeat;
import io.residuum.spec.Residual;
import io.residuum.spec.Sequential;
import io.residuum.testing.Nets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private static final ModelSpec SPEC =
            Nets.spec(
                    new Sequential(
                            "",
                            new Repeat("body", 3, Residual.of("", Conv2d.of(4, 3)), false),
                            new Repeat("tied", 2, Conv2d.of(4, 1).named("conv"), true),
                            new GlobalAveragePool("pool"),
                            new Linear("fc", 5)),
                    4,
                    8,
                    8);

    @Test
    void isATable() {
        List<String> lines =
                Summary.of(SPEC).toString().lines().map(String::stripTrailing).toList();
        assertEquals(
                List.of(
                        "test: input (N, 4, 8, 8)",
                        "",
                        "layer                         output                   parameters         "
                                + "  MACs",
                        "body  Sequential              (N, 4, 8, 8)",
                        "  0..2  Residual x3           (N, 4, 8, 8)                    444        "
                                + " 27,648",
                        "tied  Repeat(2 times, tied)   (N, 4, 8, 8)",
                        "  0  Conv2d(4, 1x1, bias) x2  (N, 4, 8, 8)                     20         "
                                + " 2,048",
                        "pool  GlobalAveragePool       (N, 4)",
                        "fc  Linear(5)                 (N, 5)                           25         "
                                + "    20",
                        "",
                        "489 parameters (1.9 KiB), 0 buffers, 29,716 MACs, 8.0 KiB of activations"
                                + " for one sample"),
                lines);
    }

    @Test
    void foldsWhatLiesDeeper() {
        List<Summary.Row> rows = Summary.of(SPEC, 1).rows();
        assertEquals(4, rows.size());
        assertTrue(rows.stream().allMatch(Summary.Row::leaf));
        assertEquals(444, rows.get(0).cost().parameters());
    }
}
