package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.residuum.loss.BinaryCrossEntropyLoss;
import io.residuum.loss.CrossEntropyLoss;
import io.residuum.residual.ShortcutSpec;
import io.residuum.residual.stream.Average;
import io.residuum.spec.InputSpec;
import io.residuum.spec.graph.Names;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Padding2d;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import io.residuum.spec.layers.spatial.Permute;
import io.residuum.spec.layers.spatial.Reshape;
import io.residuum.train.distill.Distillation;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.branch.RotaryScaling;
import io.residuum.transformer.family.DecoderHead;
import io.residuum.vision.augment.CutMix;
import io.residuum.vision.augment.Mixup;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares constructors with fewer arguments with the defaults of JSON. Compact JSON omits
 * defaults, so that it holds the arguments alone.
 */
class ShortConstructorsTest {
    @ParameterizedTest
    @MethodSource("records")
    void omittedArgumentsAreDefaults(Record record, String arguments) {
        String json = SpecJson.standard().compact(record);
        assertEquals(arguments, json.replaceFirst("\"type\":\"[^\"]*\",?", "").replace('"', '\''));
    }

    private static Stream<Arguments> records() {
        InitSpec init = new InitSpec.XavierNormal();
        return Stream.of(
                arguments(new Linear("a", 3), "{'name':'a','units':3}"),
                arguments(new GlobalAveragePool("a"), "{'name':'a'}"),
                arguments(
                        new MaxPool2d("a", Size2d.of(3), Size2d.of(3), Padding2d.of(1)),
                        "{'name':'a','kernel':3,'stride':3,'padding':1}"),
                arguments(
                        new SqueezeExcitation("a", 4, init),
                        "{'name':'a','reduction':4,'init':'xavierNormal'}"),
                arguments(
                        new SqueezeExcitation("a", 4, true, init),
                        "{'name':'a','reduction':4,'shift':true,'init':'xavierNormal'}"),
                arguments(
                        new WeightStandardizedConv2d("a", Conv2d.of(8, 1), 1e-5),
                        "{'name':'a','conv':{'filters':8,'kernel':1},'eps':1e-5}"),
                arguments(new Permute("a", List.of(2, 1)), "{'name':'a','order':[2,1]}"),
                arguments(new Reshape("a", List.of(2, 3)), "{'name':'a','shape':[2,3]}"),
                arguments(new NormSpec.OfLayer(1e-3, 0.5), "{'eps':0.001,'init':0.5}"),
                arguments(new NormSpec.Rms(1e-3, 0.5), "{'eps':0.001,'init':0.5}"),
                arguments(
                        new ShortcutSpec.StandardizedProjection(2, 1e-5),
                        "{'gamma':2.0,'eps':1e-5}"),
                arguments(
                        new Average("a", Names.of("x"), List.of(2.0, 3.0)),
                        "{'name':'a','of':['x'],'init':[2.0,3.0]}"),
                arguments(new InputSpec.Features(List.of(4)), "{'shape':[4]}"),
                arguments(new CrossEntropyLoss(2, 0.1), "{'weight':2.0,'labelSmoothing':0.1}"),
                arguments(
                        new BinaryCrossEntropyLoss(2, List.of(3.0)),
                        "{'weight':2.0,'posWeights':[3.0]}"),
                arguments(new Distillation("t"), "{'teacher':'t'}"),
                arguments(
                        new PositionSpec.Rotary(500, true, new RotaryScaling.Linear(2)),
                        "{'base':500.0,'interleaved':true,"
                                + "'scaling':{'type':'linear','factor':2.0}}"),
                arguments(
                        new PositionSpec.RelativeNetwork(Size2d.of(4), Size2d.of(2), 8),
                        "{'grid':4,'trained':2,'width':8}"),
                arguments(new PositionSpec.Alibi(), "{}"),
                arguments(new DecoderHead.Lm(), "{}"),
                arguments(new Mixup(0.3), "{'alpha':0.3}"),
                arguments(new CutMix(0.3), "{'alpha':0.3}"));
    }
}
