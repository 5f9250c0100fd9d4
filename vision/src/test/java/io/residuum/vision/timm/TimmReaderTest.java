package io.residuum.vision.timm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.hub.FakeHub;
import io.residuum.hub.Hub;
import io.residuum.hub.TransferListener;
import io.residuum.model.ModelSource;
import io.residuum.model.Presets;
import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import io.residuum.spec.InputSpec;
import io.residuum.spec.SpecException;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimmReaderTest {

    /** As timm 1.0.29 writes it, for a network with classes of one's own. */
    private static final String RESNET =
            """
            {"architecture": "resnet18", "num_classes": 3, "num_features": 512, "global_pool": "avg",
             "label_names": ["n01", "n02", "n03"], "label_descriptions": {"n02": "cat"},
             "pretrained_cfg": {"tag": "a1_in1k", "custom_load": false, "input_size": [3, 160, 160],
              "test_input_size": [3, 288, 288], "fixed_input_size": false,
              "interpolation": "bicubic", "crop_pct": 0.95, "crop_mode": "center",
              "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1], "num_classes": 1000,
              "pool_size": [7, 7], "first_conv": "conv1", "classifier": "fc"}}
            """;

    @TempDir Path folder;

    private ModelSource read(String json) throws IOException {
        return ModelSource.of(Files.writeString(folder.resolve("config.json"), json));
    }

    private String error(String json) {
        String message = assertThrows(SpecException.class, () -> read(json)).getMessage();
        assertTrue(message.contains("config.json:"), message);
        return message;
    }

    @Test
    void configGivesNetworkNormalizationAndClasses() throws IOException {
        ModelSource source = read(RESNET);
        assertEquals(
                new InputSpec.Image(
                        List.of(3, 160, 160),
                        List.of(0.5, 0.4, 0.3),
                        List.of(0.2, 0.2, 0.1),
                        new ImageResize(0.95, Filter.BICUBIC, false)),
                source.spec().input());
        assertEquals(
                Presets.find("resnet18").orElseThrow().spec().withClasses(3).network(),
                source.spec().network());
        assertEquals(List.of("n01", "cat", "n03"), source.metadata().classNames());
        assertEquals(List.of(), source.warnings());
    }

    @Test
    void attentionPoolingIsATokenOfTimm() throws IOException {
        String clip =
                RESNET.replace("\"resnet18\"", "\"resnet50_clip\"").replace("\"avg\"", "\"token\"");
        assertEquals(
                Presets.find("resnet50-clip").orElseThrow().spec().withClasses(3).network(),
                read(clip).spec().network());
    }

    @Test
    void borderHasTheMean() throws IOException {
        InputSpec.Image input =
                (InputSpec.Image) read(RESNET.replace("\"center\"", "\"border\"")).spec().input();
        List<Double> border = List.of(128 / 255.0, 102 / 255.0, 76 / 255.0);
        assertEquals(new ImageResize(0.95, Filter.BICUBIC, false, border), input.resize());
    }

    /** Until 2023, the settings of the weights stood beside the architecture. */
    @Test
    void flatConfigIsRead() throws IOException {
        ModelSource source =
                read(
                        """
                        {"architecture": "wide_resnet50_2", "num_classes": 10,
                         "label_names": {"0": "a", "9": "z"}, "first_conv": "conv1",
                         "input_size": [3, 64, 64], "mean": [0.5, 0.5, 0.5],
                         "std": [0.5, 0.5, 0.5], "crop_pct": 0.875, "interpolation": "bilinear"}
                        """);
        assertEquals(
                new InputSpec.Image(
                        List.of(3, 64, 64),
                        List.of(0.5, 0.5, 0.5),
                        List.of(0.5, 0.5, 0.5),
                        new ImageResize(0.875, Filter.BILINEAR, false)),
                source.spec().input());
        assertEquals("class 1", source.metadata().classNames().get(1));
        assertEquals("z", source.metadata().classNames().get(9));
        assertEquals(List.of(), source.warnings());
    }

    @ParameterizedTest
    @CsvSource({
        "vit_base_patch16_224, vit-b-16",
        "deit_small_distilled_patch16_224, deit-s-16-distilled",
        "deit3_base_patch16_224, deit3-b-16",
        "cait_xxs24_224, cait-xxs24-16",
        "cait_s36_384, cait-s36-16-384",
        "vit_small_patch14_dinov2, dinov2-s-14",
        "vit_large_patch14_reg4_dinov2, dinov2-l-14-reg4",
        "swin_base_patch4_window7_224, swin-b",
        "swin_v2_t, swinv2-t",
        "mobilenet_v2, mobilenetv2-100",
        "regnet_x_400mf, regnetx-004-tv",
        "regnet_y_1_6gf, regnety-016",
        "regnet_y_128gf, regnety-1280",
        "flexivit_small, flexivit-small-patch16-240"
    })
    void architecturesArePresets(String architecture, String preset) {
        String wanted = architecture.replace('_', '-');
        assertEquals(Optional.of(preset), new TimmNames().alias(wanted));
    }

    @Test
    void underscoresAreDashes() {
        assertEquals("wide-resnet101-2", Presets.find("Wide_ResNet101_2").orElseThrow().name());
    }

    @Test
    void whatWeDoNotHaveIsAnError() {
        assertTrue(
                error(RESNET.replace("\"resnet18\"", "\"resnet18_gn\""))
                        .contains("$.architecture: must be an architecture that is a preset"));
        assertTrue(
                error(RESNET.replace("\"avg\"", "\"max\""))
                        .contains("$.global_pool: must be \"avg\", got \"max\""));
        assertTrue(
                error(
                                RESNET.replace(
                                        "\"num_features\"",
                                        "\"model_args\": {\"stem_width\": 32}, \"f\""))
                        .contains("$.model_args"));
        assertTrue(
                error(RESNET.replace("\"center\"", "\"pad\""))
                        .contains("$.pretrained_cfg.crop_mode: must be center, squash or border"));
        assertTrue(
                error(RESNET.replace("[3, 160, 160]", "[3, 160]"))
                        .contains("input_size: must be [channels, height, width]"));
        assertTrue(
                error(RESNET.replace("\"n01\", ", ""))
                        .contains("a name for each of the 3 classes"));
    }

    @Test
    void unknownSettingsAreNamed() throws IOException {
        ModelSource source = read(RESNET.replace("\"num_features\"", "\"flux\""));
        assertTrue(source.warnings().get(0).endsWith("were ignored: [flux]"));
    }

    /** Showing a model of a hub costs its config.json, not its weights. */
    @Test
    void weightsOfAHubWaitUntilTheyAreRead() throws IOException {
        try (FakeHub server =
                new FakeHub()
                        .put("timm/resnet18.mine", "config.json", RESNET)
                        .put("timm/resnet18.mine", "README.md", "# A page")
                        .put("timm/resnet18.mine", "model.safetensors", new byte[8])) {
            Hub hub = new Hub(server.settings(folder), TransferListener.NONE);
            ModelSource source = ModelSource.of("hf:timm/resnet18.mine", hub);
            assertEquals("resnet18.mine", source.label());
            assertEquals("resnet18.mine", source.spec().name());
            assertEquals(
                    folder.resolve("hub"),
                    source.weights().orElseThrow().getParent().getParent().getParent());
            assertEquals(2, server.count(), "the list and config.json");
            assertThrows(WeightsException.class, source::openWeights);
            assertEquals(4, server.count());
        }
    }
}
