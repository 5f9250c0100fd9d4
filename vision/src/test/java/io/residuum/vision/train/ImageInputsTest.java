package io.residuum.vision.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.spec.ModelSpec;
import io.residuum.train.Tiny;
import io.residuum.vision.image.Normalize;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageInputsTest {
    @Test
    void aNetworksOwnNormalizationStays() {
        Normalize own = new Normalize(List.of(0.5), List.of(2.0));
        ModelSpec spec = ImageInputs.normalizedBy(Tiny.network(), own);
        assertEquals(Optional.of(own), ImageInputs.normalization(spec));
        assertEquals(
                spec, ImageInputs.normalizedBy(spec, new Normalize(List.of(0.1), List.of(1.0))));
    }
}
