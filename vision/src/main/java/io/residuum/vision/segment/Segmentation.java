package io.residuum.vision.segment;

import io.residuum.engine.Interpolation;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.spatial.ResizeTo;
import io.residuum.vision.features.Backbone;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network that classifies every pixel: {@code (N, C, H, W) -> (N, classes, H, W)}. Its parts are
 * named {@code backbone}, {@code head} and {@code auxiliary}, its outputs {@code out} and {@code
 * aux}.
 *
 * @param backbone the features; the head reads the last ones
 * @param head the layers from the features to the logits, which are interpolated to the size of the
 *     image. Default: deeplabv3
 * @param auxiliary a second output for training, from an earlier feature. Default: none
 * @param classes the number of classes
 */
@WithBuilder
@TypeName("segmentation")
public record Segmentation(
        @Default("\"\"") String name,
        Backbone backbone,
        @Default("{\"type\": \"deeplabv3\"}") SegmentationHead head,
        @Nullable Auxiliary auxiliary,
        int classes)
        implements Family, SegmentationBuilder.With {

    /** The name of the logits. */
    public static final String OUT = "out";

    /** The name of the logits of the auxiliary head. */
    public static final String AUX = "aux";

    /**
     * A second head for training, on an earlier part of the backbone (Zhao et al. 2017,
     * arXiv:1612.01105, Section 4).
     *
     * @param part the part of the backbone that it reads
     * @param head its layers. Default: fcn with 256 channels
     */
    public record Auxiliary(
            String part,
            @Default("{\"type\": \"fcn\", \"channels\": 256}") SegmentationHead.Fcn head) {}

    public Segmentation {
        Check.positive("classes", classes);
        List<String> parts = backbone.parts();
        Check.that(
                head.reads() <= parts.size(),
                "backbone.parts must have the %s features that the head reads, got %s",
                head.reads(),
                parts);
        Check.that(
                auxiliary == null || parts.contains(auxiliary.part()),
                "auxiliary.part must be one of backbone.parts, %s, got \"%s\"",
                parts,
                auxiliary == null ? "" : auxiliary.part());
        List<String> unread = parts.subList(0, parts.size() - head.reads());
        Check.that(
                unread.stream().allMatch(p -> auxiliary != null && auxiliary.part().equals(p)),
                "backbone.parts must be read by a head, got %s without a reader: remove them",
                unread);
    }

    @Override
    public Segmentation withClasses(int value) {
        return with().classes(value).build();
    }

    @Override
    public LayerSpec expand() {
        List<String> features = backbone.outputs();
        List<LayerNode> nodes = new ArrayList<>();
        nodes.add(
                LayerNode.of(backbone.named("backbone"))
                        .from("input")
                        .to(features.toArray(String[]::new)));
        List<String> read = features.subList(features.size() - head.reads(), features.size());
        nodes.add(LayerNode.of(head.expand("head", classes)).from(read.toArray(String[]::new)));
        nodes.add(enlarged(OUT).from("head", "input"));
        if (auxiliary == null) {
            return new LayerGraph(name, Names.of("input"), nodes, Names.of(OUT));
        }
        String from = features.get(backbone.parts().indexOf(auxiliary.part()));
        nodes.add(LayerNode.of(auxiliary.head().expand("auxiliary", classes)).from(from));
        nodes.add(enlarged(AUX).from("auxiliary", "input"));
        return new LayerGraph(name, Names.of("input"), nodes, new Names(List.of(OUT, AUX)));
    }

    private static LayerNode enlarged(String name) {
        return LayerNode.of(new ResizeTo(name, Interpolation.Mode.BILINEAR, false));
    }
}
