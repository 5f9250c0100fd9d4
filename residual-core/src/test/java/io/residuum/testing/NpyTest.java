package io.residuum.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NpyTest {
    @Test
    void readsTheReferenceLogits() {
        Npy logits = Npy.read(SharedData.require("cifar-resnet/resnet20_logits_test1017.npy"));
        assertArrayEquals(new int[] {1017, 10}, logits.shape());
        float[] values = logits.floats();
        assertEquals(10170, values.length);
        assertArrayEquals(
                new float[] {-5.309681f, -0.49577138f, 0.8772562f}, Arrays.copyOf(values, 3));
    }
}
