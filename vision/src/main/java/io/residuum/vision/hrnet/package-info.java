/** HRNet: networks that keep features of high resolution. */
@NullMarked
package io.residuum.vision.hrnet;

import org.jspecify.annotations.NullMarked;
