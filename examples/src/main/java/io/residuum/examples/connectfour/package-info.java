/** Trains both heads of an AlphaGo Zero tower on a small game that a search solves. */
@NullMarked
package io.residuum.examples.connectfour;

import org.jspecify.annotations.NullMarked;
