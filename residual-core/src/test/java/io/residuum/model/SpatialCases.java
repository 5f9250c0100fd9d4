package io.residuum.model;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation.Mode;
import io.residuum.nn.spatial.PadBlock;
import io.residuum.residual.Residual;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.GlobalMaxPool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import io.residuum.spec.layers.spatial.AsSequence;
import io.residuum.spec.layers.spatial.AveragePool1d;
import io.residuum.spec.layers.spatial.AveragePool3d;
import io.residuum.spec.layers.spatial.Border;
import io.residuum.spec.layers.spatial.ChannelShuffle;
import io.residuum.spec.layers.spatial.ChannelSlice;
import io.residuum.spec.layers.spatial.Conv1d;
import io.residuum.spec.layers.spatial.Conv3d;
import io.residuum.spec.layers.spatial.ConvTranspose1d;
import io.residuum.spec.layers.spatial.ConvTranspose2d;
import io.residuum.spec.layers.spatial.Crop;
import io.residuum.spec.layers.spatial.MaxPool1d;
import io.residuum.spec.layers.spatial.MaxPool3d;
import io.residuum.spec.layers.spatial.Pad;
import io.residuum.spec.layers.spatial.Permute;
import io.residuum.spec.layers.spatial.PixelShuffle;
import io.residuum.spec.layers.spatial.PixelUnshuffle;
import io.residuum.spec.layers.spatial.Reshape;
import io.residuum.spec.layers.spatial.Resize;
import io.residuum.spec.layers.spatial.ResizeTo;
import io.residuum.spec.layers.spatial.Sides;
import io.residuum.spec.layers.spatial.Size3d;
import java.util.ArrayList;
import java.util.List;

/** Layers over sequences and volumes, and layers that move, resample or extend positions. */
final class SpatialCases {
    private SpatialCases() {}

    static List<BlockCase> all() {
        List<BlockCase> cases = new ArrayList<>();
        convolutions(cases);
        volumes(cases);
        shortcuts(cases);
        moves(cases);
        borders(cases);
        resizes(cases);
        return cases;
    }

    private static BlockCase volume(String name, LayerSpec layer) {
        return new BlockCase(
                name, layer, new Shape(3, 4, 3, 5, 4), new Shape(2, 4, 4, 3, 6), false);
    }

    /** A layer without parameters after one with parameters, which determine the type. */
    private static LayerSpec after(LayerSpec first, LayerSpec layer) {
        return new Sequential("", first, layer);
    }

    private static BlockCase movesImages(String name, LayerSpec layer) {
        return BlockCase.image(name, after(Conv2d.of(4, 1).withName("conv"), layer));
    }

    private static BlockCase movesSequences(String name, LayerSpec layer) {
        return BlockCase.sequence(name, after(new Linear("linear", 4), layer));
    }

    private static BlockCase movesVolumes(String name, LayerSpec layer) {
        return volume(name, after(new Normalization("norm", NormSpec.BATCH), layer));
    }

