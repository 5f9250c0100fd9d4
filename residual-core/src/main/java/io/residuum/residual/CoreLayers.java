package io.residuum.residual;

import io.residuum.residual.stream.Attend;
import io.residuum.residual.stream.Average;
import io.residuum.residual.stream.EachStream;
import io.residuum.residual.stream.ReadStreams;
import io.residuum.residual.stream.Save;
import io.residuum.spec.Parallel;
import io.residuum.spec.RecordProvider;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.Concat;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.Mean;
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Split;
import io.residuum.spec.graph.Use;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.AdaptiveAveragePool2d;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.BlurPool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.EfficientChannelAttention;
import io.residuum.spec.layers.Embedding;
import io.residuum.spec.layers.Flatten;
import io.residuum.spec.layers.GeneralizedMeanPool;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.GlobalMaxPool;
import io.residuum.spec.layers.L2Normalize;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.LocalResponseNorm;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.Modulation;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.RootMeanSquare;
import io.residuum.spec.layers.SpectralNorm;
import io.residuum.spec.layers.SqueezeExcitation;
import io.residuum.spec.layers.WeightStandardizedConv2d;
import io.residuum.spec.layers.attention.AttentionPool2d;
import io.residuum.spec.layers.attention.Cbam;
import io.residuum.spec.layers.attention.GlobalContext;
import io.residuum.spec.layers.spatial.AsSequence;
import io.residuum.spec.layers.spatial.AveragePool1d;
import io.residuum.spec.layers.spatial.AveragePool3d;
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
import java.util.List;

/** Registers the layers of this module. */
public final class CoreLayers implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                Sequential.class,
                Repeat.class,
                Residual.class,
                LayerDrop.class,
                Ode.class,
                Stream.class,
                Save.class,
                Average.class,
                Attend.class,
                ReadStreams.class,
                EachStream.class,
                Parallel.class,
                Conv2d.class,
                Linear.class,
                Normalization.class,
                Activation.class,
                MaxPool2d.class,
                AveragePool2d.class,
                AdaptiveAveragePool2d.class,
                GlobalAveragePool.class,
                GlobalMaxPool.class,
                Dropout.class,
                Flatten.class,
                SpectralNorm.class,
                SqueezeExcitation.class,
                EfficientChannelAttention.class,
                Cbam.class,
                GlobalContext.class,
                AttentionPool2d.class,
                Embedding.class,
                BlurPool2d.class,
                GeneralizedMeanPool.class,
                L2Normalize.class,
                RootMeanSquare.class,
                LocalResponseNorm.class,
                WeightStandardizedConv2d.class,
                Modulation.class,
                LayerGraph.class,
                Use.class,
                Add.class,
                Mean.class,
                Multiply.class,
                Concat.class,
                Split.class,
                AsSequence.class,
                AveragePool1d.class,
                AveragePool3d.class,
                ChannelShuffle.class,
                ChannelSlice.class,
                Conv1d.class,
                Conv3d.class,
                ConvTranspose1d.class,
                ConvTranspose2d.class,
                Crop.class,
                MaxPool1d.class,
                MaxPool3d.class,
                Pad.class,
                Permute.class,
                PixelShuffle.class,
                PixelUnshuffle.class,
                Reshape.class,
                Resize.class,
                ResizeTo.class);
    }
}
