package io.residuum.transformer.window;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowPresetsTest {

    // As counted on torchvision and timm.
    @ParameterizedTest
    @CsvSource({
        "swin-t, 28288354",
        "swin-s, 49606258",
        "swin-b, 87768224",
        "swin-base-patch4-window12-384, 87903584",
        "swin-large-patch4-window12-384, 196735516",
        "swinv2-base-window12-192, 109280841",
        "swinv2-base-window12to24-192to384, 87918816",
        "swinv2-large-window12to16-192to256, 196739932",
        "swinv2-small-window16-256, 49728418",
        "swinv2-t, 28347154",
        "swinv2-cr-tiny-224, 28332124",
        "swinv2-cr-tiny-ns-224, 28333468",
        "swinv2-cr-small-384, 49695100",
        "swinv2-cr-small-ns-256, 49696444",
        "swinv2-cr-base-ns-224, 87879256",
        "swinv2-cr-large-384, 196682512",
        "swinv2-cr-huge-224, 657829928",
        "swinv2-cr-huge-384, 657938780",
        "swin-s3-tiny-224, 28328674",
        "swin-s3-base-224, 71125762",
    })
    void numberOfParameters(String name, long expected) {
        ModelSpec spec =
                new WindowPresets()
                        .presets().stream()
                                .filter(preset -> preset.name().equals(name))
                                .map(Preset::spec)
                                .findFirst()
                                .orElseThrow();
        Layer block = spec.newBlock();
        long count =
                block.namedParameters().values().stream()
                        .mapToLong(parameter -> parameter.getShape().size())
                        .sum();
        assertEquals(expected, count);
    }
}
