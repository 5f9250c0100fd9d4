package io.residuum.vision.timm;

import io.residuum.spec.PublishedWeights;
import io.residuum.spec.WeightsProvider;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists published weights for images. Accuracies are top-1 on ImageNet's validation set at the
 * image size of the weights, or on the test set of CIFAR-10.
 */
public final class VisionWeights implements WeightsProvider {
    private static final String TIMM = "timm results-imagenet.csv, 2026-08";
    private static final String TORCHVISION = "torchvision 0.28";
    private static final String AKAMASTER = "akamaster/pytorch_resnet_cifar10";

    private static final String BSD = "bsd-3-clause";

    @Override
    public List<PublishedWeights> weights() {
        List<PublishedWeights> all = new ArrayList<>();
        timm(all);
        torchvision(all);
        cifar(all);
        all.add(
                new PublishedWeights(
                        "vit-b-16", "hf:google/vit-base-patch16-224", "apache-2.0", null, ""));
        return List.copyOf(all);
    }

    private static void timm(List<PublishedWeights> all) {
        timm(all, "resnet18.a1_in1k", 71.504);
        timm(all, "resnet34.a1_in1k", 76.420);
        timm(all, "resnet50.a1_in1k", 80.382);
        timm(all, "resnet101.a1h_in1k", 81.950);
        timm(all, "resnet152.a1h_in1k", 82.818);
        timm(all, "resnet18d.ra2_in1k", 72.296);
        timm(all, "resnet34d.ra2_in1k", 77.108);
        timm(all, "resnet50d.ra2_in1k", 80.546);
        timm(all, "resnet101d.ra2_in1k", 82.254);
        timm(all, "resnet152d.ra2_in1k", 83.160);
        timm(all, "resnetv2_50.a1h_in1k", 80.410);
        timm(all, "resnetv2_101.a1h_in1k", 82.042);
        timm(all, "resnext50_32x4d.a1h_in1k", 81.140);
        timm(all, "wide_resnet50_2.racm_in1k", 81.466);
        timm(all, "seresnet50.ra2_in1k", 80.260);
        timm(all, "densenet121.ra_in1k", 75.574);
        timm(all, "densenet161.tv_in1k", 77.384);
        timm(all, "densenet169.tv_in1k", 75.922);
        timm(all, "densenet201.tv_in1k", 77.284);
        timm(all, "inception_v4.tf_in1k", 80.144);
        timm(all, "inception_resnet_v2.tf_in1k", 80.434);
        timm(all, "vit_tiny_patch16_224.augreg_in21k_ft_in1k", 75.452);
        timm(all, "vit_small_patch16_224.augreg_in21k_ft_in1k", 81.402);
        timm(all, "vit_base_patch16_224.augreg2_in21k_ft_in1k", 85.108);
        timm(all, "deit_tiny_distilled_patch16_224.fb_in1k", 74.538);
        timm(all, "deit_small_distilled_patch16_224.fb_in1k", 81.204);
        timm(all, "deit_base_distilled_patch16_224.fb_in1k", 83.384);
        timm(all, "deit3_small_patch16_224.fb_in22k_ft_in1k", 83.082);
        timm(all, "deit3_base_patch16_224.fb_in22k_ft_in1k", 85.728);
        timm(all, "cait_xxs24_224.fb_dist_in1k", 78.400);
        timm(all, "cait_xxs24_384.fb_dist_in1k", 80.954);
        timm(all, "cait_xxs36_224.fb_dist_in1k", 79.750);
        timm(all, "cait_xxs36_384.fb_dist_in1k", 82.204);
        timm(all, "cait_xs24_384.fb_dist_in1k", 84.064);
        timm(all, "cait_s24_224.fb_dist_in1k", 83.484);
        timm(all, "cait_s24_384.fb_dist_in1k", 85.048);
        timm(all, "cait_s36_384.fb_dist_in1k", 85.458);
        timm(all, "cait_m36_384.fb_dist_in1k", 86.060);
        timm(all, "cait_m48_448.fb_dist_in1k", 86.480);
    }

