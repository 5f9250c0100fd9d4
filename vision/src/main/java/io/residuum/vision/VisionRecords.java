package io.residuum.vision;

import io.residuum.spec.RecordProvider;
import io.residuum.vision.augment.AugMix;
import io.residuum.vision.augment.AutoAugment;
import io.residuum.vision.augment.ColorJitter;
import io.residuum.vision.augment.CutMix;
import io.residuum.vision.augment.Cutout;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.Mixup;
import io.residuum.vision.augment.ProgressiveResizing;
import io.residuum.vision.augment.RandAugment;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.augment.RandomErasing;
import io.residuum.vision.augment.RandomResizedCrop;
import io.residuum.vision.augment.RepeatedAugmentation;
import io.residuum.vision.augment.TimmRandAugment;
import io.residuum.vision.augment.TrivialAugment;
import io.residuum.vision.byobnet.ByobNet;
import io.residuum.vision.convnext.ConvNeXt;
import io.residuum.vision.densenet.CspNet;
import io.residuum.vision.densenet.DenseNet;
import io.residuum.vision.densenet.Dla;
import io.residuum.vision.densenet.Dpn;
import io.residuum.vision.densenet.HgNet;
import io.residuum.vision.densenet.VovNet;
import io.residuum.vision.detect.BoxLoss;
import io.residuum.vision.detect.FocalLoss;
import io.residuum.vision.detect.RetinaHead;
import io.residuum.vision.detect.RetinaNet;
import io.residuum.vision.efficientnet.EfficientNet;
import io.residuum.vision.features.Backbone;
import io.residuum.vision.features.Fpn;
import io.residuum.vision.fractalnet.FractalNet;
import io.residuum.vision.hrnet.HrNet;
import io.residuum.vision.inception.GoogLeNet;
import io.residuum.vision.inception.InceptionResNetV2;
import io.residuum.vision.inception.InceptionV3;
import io.residuum.vision.inception.InceptionV4;
import io.residuum.vision.inception.Xception;
import io.residuum.vision.metaformer.ConvMixer;
import io.residuum.vision.metaformer.FocalNet;
import io.residuum.vision.metaformer.PoolFormer;
import io.residuum.vision.mobile.GhostNet;
import io.residuum.vision.mobile.RepVit;
import io.residuum.vision.mobile.RexNet;
import io.residuum.vision.mobile.ShuffleNetV2;
import io.residuum.vision.nfnet.NfNet;
import io.residuum.vision.regnet.RegNet;
import io.residuum.vision.resnet.ResNet;
import io.residuum.vision.segment.Aspp;
import io.residuum.vision.segment.Segmentation;
import io.residuum.vision.segment.UnetDecoder;
import io.residuum.vision.train.ImageColumn;
import io.residuum.vision.vgg.AlexNet;
import io.residuum.vision.vgg.SqueezeNet;
import io.residuum.vision.vgg.Vgg;
import java.util.List;

/** Lists the families and transforms of this module for the JSON reader. */
public final class VisionRecords implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                ResNet.class,
                Vgg.class,
                AlexNet.class,
                SqueezeNet.class,
                FractalNet.class,
                DenseNet.class,
                EfficientNet.class,
                RegNet.class,
                ConvNeXt.class,
                ByobNet.class,
                NfNet.class,
                GhostNet.class,
                RexNet.class,
                RepVit.class,
                ShuffleNetV2.class,
                Xception.class,
                VovNet.class,
                CspNet.class,
                Dla.class,
                HgNet.class,
                Dpn.class,
                HrNet.class,
                ConvMixer.class,
                PoolFormer.class,
                FocalNet.class,
                GoogLeNet.class,
                InceptionV3.class,
                InceptionV4.class,
                InceptionResNetV2.class,
                Backbone.class,
                Fpn.class,
                Aspp.class,
                UnetDecoder.class,
                Segmentation.class,
                RetinaHead.class,
                RetinaNet.class,
                FocalLoss.class,
                BoxLoss.class,
                RandomCrop.class,
                HorizontalFlip.class,
                RandomResizedCrop.class,
                ColorJitter.class,
                Cutout.class,
                RandAugment.class,
                TimmRandAugment.class,
                TrivialAugment.class,
                AutoAugment.class,
                AugMix.class,
                RandomErasing.class,
                RepeatedAugmentation.class,
                ProgressiveResizing.class,
                Mixup.class,
                CutMix.class,
                ImageColumn.class);
    }
}
