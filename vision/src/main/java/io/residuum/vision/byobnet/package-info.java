/**
 * Networks of freely combined convolutional blocks: RepVGG, MobileOne, GENet, RegNetZ and others.
 */
@NullMarked
package io.residuum.vision.byobnet;

import org.jspecify.annotations.NullMarked;