    private static void timm(List<PublishedWeights> all, String name, double accuracy) {
        String wanted = name.substring(0, name.indexOf('.')).replace('_', '-');
        String preset = new TimmNames().alias(wanted).orElse(wanted);
        all.add(new PublishedWeights(preset, "hf:timm/" + name, "apache-2.0", accuracy, TIMM));
    }

    private static void torchvision(List<PublishedWeights> all) {
        torchvision(all, "resnet18-f37072fd", 69.758);
        torchvision(all, "resnet34-b627a593", 73.314);
        torchvision(all, "resnet50-11ad3fa6", 80.858);
        torchvision(all, "resnet50-0676ba61", 76.130);
        torchvision(all, "resnet101-cd907fc2", 81.886);
        torchvision(all, "resnet101-63fe2227", 77.374);
        torchvision(all, "resnet152-f82ba261", 82.284);
        torchvision(all, "resnet152-394f9c45", 78.312);
        torchvision(all, "resnext50_32x4d-1a0047aa", 81.198);
        torchvision(all, "resnext50_32x4d-7cdf4587", 77.618);
        torchvision(all, "resnext101_32x8d-110c445d", 82.834);
        torchvision(all, "resnext101_32x8d-8ba56ff5", 79.312);
        torchvision(all, "wide_resnet50_2-9ba9bcbe", 81.602);
        torchvision(all, "wide_resnet50_2-95faca4d", 78.468);
        torchvision(all, "wide_resnet101_2-d733dc28", 82.510);
        torchvision(all, "wide_resnet101_2-32ee1156", 78.848);
        torchvision(all, "vgg11-8a719046", 69.020);
        torchvision(all, "vgg11_bn-6002323d", 70.370);
        torchvision(all, "vgg13-19584684", 69.928);
        torchvision(all, "vgg13_bn-abd245e5", 71.586);
        torchvision(all, "vgg16-397923af", 71.592);
        torchvision(all, "vgg16_bn-6c64b313", 73.360);
        torchvision(all, "vgg19-dcbb9e9d", 72.376);
        torchvision(all, "vgg19_bn-c79401a0", 74.218);
        torchvision(all, "densenet121-a639ec97", 74.434);
        torchvision(all, "densenet161-8d451a50", 77.138);
        torchvision(all, "densenet169-b2777c0a", 75.600);
        torchvision(all, "densenet201-c1103571", 76.896);
        torchvision(all, "vit_b_16-c867db91", 81.072);
    }

    private static void torchvision(List<PublishedWeights> all, String name, double accuracy) {
        String preset = name.substring(0, name.indexOf('-')).replace('_', '-');
        String address = "https://download.pytorch.org/models/" + name + ".pth";
        all.add(new PublishedWeights(preset, address + checksum(name), BSD, accuracy, TORCHVISION));
    }

    private static void cifar(List<PublishedWeights> all) {
        cifar(all, "resnet20-12fca82f", 91.73);
        cifar(all, "resnet32-d509ac18", 92.63);
        cifar(all, "resnet44-014dd654", 93.10);
        cifar(all, "resnet56-4bfd9763", 93.39);
        cifar(all, "resnet110-1d1ed7c2", 93.68);
    }

    private static void cifar(List<PublishedWeights> all, String name, double accuracy) {
        String address =
                "https://github.com/"
                        + AKAMASTER
                        + "/raw/master/pretrained_models/"
                        + name
                        + ".th"
                        + checksum(name);
        String preset = "cifar-" + name.substring(0, name.indexOf('-'));
        all.add(new PublishedWeights(preset, address, "bsd-2-clause", accuracy, AKAMASTER));
    }

    /** PyTorch's names end in the beginning of the SHA-256. */
    private static String checksum(String name) {
        return "#sha256=" + name.substring(name.lastIndexOf('-') + 1);
    }
}
