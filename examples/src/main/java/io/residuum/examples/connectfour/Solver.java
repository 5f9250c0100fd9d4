package io.residuum.examples.connectfour;

import java.util.List;

/** Solves positions by negamax search. It remembers their values. */
final class Solver {
    private static final int UNKNOWN = 0;
    private static final int OFFSET = 2;

    /** The value of each position plus an offset, by its index. */
    private final byte[] values = new byte[Position.INDICES];

    /**
     * {@return the result of perfect play for the player to move: 1 for a win, 0 for a draw, -1 for
     * a loss}
     *
     * @param position the position; the game may be over
     */
    int value(Position position) {
        if (position.isLost()) {
            return -1;
        }
        List<Integer> moves = position.moves();
        if (moves.isEmpty()) {
            return 0;
        }
        int known = values[position.index()];
        if (known != UNKNOWN) {
            return known - OFFSET;
        }
        int best = -1;
        for (int i = 0; i < moves.size() && best < 1; i++) {
            best = Math.max(best, -value(position.play(moves.get(i))));
        }
        values[position.index()] = (byte) (best + OFFSET);
        return best;
    }

    /**
     * {@return the moves that keep the value}
     *
     * @param position a position of a game that is not over
     */
    List<Integer> bestMoves(Position position) {
        int value = value(position);
        return position.moves().stream()
                .filter(move -> -value(position.play(move)) == value)
                .toList();
    }
}
