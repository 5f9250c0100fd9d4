package io.residuum.examples.connectfour;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Plays games between two players. */
final class Arena {
    private Arena() {}

    /**
     * The results of one player.
     *
     * @param won the games won
     * @param drawn the games drawn
     * @param lost the games lost
     */
    record Score(int won, int drawn, int lost) {}

    /**
     * Plays games side by side. Each move takes a stone, so all games have the same player to move.
     *
     * @param player the player whose results count
     * @param opponent the other player
     * @param begins true if the player makes the first move of each game
     * @param games the number of games
     * @return the results
     */
    static Score play(Player player, Player opponent, boolean begins, int games) {
        int won = 0;
        int drawn = 0;
        int lost = 0;
        boolean turn = begins;
        List<Position> running = Collections.nCopies(games, Position.START);
        while (!running.isEmpty()) {
            int[] moves = (turn ? player : opponent).moves(running);
            List<Position> next = new ArrayList<>();
            for (int i = 0; i < moves.length; i++) {
                Position after = running.get(i).play(moves[i]);
                if (!after.isOver()) {
                    next.add(after);
                } else if (!after.isLost()) {
                    drawn++;
                } else if (turn) {
                    won++;
                } else {
                    lost++;
                }
            }
            running = next;
            turn = !turn;
        }
        return new Score(won, drawn, lost);
    }
}