    private static void convolutions(List<BlockCase> cases) {
        Conv1d conv = new Conv1d("conv", 6, 3, 2, 2, 2, 2, true, InitSpec.HE);
        cases.add(BlockCase.sequence("conv1d", conv));
        cases.add(
                BlockCase.sequence(
                        "max pool of sequences",
                        new Sequential("", conv.withStride(1), new MaxPool1d("", 3, 2, 1))));
        cases.add(
                movesSequences(
                        "average pool of sequences", new AveragePool1d("", 3, 2, 1, false, false)));
        cases.add(
                BlockCase.sequence(
                        "convTranspose1d",
                        new ConvTranspose1d("", 6, 4, 2, 1, 1, 1, 2, true, InitSpec.HE)));
        ConvTranspose2d up =
                new ConvTranspose2d(
                        "",
                        6,
                        new Size2d(3, 2),
                        new Size2d(2, 3),
                        new Size2d(1, 0),
                        new Size2d(1, 2),
                        Size2d.of(1),
                        2,
                        true,
                        InitSpec.HE);
        cases.add(BlockCase.image("convTranspose2d", up));
        // oneDNN fails in the gradient of one filter of 16 channels.
        for (int groups : List.of(1, 2)) {
            cases.add(
                    BlockCase.image(
                            "convTranspose2d with one filter in each of %d groups"
                                    .formatted(groups),
                            new Sequential(
                                    "",
                                    Conv2d.of(16 * groups, 1).withName("conv"),
                                    up.with().name("up").filters(groups).groups(groups).build())));
        }
        cases.add(
                BlockCase.image(
                        "convTranspose2d, no bias, with batch norm",
                        new Sequential(
                                "",
                                up.with()
                                        .name("up")
                                        .groups(1)
                                        .bias(false)
                                        .stride(Size2d.of(1))
                                        .outputPadding(Size2d.of(0))
                                        .dilation(new Size2d(2, 1))
                                        .build(),
                                new Normalization("norm", NormSpec.BATCH))));
    }

    private static void volumes(List<BlockCase> cases) {
        Conv3d conv =
                new Conv3d(
                        "conv",
                        4,
                        new Size3d(2, 3, 2),
                        new Size3d(1, 2, 1),
                        new Size3d(1, 1, 0),
                        new Size3d(1, 1, 2),
                        2,
                        true,
                        InitSpec.HE);
        cases.add(volume("conv3d", conv));
        cases.add(
                movesVolumes(
                        "max pool of volumes",
                        new MaxPool3d("", Size3d.of(2), new Size3d(1, 2, 2), Size3d.of(1))));
        cases.add(
                movesVolumes(
                        "average pool of volumes, ceil",
                        new AveragePool3d(
                                "", Size3d.of(2), Size3d.of(2), Size3d.of(1), true, false)));
        for (LayerSpec pool : List.of(new GlobalAveragePool(""), new GlobalMaxPool(""))) {
            cases.add(volume(pool + " of volumes", new Sequential("", conv, pool)));
        }
        for (NormSpec norm :
                List.of(
                        NormSpec.BATCH,
                        NormSpec.LAYER,
                        new NormSpec.Channel(1e-6, 1),
                        new NormSpec.Rms(1e-6, 1),
                        new NormSpec.Group(2, 1e-5, 1))) {
            cases.add(volume(norm + " on volumes", new Normalization("", norm)));
        }
    }

    private static void shortcuts(List<BlockCase> cases) {
        LayerSpec sequence = new Conv1d("conv", 6, 3, 2, 1, 1, 1, false, InitSpec.HE);
        LayerSpec volume =
                new Conv3d(
                        "conv",
                        6,
                        Size3d.of(3),
                        new Size3d(1, 2, 2),
                        Size3d.of(1),
                        Size3d.of(1),
                        1,
                        false,
                        InitSpec.HE);
        for (ShortcutSpec shortcut :
                List.of(
                        new ShortcutSpec.ZeroPad(false),
                        new ShortcutSpec.Projection(NormSpec.BATCH, false),
                        new ShortcutSpec.PooledProjection(NormSpec.BATCH))) {
            cases.add(
                    BlockCase.sequence(
                            shortcut + " on strided sequences",
                            Residual.builder("", sequence).shortcut(shortcut).build()));
            cases.add(
                    volume(
                            shortcut + " on strided volumes",
                            Residual.builder("", volume).shortcut(shortcut).build()));
        }
    }

