package io.residuum.examples.connectfour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.SpecException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The rules of the game, and its solution. */
class PositionTest {
    private static final Solver SOLVER = new Solver();

    /** OEIS A342329, "Number of different games of Connect Four on an (n+1) X n board", n = 4. */
    @Test
    void thereAreAsManyGamesAsPublished() {
        assertEquals(152_505_051_772L, games(Position.START, new HashMap<>()));
    }

    /** Counts each position and its mirror image once. */
    private static long games(Position position, Map<Integer, Long> known) {
        if (position.isOver()) {
            return 1;
        }
        int index = Math.min(position.index(), position.mirrored().index());
        Long counted = known.get(index);
        if (counted != null) {
            return counted;
        }
        long sum = 0;
        for (int move : position.moves()) {
            sum += games(position.play(move), known);
        }
        known.put(index, sum);
        return sum;
    }

    @Test
    void aFullColumnIsNoMove() {
        Position full = played(0, 0, 0, 0);
        assertEquals(List.of(1, 2, 3, 4), full.moves());
        String message = assertThrows(SpecException.class, () -> full.play(0)).getMessage();
        assertEquals("a move must be one of [1, 2, 3, 4], got 0", message);
    }

    @Test
    void planesShowThePlayerToMoveFirst() {
        float[] planes = played(1, 1, 4).planes();
        float[] expected = new float[40];
        expected[5 + 1] = 1; // own: the second row of the second column
        expected[20 + 1] = 1;
        expected[20 + 4] = 1;
        assertEquals(show(expected), show(planes));
        assertEquals(show(played(3, 3, 0).planes()), show(played(1, 1, 4).mirrored().planes()));
    }

    private static String show(float[] planes) {
        return Arrays.toString(planes);
    }

    /** John Tromp's table of small boards: neither player can force a win on 5 columns, 4 rows. */
    @Test
    void perfectPlayersDraw() {
        assertEquals(0, SOLVER.value(Position.START));
        Random random = new Random(1);
        Player perfect = Player.perfect(SOLVER, random);
        assertEquals(new Arena.Score(0, 20, 0), Arena.play(perfect, perfect, true, 20));
        Arena.Score against = Arena.play(perfect, Player.random(random), false, 20);
        assertEquals(0, against.lost());
        assertTrue(against.won() > 10, against.toString());
    }

    /** Three in a row with both ends open wins, and only by an end. */
    @Test
    void theSolverSeesAThreat() {
        Position threat = played(1, 1, 2, 2, 3, 3);
        assertEquals(1, SOLVER.value(threat));
        assertTrue(threat.play(0).isLost() && threat.play(4).isLost());
        assertTrue(SOLVER.bestMoves(threat).containsAll(List.of(0, 4)));
    }

    private static Position played(int... columns) {
        Position position = Position.START;
        for (int column : columns) {
            position = position.play(column);
        }
        return position;
    }
}
