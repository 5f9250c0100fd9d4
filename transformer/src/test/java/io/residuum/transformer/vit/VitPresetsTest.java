package io.residuum.transformer.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.files.JarText;
import io.residuum.json.JsonReader;
import io.residuum.model.Cost;
import io.residuum.model.Presets;
import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import io.residuum.spec.InputSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.transformer.family.TransformerPresets;
import io.residuum.transformer.mixer.MixerPresets;
import io.residuum.transformer.window.WindowPresets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VitPresetsTest {
    private static final List<Preset> PRESETS = new VitPresets().presets();

    // As counted on timm, at least one for each kind of settings.
    @ParameterizedTest
    @CsvSource({
        "vit-small-patch8-224, 21670272",
        "vit-gigantic-patch14-clip-224, 1844908544",
        "vit-tiny-patch16-384, 5790376",
        "deit-base-distilled-patch16-384, 87630032",
        "deit3-small-patch16-384, 22205416",
        "test-vit, 371240",
        "test-vit2, 455720",
        "test-vit3, 930280",
        "test-vit4, 1020520",
        "vit-base-patch14-reg1-tipsv2, 86314752",
        "vit-giant-patch14-reg1-tipsv2, 1135949312",
        "vit-so400m-patch14-reg1-tipsv2, 413391600",
        "vit-small-patch16-lingbot, 21596160",
        "vit-giant-patch16-lingbot, 1134473216",
        "vit-pe-spatial-tiny-patch16-512, 5683200",
        "vit-pe-spatial-large-patch14-448, 303964160",
        "vit-pe-lang-large-patch14-448, 291415040",
        "vit-pe-spatial-gigantic-patch14-448, 1851887104",
        "vit-pe-lang-gigantic-patch14-448, 1740922624",
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
        "vit-small-patch16-18x2-224, 64665448",
        "vit-base-patch16-18x2-224, 256731880",
        "vit-pwee-patch16-reg1-gap-256, 15253480",
        "vit-base-patch16-xp-224, 86512360",
        "vit-huge-patch14-xp-224, 631802600",
        "vit-small-patch16-rope-mixed-224, 21988840",
        "vit-small-patch16-rope-mixed-ape-224, 22064104",
        "vit-base-patch16-rope-mixed-224, 86444008",
        "vit-large-patch16-rope-mixed-ape-224, 304399336",
        "vit-relpos-medium-patch16-cls-224, 38764616",
        "vit-relpos-base-patch16-cls-224, 86430328",
        "vit-relpos-base-patch16-clsgap-224, 86430328",
        "vit-srelpos-small-patch16-224, 21973486",
        "vit-srelpos-medium-patch16-224, 38735856",
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

    @ParameterizedTest
    @ValueSource(
            classes = {
                VitPresets.class,
                TransformerPresets.class,
                WindowPresets.class,
                MixerPresets.class
            })
    void everyNameOfATableOfInputsIsAPresetOfItsProvider(Class<? extends PresetProvider> provider)
            throws ReflectiveOperationException {
        Set<String> presets =
                provider.getConstructor().newInstance().presets().stream()
                        .map(Preset::name)
                        .collect(Collectors.toSet());
        String table = JarText.read(provider, "inputs.json");
        List<String> unknown =
                JsonReader.parse(table, "inputs.json").get("rows").items().stream()
                        .flatMap(row -> row.get("names").items().stream())
                        .flatMap(names -> Arrays.stream(names.string("").split(" ")))
                        .filter(name -> !presets.contains(name))
                        .toList();
        assertEquals(List.of(), unknown);
    }

    @Test
    void presetsHaveTheInputOfTimmsDefaultWeights() {
        // timm.get_pretrained_cfg of timm 1.0.29.
        InputSpec.Image siglip = input("vit-base-patch16-siglip-512");
        assertEquals(new ImageResize(0.9, Filter.BICUBIC, false), siglip.resize());
        InputSpec.Image clip = input("vit-large-patch14-clip-224");
        assertEquals(List.of(0.5, 0.5, 0.5), clip.mean());
        assertEquals(new ImageResize(1, Filter.BICUBIC, false), clip.resize());
    }

    @Test
    void presetsThatTimmLacksHaveTheInputOfTorchvisionsWeights() {
        // torchvision 0.28 crops 224 of 242 pixels; SWAG's linear head reads whole squares.
        assertEquals(new ImageResize(0.925, Filter.BILINEAR, false), input("vit-l-16").resize());
        assertEquals(new ImageResize(1, Filter.BICUBIC, false), input("vit-h-14").resize());
    }

    private static InputSpec.Image input(String preset) {
        return (InputSpec.Image) Presets.find(preset).orElseThrow().spec().input();
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