    private static void moves(List<BlockCase> cases) {
        // The unit of ShuffleNet v2 (Ma et al. 2018, arXiv:1807.11164, Figure 3c).
        cases.add(
                BlockCase.image(
                        "split, branch, concat, shuffle",
                        new Sequential(
                                "",
                                Parallel.concat(
                                        "unit",
                                        new ChannelSlice("kept", 0, 2),
                                        after(
                                                new ChannelSlice("slice", 2, 4),
                                                Conv2d.of(3, 3).withName("conv"))),
                                new ChannelSlice("rest", 1, 5),
                                new ChannelShuffle("", 2))));
        cases.add(BlockCase.image("as sequence", new AsSequence("", new Linear("fc", 5))));
        cases.add(
                BlockCase.image(
                        "as sequence, channels last",
                        new Sequential(
                                "",
                                new Permute("last", List.of(2, 3, 1), true),
                                new AsSequence("rows", new Linear("fc", 5)),
                                new Permute("first", List.of(3, 1, 2)))));
        cases.add(movesImages("channel shuffle", new ChannelShuffle("", 2)));
        cases.add(movesSequences("channel shuffle of sequences", new ChannelShuffle("", 2)));
        cases.add(movesImages("channel slice", new ChannelSlice("", 1, 3)));
        cases.add(movesSequences("channel slice of sequences", new ChannelSlice("", 1, 3)));
        cases.add(movesImages("pixel shuffle", new PixelShuffle("", 2)));
        cases.add(
                new BlockCase(
                        "pixel unshuffle",
                        after(Conv2d.of(4, 1).withName("conv"), new PixelUnshuffle("", 2)),
                        new Shape(3, 4, 6, 4),
                        new Shape(2, 4, 2, 8),
                        false));
        cases.add(movesImages("permute", new Permute("", List.of(2, 3, 1))));
        cases.add(movesSequences("reshape", new Reshape("", List.of(2, 2, -1))));
    }

    private static void borders(List<BlockCase> cases) {
        Border uneven = new Border(List.of(new Sides(1, 2), new Sides(3, 0)));
        cases.add(movesImages("pad", new Pad("", uneven, PadBlock.Mode.CONSTANT, 0.5)));
        cases.add(
                movesSequences(
                        "pad sequences",
                        new Pad(
                                "",
                                Border.of(List.of(new Sides(1, 2))),
                                PadBlock.Mode.CONSTANT,
                                0.5)));
        cases.add(
                movesVolumes("pad volumes", new Pad("", Border.of(1), PadBlock.Mode.CONSTANT, -1)));
        cases.add(movesImages("reflect", new Pad("", uneven, PadBlock.Mode.REFLECT, 0)));
        cases.add(movesImages("replicate", new Pad("", uneven, PadBlock.Mode.REPLICATE, 0)));
        cases.add(
                movesSequences(
                        "reflect sequences", new Pad("", Border.of(2), PadBlock.Mode.REFLECT, 0)));
        cases.add(movesImages("crop", new Crop("", uneven)));
        cases.add(movesSequences("crop sequences", new Crop("", Border.of(1))));
    }

    private static void resizes(List<BlockCase> cases) {
        for (Mode mode : Mode.values()) {
            cases.add(movesImages(mode + " by 2", Resize.by("", 2, mode)));
            cases.add(movesImages(mode + " by 0.7", Resize.by("", 0.7, mode)));
            cases.add(
                    movesImages(
                            mode + " to a size",
                            new Resize("", 2, List.of(9, 4), mode, mode != Mode.NEAREST)));
        }
        for (Mode mode : Mode.values()) {
            LayerGraph decoder =
                    new LayerGraph(
                            List.of(
                                    LayerNode.of(Conv2d.of(2, 3).withName("fine")),
                                    LayerNode.of(Conv2d.of(3, 3).withName("coarse").withStride(2)),
                                    LayerNode.of(new ResizeTo("up", mode, mode != Mode.NEAREST))
                                            .from("coarse", "fine")));
            cases.add(movesImages(mode + " to others", decoder));
        }
        cases.add(movesSequences("resize sequences", Resize.by("", 2, Mode.BILINEAR)));
        cases.add(movesVolumes("resize volumes", Resize.by("", 2, Mode.BILINEAR)));
    }
}
