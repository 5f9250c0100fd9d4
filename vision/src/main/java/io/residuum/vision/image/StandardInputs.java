package io.residuum.vision.image;

import io.residuum.spec.InputSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.json.PresetInputs;
import java.util.List;

/** Describes the inputs of published networks: image size, mean and standard deviation. */
public final class StandardInputs {

    /** 224x224 pixels, with the mean and standard deviation of ImageNet's training set. */
    public static final InputSpec IMAGENET =
            new InputSpec.Image(
                    List.of(3, 224, 224),
                    List.of(0.485, 0.456, 0.406),
                    List.of(0.229, 0.224, 0.225));

    /** 299x299 pixels, with values from -1 to 1, as in the networks of Szegedy et al. */
    public static final InputSpec INCEPTION = symmetric(299);

    /** 32x32 pixels, with the mean and standard deviation of CIFAR-10's training set. */
    public static final InputSpec CIFAR =
            new InputSpec.Image(
                    List.of(3, 32, 32),
                    List.of(0.4914, 0.4822, 0.4465),
                    List.of(0.2470, 0.2435, 0.2616));

    /** The inputs of timm's default weights, and of torchvision's networks that timm lacks. */
    private static final class Published {
        private static final PresetInputs TABLE =
                PresetInputs.read(StandardInputs.class, "preset-inputs.json");

        private Published() {}
    }

    private StandardInputs() {}

    /**
     * {@return the presets with the image size, mean, standard deviation and resizing of timm's
     * default weights, where these differ}
     *
     * @param presets presets, of which only those with weights in timm or torchvision change
     */
    public static List<Preset> published(List<Preset> presets) {
        return Published.TABLE.applyTo(presets);
    }

    /**
     * {@return square images with the mean and standard deviation of ImageNet}
     *
     * @param size the height and width
     */
    public static InputSpec imagenet(int size) {
        InputSpec.Image usual = (InputSpec.Image) IMAGENET;
        return new InputSpec.Image(List.of(3, size, size), usual.mean(), usual.std());
    }

    /**
     * {@return square images with values from -1 to 1}
     *
     * @param size the height and width
     */
    public static InputSpec symmetric(int size) {
        List<Double> half = List.of(0.5, 0.5, 0.5);
        return new InputSpec.Image(List.of(3, size, size), half, half);
    }

    /**
     * {@return square images with the mean and standard deviation of CLIP's training images}
     *
     * @param size the height and width
     */
    public static InputSpec clip(int size) {
        return new InputSpec.Image(
                List.of(3, size, size),
                List.of(0.48145466, 0.4578275, 0.40821073),
                List.of(0.26862954, 0.26130258, 0.27577711));
    }
}
