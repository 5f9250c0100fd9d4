/** Recurrence over time: cells with states, LSTM, GRU and plain networks as families of cells. */
@NullMarked
package io.residuum.recurrent;

import org.jspecify.annotations.NullMarked;
