package io.residuum.examples.connectfour;

import java.util.List;
import java.util.Random;

/** A player of several games at once, so that a network answers in batches. */
interface Player {

    /**
     * {@return a legal column for each position}
     *
     * @param positions positions of games that are not over
     */
    int[] moves(List<Position> positions);

    /**
     * {@return a player who draws among all legal moves}
     *
     * @param random the random numbers
     */
    static Player random(Random random) {
        return positions -> positions.stream().mapToInt(at -> any(at.moves(), random)).toArray();
    }

    /**
     * {@return a player who draws among the moves that keep the value}
     *
     * @param solver finds the moves
     * @param random the random numbers
     */
    static Player perfect(Solver solver, Random random) {
        return positions ->
                positions.stream().mapToInt(at -> any(solver.bestMoves(at), random)).toArray();
    }

    /** Draws a move. */
    static int any(List<Integer> moves, Random random) {
        return moves.get(random.nextInt(moves.size()));
    }
}
