package io.residuum.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.residuum.files.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {

    private static Inspection costs(int units) {
        Finding found = UnitCosts.of(Specs.preactivation(units, 8, 6));
        return new Inspection("preact", "nothing", List.of(found), Map.of());
    }

    @Test
    void aPictureHasACurveForEachNetwork(@TempDir Path folder) throws IOException {
        Map<String, Inspection> networks = new LinkedHashMap<>();
        networks.put("deep", costs(5));
        networks.put("shallow", costs(2));
        Comparison both = new Comparison(networks);
        List<Figure> figures = both.figures("cost");
        assertEquals(List.of("parameters", "macs"), figures.stream().map(Figure::name).toList());
        Plot plot = figures.get(0).plot().orElseThrow();
        assertEquals(
                List.of("deep", "shallow"), plot.curves().stream().map(Plot.Curve::name).toList());
        assertEquals(List.of(5, 2), plot.curves().stream().map(c -> c.y().length).toList());
        both.write(folder);
        String page = Files.readString(folder.resolve("report.html"));
        assertTrue(page.contains("Numbers: shallow, units"), page);
        assertTrue(Files.exists(folder.resolve("2/cost-units.csv")));
        assertTrue(Files.readString(folder.resolve("cost-macs.svg")).contains("shallow"));
        var json =
                JsonMapper.builder().build().readTree(folder.resolve("inspection.json").toFile());
        assertEquals(5, json.at("/deep/cost/units").size());
        try (FolderLock other = FolderLock.acquire(folder, note -> {})) {
            for (Executable writer :
                    List.<Executable>of(() -> both.write(folder), () -> costs(2).write(folder))) {
                String message = assertThrows(IOException.class, writer).getMessage();
                assertTrue(message.contains("must have one writer at a time"), message);
            }
        }
    }
}
