package io.residuum.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AllReduceCostTest {
    private static final Map<String, Long> NETWORKS =
            new TreeMap<>(Map.of("resnet50", 25_557_032L, "gpt2", 124_439_808L));

    /** What Ethernet carries beside headers, about 90 %. */
    private static final double[] GIGABITS = {10, 100};

    private static final double USED = 0.9;
    private static final double LATENCY = 1e-4;

    @Test
    void twoWorkersSendAllGradientsOnce() {
        AllReduceCost cost = new AllReduceCost(1_000_000, 8, 0.001);
        // Half to the other, then the sum of half: 4 MB at 1 GB/s, and two messages.
        assertEquals(0.004 + 0.002, cost.seconds(2), 1e-12);
        assertEquals(0, cost.seconds(1), 0);
        assertEquals(0.25, cost.efficiency(2, 0.002), 1e-12);
    }

    /** Bytes a worker approach twice the gradients; messages grow with the workers. */
    @Test
    void theTableOfTheGuideIsComputed() throws IOException {
        StringBuilder table = new StringBuilder();
        NETWORKS.forEach(
                (network, parameters) -> {
                    for (double gigabits : GIGABITS) {
                        table.append("| %s | %.0f Gbit/s |".formatted(network, gigabits));
                        AllReduceCost cost =
                                new AllReduceCost(parameters, USED * gigabits, LATENCY);
                        for (int workers : new int[] {8, 64, 512}) {
                            table.append(
                                    String.format(
                                            Locale.ROOT,
                                            " %.0f (%.0f %%) |",
                                            cost.seconds(workers) * 1000,
                                            cost.efficiency(workers, 1) * 100));
                        }
                        table.append('\n');
                    }
                });
        String guide = Files.readString(Path.of("../../docs/spark.md"));
        assertTrue(guide.contains(table), "docs/spark.md must have the table\n" + table);
    }
}
