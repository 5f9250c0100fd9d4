@NullMarked
package io.residuum.inspect.ablation;

import org.jspecify.annotations.NullMarked;
