package io.residuum.vision.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.files.JarText;
import io.residuum.json.JsonReader;
import io.residuum.model.Presets;
import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import io.residuum.spec.InputSpec;
import io.residuum.spec.Preset;
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
    void presetsThatTimmLacksHaveTheInputOfTorchvisionsDefaultWeights() {
        // Weights.DEFAULT.transforms() of torchvision 0.28, which crop 224 of 232 pixels.
        ImageResize resize = new ImageResize(0.965, Filter.BILINEAR, false);
        assertEquals(resize, input("mnasnet-130").resize());
        assertEquals(resize, input("mobilenet-v3-large").resize());
        assertEquals(List.of(3, 480, 480), input("efficientnet-v2-l").shape());
        assertEquals(List.of(0.5, 0.5, 0.5), input("efficientnet-v2-l").mean());
    }

    @Test
    void everyNameOfTheTableIsAPreset() {
        Set<String> presets = Presets.all().stream().map(Preset::name).collect(Collectors.toSet());
        String table = JarText.read(StandardInputs.class, "preset-inputs.json");
        List<String> unknown =
                JsonReader.parse(table, "preset-inputs.json").get("rows").items().stream()
                        .flatMap(row -> row.get("names").items().stream())
                        .flatMap(names -> Arrays.stream(names.string("").split(" ")))
                        .filter(name -> !presets.contains(name))
                        .toList();
        assertEquals(List.of(), unknown);
    }
}
