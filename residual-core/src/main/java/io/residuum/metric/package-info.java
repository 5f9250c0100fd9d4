/** Metrics of the outputs of a network: accuracy, F1, ROC AUC, RMSE, SSIM and more. */
@NullMarked
package io.residuum.metric;

import org.jspecify.annotations.NullMarked;
