package io.residuum.vision;

import io.residuum.spec.RecordProvider;
import io.residuum.vision.augment.ColorJitter;
import io.residuum.vision.augment.CutMix;
import io.residuum.vision.augment.Cutout;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.Mixup;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.augment.RandomResizedCrop;
import io.residuum.vision.resnet.ResNet;
import java.util.List;

/** Lists the families and transforms of this module for the JSON reader. */
public final class VisionRecords implements RecordProvider {
    @Override
    public List<Class<? extends Record>> records() {
        return List.of(
                ResNet.class,
                RandomCrop.class,
                HorizontalFlip.class,
                RandomResizedCrop.class,
                ColorJitter.class,
                Cutout.class,
                Mixup.class,
                CutMix.class);
    }
}
