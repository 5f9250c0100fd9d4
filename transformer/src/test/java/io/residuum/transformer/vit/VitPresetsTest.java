package io.residuum.transformer.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Cost;
import io.residuum.spec.Preset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VitPresetsTest {
    private static final List<Preset> PRESETS = new VitPresets().presets();

    // As counted on timm, at least one for each kind of settings.
    @ParameterizedTest
    @CsvSource({
        "vit-small-patch8-224, 21670272",
        "vit-gigantic-patch14-clip-224, 1844908544",
        "vit-medium-patch16-gap-240, 44396589",
        "vit-wee-patch16-reg1-gap-256, 13422568",
        "vit-so150m-patch16-reg4-map-256, 141481064",
        "vit-so150m2-patch16-reg1-gap-256, 136059560",
        "vit-so400m-patch14-siglip-384, 428225600",
        "vit-intern300m-patch14-448, 304012288",
        "vit-giant-patch14-reg4-dinov2, 1136483840",
        "vit-small-plus-patch16-dinov3, 28683264",
        "vit-7b-patch16-dinov3, 6716030976",
        "vit-small-patch16-rope-224, 21984232",
        "vit-pe-core-large-patch14-336, 317152256",
        "vit-relpos-base-patch16-rpn-224, 86411128",
        "deit3-huge-patch14-224, 632126440",
        "beit-large-patch16-512, 305674728",
        "beitv2-base-patch16-224, 86530984",
        "beit3-giant-patch14-224, 1013215592",
        "eva-giant-patch14-224, 1012555112",
        "eva02-tiny-patch14-336, 5756584",
        "eva02-base-patch14-448, 87117544",
        "eva02-large-patch14-clip-336, 304432832",
        "eva02-enormous-patch14-clip-224, 4350556928"
    })
    void hasTheParametersOfTimm(String name, long parameters) {
        Preset preset =
                PRESETS.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
        assertEquals(parameters, Cost.of(preset.spec().newBlock()).parameters());
    }

    @Test
    void namesAreDistinctAndCited() {
        Set<String> names = new HashSet<>();
        for (Preset preset : PRESETS) {
            assertTrue(names.add(preset.name()), preset.name());
            assertTrue(preset.citation().matches(".*\\b20\\d\\d.*"), preset.name());
        }
    }
}
