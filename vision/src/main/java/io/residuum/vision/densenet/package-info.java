/**
 * Networks that concatenate features: DenseNet, VoVNet, PP-HGNet, CSPNet, DLA, dual path networks.
 */
@NullMarked
package io.residuum.vision.densenet;

import org.jspecify.annotations.NullMarked;
