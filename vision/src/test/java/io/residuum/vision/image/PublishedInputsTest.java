package io.residuum.vision.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.Presets;
import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import io.residuum.spec.InputSpec;
import io.residuum.spec.Preset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PublishedInputsTest {

    private static InputSpec.Image input(String preset) {
        return (InputSpec.Image) Presets.find(preset).orElseThrow().spec().input();
    }

    @Test
    void presetsHaveTheInputOfTimmsDefaultWeights() {
        // timm.get_pretrained_cfg of timm 1.0.29.
        InputSpec.Image usual = (InputSpec.Image) StandardInputs.IMAGENET;
        assertEquals(new ImageResize(0.95, Filter.BICUBIC, false), input("resnet50").resize());
        assertEquals(usual.mean(), input("resnet50").mean());
        assertEquals(List.of(3, 176, 176), input("resnet10t").shape());
        assertEquals(List.of(0.5, 0.5, 0.5), input("efficientnet-b1").mean());
        assertEquals(0.48145466, input("convnext-xxlarge").mean().get(0));
        assertEquals(new ImageResize(0.9, Filter.BICUBIC, true), input("dm-nfnet-f0").resize());
    }

    @Test
    void everyNameOfTheTableIsAPreset() throws IOException {
        Set<String> presets = Presets.all().stream().map(Preset::name).collect(Collectors.toSet());
        try (InputStream in = StandardInputs.class.getResourceAsStream("preset-inputs.json")) {
            Json table =
                    JsonReader.parse(
                            new String(in.readAllBytes(), StandardCharsets.UTF_8), "table");
            List<String> unknown =
                    table.get("rows").items().stream()
                            .flatMap(row -> row.get("names").items().stream())
                            .flatMap(names -> Arrays.stream(names.string("").split(" ")))
                            .filter(name -> !presets.contains(name))
                            .toList();
            assertEquals(List.of(), unknown);
        }
    }
}
