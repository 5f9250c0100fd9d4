package io.residuum.vision.detect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.loss.Loss;
import io.residuum.loss.LossException;
import io.residuum.loss.LossSpec;
import io.residuum.loss.Target;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import org.junit.jupiter.api.Test;

/** Losses of detection and their gradients against PyTorch and torchvision 0.28. */
class DetectionLossesTest {
    private static final double TOLERANCE = 2e-6;

    private static void check(
            EngineChoice engine,
            LossSpec spec,
            Target target,
            float[] output,
            Shape shape,
            double count,
            double sum,
            double... gradient) {
        Loss loss = spec.of(target, shape, DataType.FLOAT32);
        assertEquals(count, loss.count(), 0);
        try (NDManager manager = Engines.backend(engine).newManager()) {
            NDArray x = Values.create(manager, output, shape, DataType.FLOAT32);
            x.setRequiresGradient(true);
            float found;
            try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
                NDArray y = loss.sum(x);
                found = Values.floats(y)[0];
                collector.backward(y);
            }
            assertEquals(sum, found, TOLERANCE * Math.max(1, Math.abs(sum)));
            float[] gradients = Values.floats(x.getGradient());
            for (int i = 0; i < gradient.length; i++) {
                assertEquals(gradient[i], gradients[i], TOLERANCE, "gradient " + i);
            }
        }
    }

    /** The third label is the background, the last does not count. */
    @EachEngine
    void focalEqualsTorchvision(EngineChoice engine) {
        float[] logits = {0.5f, -1, 2, 3, -2, 0.1f, -0.3f, 0.7f, -4, 1, 1, 1};
        check(
                engine,
                new FocalLoss(1, 0.25, 2),
                new Target.Classes(new int[] {2, 3, 0, -1}),
                logits,
                new Shape(1, 4, 3),
                2,
                2.9703288078308105,
                0.3946138620376587,
                0.03943584859371185,
                -0.0012177361641079187,
                0.8450624346733093,
                0.0036532063968479633,
                0.25469595193862915,
                -0.10737660527229309,
                0.4688953757286072,
                1.3012890121899545e-05,
                0,
                0,
                0);
    }

    private static final float[] WANTED = {
        0,
        0.1f,
        -0.22314353f,
        0.47000366f,
        2.625f,
        2.625f,
        0.22314355f,
        0.22314355f,
        0,
        -0.1f,
        0.40546513f,
        -0.35667497f,
        Float.NaN,
        Float.NaN,
        Float.NaN,
        Float.NaN
    };
    private static final float[] FOUND = {
        0.1f, -0.2f, 0.3f, -0.1f, 0.5f, 0.4f, -0.3f, 0.2f, 0, 0.1f, 0.2f, 0.3f, 9, 9, 9, 9
    };

    private static void boxes(
            EngineChoice engine, BoxLoss.Kind kind, double sum, double... gradient) {
        Shape shape = new Shape(1, 4, 4);
        check(
                engine,
                new BoxLoss(1, kind, 1.0 / 9),
                new Target.Numbers(WANTED, shape),
                FOUND,
                shape,
                3,
                sum,
                gradient);
    }

    /** The anchors of torchvision's numbers are oblong; the loss does not need them. */
    @EachEngine
    void boxesEqualTorchvision(EngineChoice engine) {
        boxes(
                engine,
                BoxLoss.Kind.GIOU,
                3.166961193084717,
                0,
                0,
                0.5373179912567139,
                -0.5236114859580994,
                -0.07322194427251816,
                -0.06602199375629425,
                -0.05666845291852951,
                -0.043470799922943115,
                0,
                0,
                -0.6560982465744019,
                0.5109877586364746,
                0,
                0,
                0,
                0);
        boxes(engine, BoxLoss.Kind.L1, 7.451574325561523);
        boxes(engine, BoxLoss.Kind.SMOOTH_L1, 6.87584114074707);
    }

    @Test
    void refusesOtherTargets() {
        Shape rows = new Shape(1, 2, 4);
        LossException e =
                assertThrows(
                        LossException.class,
                        () ->
                                new FocalLoss(1, 0.25, 2)
                                        .of(
                                                new Target.Classes(new int[] {5, 0}),
                                                rows,
                                                DataType.FLOAT32));
        assertTrue(e.getMessage().contains("labels must be in [0, 4), 4 for the background"));
        assertThrows(
                LossException.class,
                () ->
                        new BoxLoss(1, BoxLoss.Kind.L1, 1)
                                .of(new Target.Classes(new int[2]), rows, DataType.FLOAT32));
        assertThrows(
                LossException.class,
                () -> new FocalLoss(1, 0.25, 2).of(null, rows, DataType.FLOAT32));
    }
}
