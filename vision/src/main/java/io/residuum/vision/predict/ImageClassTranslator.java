package io.residuum.vision.predict;

import ai.djl.modality.Classifications;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.translator.ImageServingTranslator;
import ai.djl.translate.Translator;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.model.djl.TaskTranslator;
import io.residuum.spec.InputSpec;
import io.residuum.train.rows.RowHeader;
import java.util.Optional;

/** Creates translators of images to classes for models that DJL loads. */
public final class ImageClassTranslator implements TaskTranslator<Image, Classifications> {

    @Override
    public Class<Image> input() {
        return Image.class;
    }

    @Override
    public Class<Classifications> output() {
        return Classifications.class;
    }

    @Override
    public Optional<Translator<Image, Classifications>> open(
            ModelSource source, Network network, OwnedResources owned) {
        boolean classifies =
                network.spec().input() instanceof InputSpec.Image
                        && network.outputShape().dimension() == 2
                        && RowHeader.isClassifier(
                                network.metadata(),
                                network.outputShapes().keySet().iterator().next());
        return classifies
                ? Optional.of(ImageClassifier.of(network).translator())
                : Optional.empty();
    }

    @Override
    public Translator<Input, Output> serving(Translator<Image, Classifications> translator) {
        return new ImageServingTranslator(translator);
    }
}
