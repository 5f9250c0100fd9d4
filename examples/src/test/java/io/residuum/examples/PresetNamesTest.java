package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.model.Presets;
import io.residuum.spec.Preset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Names of timm and torchvision, for presets of any module. */
class PresetNamesTest {

    @Test
    void namesAreDistinctAndFound() {
        List<String> names = Presets.all().stream().map(Preset::name).toList();
        assertEquals(names, names.stream().distinct().toList());
        assertEquals(
                names,
                names.stream().map(name -> Presets.find(name).orElseThrow().name()).toList());
    }

    @Test
    void everyNameOfAnotherLibraryFindsAPreset() {
        Stream<String> timm =
                Stream.of(
                        "vit_tiny_patch16_224 vit_base_patch16_224 deit_tiny_patch16_224",
                        "deit_base_distilled_patch16_384 deit3_small_patch16_224",
                        "cait_xxs24_224 cait_m48_448 swin_tiny_patch4_window7_224",
                        "swinv2_base_window8_256 vit_small_patch14_reg4_dinov2 flexivit_large");
        Stream<String> torchvision =
                Stream.of(
                        "mobilenet_v2 mnasnet0_5 mnasnet1_3 swin_v2_b vit_h_14",
                        "regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf regnet_x_8gf",
                        "regnet_x_16gf regnet_x_32gf regnet_y_400mf regnet_y_800mf regnet_y_1_6gf",
                        "regnet_y_3_2gf regnet_y_8gf regnet_y_16gf regnet_y_32gf regnet_y_128gf");
        List<String> unknown =
                Stream.concat(timm, torchvision)
                        .flatMap(names -> Stream.of(names.split(" ")))
                        .filter(name -> Presets.find(name).isEmpty())
                        .toList();
        assertEquals(List.of(), unknown);
        assertEquals("vit-ti-16", Presets.find("ViT_tiny_patch16_224").map(Preset::name).get());
    }
}
