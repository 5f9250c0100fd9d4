package io.residuum.transformer;

import io.residuum.spec.RecordProvider;
import io.residuum.transformer.blocks.AttentionPool;
import io.residuum.transformer.blocks.ClassBlocks;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.ExpandedIntegral;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.clip.EndTokenPool;
import io.residuum.transformer.clip.ImageTextEncoder;
import io.residuum.transformer.clip.PairLogit;
import io.residuum.transformer.evoformer.AxialAttention;
import io.residuum.transformer.evoformer.OuterProductMean;
import io.residuum.transformer.evoformer.TriangleMultiplication;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.family.Cait;
import io.residuum.transformer.family.Decoder;
import io.residuum.transformer.family.Gpt;
import io.residuum.transformer.family.Llama;
import io.residuum.transformer.family.VisionTransformer;
import io.residuum.transformer.layers.DistilledHead;
import io.residuum.transformer.layers.Heads;
import io.residuum.transformer.layers.LastTokenPool;
import io.residuum.transformer.layers.MaskTokens;
import io.residuum.transformer.layers.PatchEmbedding;
import io.residuum.transformer.layers.PositionEmbedding;
import io.residuum.transformer.layers.TakeToken;
import io.residuum.transformer.layers.TiedHead;
import io.residuum.transformer.layers.TokenEmbedding;
import io.residuum.transformer.layers.TokenPool;
import io.residuum.transformer.mixer.AffineNorm;
import io.residuum.transformer.mixer.MlpMixer;
import io.residuum.transformer.mixer.SpatialProjection;
import io.residuum.transformer.pyramid.MetaFormer;
import io.residuum.transformer.pyramid.PyramidTransformer;
import io.residuum.transformer.pyramid.StarRelu;
import io.residuum.transformer.seq2seq.EncoderDecoderTransformer;
import io.residuum.transformer.seq2seq.Seq2Seq;
import io.residuum.transformer.train.TextColumn;
import io.residuum.transformer.window.PatchMerging;
import io.residuum.transformer.window.Swin;
import io.residuum.transformer.window.WindowAttention;
import java.util.List;

/** Lists the layers and families of this module for the JSON reader. */
public final class TransformerLayers implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                Attention.class,
                FeedForward.class,
                ExpandedIntegral.class,
                TokenEmbedding.class,
                PatchEmbedding.class,
                PositionEmbedding.class,
                TakeToken.class,
                LastTokenPool.class,
                TokenPool.class,
                MaskTokens.class,
                TiedHead.class,
                Heads.class,
                DistilledHead.class,
                TransformerBlocks.class,
                ClassBlocks.class,
                EncoderDecoder.class,
                AxialAttention.class,
                OuterProductMean.class,
                TriangleMultiplication.class,
                Gpt.class,
                Llama.class,
                Decoder.class,
                Bert.class,
                VisionTransformer.class,
                Cait.class,
                Swin.class,
                PyramidTransformer.class,
                MetaFormer.class,
                StarRelu.class,
                MlpMixer.class,
                SpatialProjection.class,
                AffineNorm.class,
                WindowAttention.class,
                PatchMerging.class,
                AttentionPool.class,
                EndTokenPool.class,
                PairLogit.class,
                ImageTextEncoder.class,
                EncoderDecoderTransformer.class,
                Seq2Seq.class,
                TextColumn.class);
    }
}
