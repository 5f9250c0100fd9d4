package io.residuum.examples.extend;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.TypeName;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleSource;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A data source: points of a sine over [0, 1].
 *
 * @param frequency the number of periods. Default: 1
 * @param points the number of samples, positive. Default: 1000
 */
@TypeName("sine")
@Doc("Points of a sine over [0, 1].")
public record Sine(@Default("1.0") double frequency, @Default("1000") int points)
        implements SampleSource {
    public Sine {
        Check.positive("points", points);
    }

    @Override
    public SampleSplits open(ModelSpec spec, double share) {
        Samples all = Samples.of(IntStream.range(0, points).mapToObj(this::point).toList());
        return SampleSplits.holdingOut("a sine", all, Optional.empty(), share);
    }

    private Sample point(int index) {
        double x = (double) index / points;
        double y = Math.sin(2 * Math.PI * frequency * x);
        return Sample.of(Tensor.numbers((float) x), Tensor.numbers((float) y));
    }
}
