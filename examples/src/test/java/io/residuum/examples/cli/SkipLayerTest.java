package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A linear part beside a hidden layer learns a linear function exactly. */
class SkipLayerTest {
    @TempDir private Path temp;

    /** Writes 200 rows of y = 3 a - 2 b + c / 2 + d + 7, which has a standard deviation of 10. */
    private void linear() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        StringBuilder rows = new StringBuilder("a,b,c,d,y\n");
        for (int i = 0; i < 200; i++) {
            // Multiples of 1/64 and their sums are exact.
            double[] x = random.ints(4, 0, 640).mapToDouble(n -> n / 64.0).toArray();
            double y = 3 * x[0] - 2 * x[1] + x[2] / 2 + x[3] + 7;
            rows.append("%s,%s,%s,%s,%s%n".formatted(x[0], x[1], x[2], x[3], y));
        }
        Files.writeString(temp.resolve("linear.csv"), rows);
    }

    private static double error(String[] command) {
        Cli cli = Cli.ok(command);
        Matcher found = Pattern.compile("RMSE ([0-9.e-]+)").matcher(cli.out());
        assertTrue(found.find(), cli.out());
        return Double.parseDouble(found.group(1));
    }

    /** The commands of the results: skip-layer, cross-coupled and with a hidden layer alone. */
    @Test
    void theLinearPartIsExact() throws IOException {
        linear();
        List<String[]> commands = GuideCommands.of("results.md", "skip-layer", temp);
        assertEquals(3, commands.size());
        assertTrue(error(commands.get(0)) < 1e-5);
        assertTrue(error(commands.get(1)) < 1e-5);
        assertTrue(error(commands.get(2)) > 1e-2);
        String report = Files.readString(temp.resolve("runs/skip/report.html"));
        assertTrue(report.contains("Prediction over true values"), "no figure of predictions");
    }
}
