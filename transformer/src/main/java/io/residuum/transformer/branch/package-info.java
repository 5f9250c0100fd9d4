/** The branches of transformer units: attention and feed-forward, and what attention needs. */
@NullMarked
package io.residuum.transformer.branch;

import org.jspecify.annotations.NullMarked;
