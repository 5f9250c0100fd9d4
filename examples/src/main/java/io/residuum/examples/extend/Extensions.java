package io.residuum.examples.extend;

import io.residuum.spec.RecordProvider;
import java.util.List;

/**
 * Registers the records of this package for JSON and the command line. A jar names this class in
 * {@code META-INF/services/io.residuum.spec.RecordProvider}.
 */
public final class Extensions implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                Signum.class,
                InverseSquareRoot.class,
                Squareplus.class,
                ScaleNorm.class,
                VerticalFlip.class,
                StopAtAccuracy.class,
                Within.class,
                Sine.class);
    }
}
