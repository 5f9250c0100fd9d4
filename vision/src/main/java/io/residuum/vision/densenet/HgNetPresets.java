package io.residuum.vision.densenet;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.json.Defaults;
import io.residuum.vision.densenet.HgNet.Stage;
import io.residuum.vision.image.StandardInputs;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Provides PP-HGNets as presets, with timm's names. */
public final class HgNetPresets implements PresetProvider {
    private static final String FIRST =
            "PaddleClas 2022, PP-HGNet, as in timm; units of Lee et al. 2019, arXiv:1904.09730";
    private static final String SECOND =
            "PaddleClas 2023, PP-HGNetV2, as in timm; backbone of Zhao et al. 2023,"
                    + " arXiv:2304.08069";

    /** The name, the stem, the layers of a unit, and width, channels and units of each stage. */
    private static final String TABLE =
            """
            hgnet-tiny  48,48,96   5 96,224,1  128,448,1 160,512,2  192,768,1
            hgnet-small 64,64,128  6 128,256,1 160,512,1 192,768,2  224,1024,1
            hgnet-base  96,96,160  7 192,320,1 224,640,2 256,960,3  288,1280,2
            hgnetv2-b0  16,16      3 16,64,1   32,256,1  64,512,2   128,1024,1
            hgnetv2-b1  24,32      3 32,64,1   48,256,1  96,512,2   192,1024,1
            hgnetv2-b2  24,32      4 32,96,1   64,384,1  128,768,3  256,1536,1
            hgnetv2-b3  24,32      5 32,128,1  64,512,1  128,1024,3 256,2048,1
            hgnetv2-b4  32,48      6 48,128,1  96,512,1  192,1024,3 384,2048,1
            hgnetv2-b5  32,64      6 64,128,1  128,512,2 256,1024,5 512,2048,2
            hgnetv2-b6  48,96      6 96,192,2  192,512,3 384,1024,6 768,2048,3
            """;

    @Override
    public List<Preset> presets() {
        return StandardInputs.published(TABLE.lines().map(HgNetPresets::preset).toList());
    }

    private static Preset preset(String line) {
        String[] row = line.split(" +");
        boolean second = row[0].startsWith("hgnetv2");
        List<Stage> stages = new ArrayList<>();
        for (int i = 3; i < row.length; i++) {
            boolean late = second && i >= 5;
            List<Integer> stage = numbers(row[i]);
            int layers = Integer.parseInt(row[2]);
            stages.add(
                    new Stage(
                            stage.get(0), stage.get(1), stage.get(2), layers, late ? 5 : 3, late));
        }
        HgNet net =
                Defaults.fill(HgNetBuilder.builder())
                        .stem(numbers(row[1]))
                        .stages(stages)
                        .affine(second && row[0].compareTo("hgnetv2-b4") < 0)
                        .classes(1000)
                        .build();
        ModelSpec spec = new ModelSpec(row[0], StandardInputs.IMAGENET, net);
        return new Preset(row[0], "hgnet", spec, second ? SECOND : FIRST);
    }

    private static List<Integer> numbers(String text) {
        return Stream.of(text.split(",")).map(Integer::valueOf).toList();
    }
}
