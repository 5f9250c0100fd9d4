package io.residuum.vision.detect;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.vision.features.Backbone;
import io.residuum.vision.features.Fpn;
import java.util.List;

/**
 * A RetinaNet (Lin et al. 2017, arXiv:1708.02002): the features of a network, a feature pyramid and
 * a head. Its parts are named {@code backbone}, {@code fpn} and {@code head}, its outputs are those
 * of {@link RetinaHead}.
 *
 * @param backbone the features, from fine to coarse
 * @param fpn the pyramid. Default: 3 features, 5 levels
 * @param head the head
 */
@TypeName("retinanet")
public record RetinaNet(
        @Default("\"\"") String name, Backbone backbone, @Default("{}") Fpn fpn, RetinaHead head)
        implements Family {
    public RetinaNet {
        Check.that(
                fpn.inputs() == backbone.parts().size(),
                "fpn.inputs must be the number of backbone.parts, %s, got %s",
                backbone.parts().size(),
                fpn.inputs());
        Check.that(
                head.levels() == fpn.levels(),
                "head.levels must be the %s levels of the fpn, got %s",
                fpn.levels(),
                head.levels());
    }

    @Override
    public RetinaNet withClasses(int value) {
        return new RetinaNet(name, backbone, fpn, head.withClasses(value));
    }

    @Override
    public LayerSpec expand() {
        String[] features = backbone.outputs().toArray(String[]::new);
        String[] levels = fpn.outputs().toArray(String[]::new);
        return new LayerGraph(
                name,
                Names.of("input"),
                List.of(
                        LayerNode.of(backbone.named("backbone")).from("input").to(features),
                        LayerNode.of(fpn.withName("fpn")).from(features).to(levels),
                        LayerNode.of(head.withName("head"))
                                .from(levels)
                                .to(RetinaHead.CLASSES, RetinaHead.BOXES)),
                new Names(List.of(RetinaHead.CLASSES, RetinaHead.BOXES)));
    }
}
