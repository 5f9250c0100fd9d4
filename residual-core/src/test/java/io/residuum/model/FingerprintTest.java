package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.residuum.residual.DropPathSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBuilder;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.testing.Nets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FingerprintTest {
    private static final ModelSpec PLAIN = Nets.spec(unit().build(), 4, 8, 8);

    private static ResidualBuilder unit() {
        return Residual.builder("", Conv2d.of(4, 3));
    }

    @Test
    void isTheSameUnderAnotherName() {
        ModelSpec renamed = new ModelSpec("another", PLAIN.input(), PLAIN.network());
        assertEquals(ModelFiles.fingerprint(PLAIN), ModelFiles.fingerprint(renamed));
        assertEquals(64, ModelFiles.fingerprint(PLAIN).length());
    }

    static Stream<ModelSpec> others() {
        Stream<LayerSpec> layers =
                Stream.of(
                        unit().scale(new ScaleSpec.Learned(0, false)).build(),
                        unit().dropPath(DropPathSpec.of(0.1)).build(),
                        Residual.of("", Conv2d.of(4, 3).withName("conv")),
                        Residual.of("", Conv2d.of(4, 1)),
                        new Normalization("", NormSpec.BATCH),
                        new Normalization("", new NormSpec.Batch(1e-4, 0.1, 1)));
        return Stream.concat(
                layers.map(l -> Nets.spec(l, 4, 8, 8)),
                Stream.of(Nets.spec(unit().build(), 4, 9, 8)));
    }

    @ParameterizedTest
    @MethodSource("others")
    void tellsNetworksApart(ModelSpec other) {
        assertNotEquals(ModelFiles.fingerprint(PLAIN), ModelFiles.fingerprint(other));
    }
}
