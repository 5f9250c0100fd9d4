package io.residuum.vision.huggingface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Cost;
import io.residuum.model.ModelSource;
import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import io.residuum.spec.InputSpec;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvolutionalReaderTest {
    @TempDir Path folder;

    private ModelSource read(String json) throws IOException {
        String text = json.replace('\'', '"');
        return ModelSource.of(Files.writeString(folder.resolve("config.json"), text));
    }

    // Parameters of transformers 5.18 with its defaults and 1000 classes; EfficientNet is B0.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'model_type': 'resnet' | 25557032",
                "{'model_type': 'regnet' | 20646656",
                "{'model_type': 'convnext' | 28589128",
                "{'model_type': 'convnextv2' | 28635496",
                "{'model_type': 'mobilenet_v2' | 3504872",
                "{'model_type': 'efficientnet', 'width_coefficient': 1, 'depth_coefficient': 1,"
                        + " 'hidden_dim': 1280, 'image_size': 224 | 5288548"
            })
    void defaultsAreTheNetworksOfTransformers(String settings, long parameters) throws IOException {
        ModelSource source = read(settings + ", 'num_labels': 1000}");
        assertEquals(parameters, Cost.of(source.spec().newBlock()).parameters());
        assertEquals(List.of(), source.warnings());
    }

    @Test
    void classesAndNormalizationAreRead() throws IOException {
        Files.writeString(
                folder.resolve("preprocessor_config.json"),
                "{\"image_mean\": [0.1, 0.2, 0.3], \"image_std\": [1, 2, 3]}");
        ModelSource source =
                read(
                        "{'model_type': 'resnet', 'id2label': {'0': 'cat', '1': 'dog'}, 'flux': 1,"
                                + " 'return_dict': true}");
        assertEquals(List.of("cat", "dog"), source.metadata().classNames());
        InputSpec.Image input = (InputSpec.Image) source.spec().input();
        assertEquals(List.of(0.1, 0.2, 0.3), input.mean());
        assertEquals(List.of(1.0, 2.0, 3.0), input.std());
        assertEquals(1, source.warnings().size());
        assertTrue(source.warnings().get(0).contains("flux"), source.warnings().toString());
    }

    // The defaults of the processors of ConvNeXt, ViT, CLIP, MobileNetV2 and DeiT.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'size': {'shortest_edge': 224}, 'crop_pct': 0.95, 'resample': 3}"
                        + " | 0.95 | BICUBIC | false",
                "{'size': {'shortest_edge': 384}, 'crop_pct': 0.95, 'resample': 3}"
                        + " | 1 | BICUBIC | true",
                "{'size': {'height': 224, 'width': 224}, 'resample': 2} | 1 | BILINEAR | true",
                "{'size': 224, 'resample': 2} | 1 | BILINEAR | true",
                "{'size': {'shortest_edge': 224}, 'crop_size': 224, 'do_center_crop': true,"
                        + " 'resample': 3} | 1 | BICUBIC | false",
                "{'size': {'shortest_edge': 256}, 'crop_size': {'height': 224, 'width': 224},"
                        + " 'do_center_crop': true, 'resample': 2} | 0.875 | BILINEAR | false",
                "{'size': {'height': 256, 'width': 256}, 'crop_size': {'height': 224},"
                        + " 'do_center_crop': true, 'resample': 1} | 0.875 | LANCZOS | true",
            })
    void resizingIsRead(String json, double crop, Filter filter, boolean squash)
            throws IOException {
        Path file = folder.resolve("preprocessor_config.json");
        Files.writeString(file, json.replace('\'', '"'));
        InputSpec.Image input = (InputSpec.Image) read("{'model_type': 'resnet'}").spec().input();
        assertEquals(new ImageResize(crop, filter, squash), input.resize());
        Files.writeString(file, "{\"size\": 224, \"resample\": 5}");
        SpecException e = assertThrows(SpecException.class, () -> read("{'model_type': 'resnet'}"));
        assertTrue(String.valueOf(e.getMessage()).contains("$.resample: must be 0 (nearest)"));
    }

    // transformers' EfficientNetImageProcessor: (x - mean) / std, and with include_top / std again.
    @Test
    void efficientNetDividesByTheStandardDeviationTwice() throws IOException {
        Path file = folder.resolve("preprocessor_config.json");
        String std = "\"image_mean\": [0.1, 0.2, 0.3], \"image_std\": [1, 2, 3], ";
        Files.writeString(file, "{" + std + "\"include_top\": true}");
        InputSpec.Image input = (InputSpec.Image) read("{'model_type': 'resnet'}").spec().input();
        assertEquals(List.of(0.1, 0.2, 0.3), input.mean());
        assertEquals(List.of(1.0, 4.0, 9.0), input.std());
        Files.writeString(file, "{" + std + "\"rescale_offset\": true}");
        SpecException e = assertThrows(SpecException.class, () -> read("{'model_type': 'resnet'}"));
        assertTrue(String.valueOf(e.getMessage()).contains("rescale_offset"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'model_type': 'resnet', 'downsample_in_first_stage': true"
                        + " | $.downsample_in_first_stage: must be false, got true",
                "{'model_type': 'resnet', 'hidden_act': 'gelu' | $.hidden_act: must be relu",
                "{'model_type': 'resnet', 'architectures': ['ResNetModel']"
                        + " | $.architectures: must be ResNetForImageClassification",
                "{'model_type': 'regnet', 'layer_type': 'z' | $.layer_type: must be x or y",
                "{'model_type': 'convnext', 'patch_size': 2 | $.patch_size: must be 4, got 2",
                "{'model_type': 'mobilenet_v2', 'output_stride': 8 | $.output_stride: must be 32",
                "{'model_type': 'efficientnet', 'pooling_type': 'max' | $.pooling_type: must be"
                        + " mean",
                "{'model_type': 'efficientnet', 'image_size': 260"
                        + " | $.depthwise_padding: must be the blocks with stride 2"
            })
    void whatWeDoNotHaveIsAnError(String settings, String message) {
        SpecException e = assertThrows(SpecException.class, () -> read(settings + "}"));
        assertTrue(String.valueOf(e.getMessage()).contains("config.json:"), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
    }
}
