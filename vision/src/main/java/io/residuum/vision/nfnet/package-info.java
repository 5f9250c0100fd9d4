/** NFNets: residual networks without norms. */
@NullMarked
package io.residuum.vision.nfnet;

import org.jspecify.annotations.NullMarked;
