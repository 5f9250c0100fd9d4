package io.residuum.examples.connectfour;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Plays the legal move that the policy head gives the highest value, without search.
 *
 * @param network a network with the outputs {@code policy} and {@code value}
 */
record NetworkPlayer(Network network) implements Player {

    /**
     * The network's opinion of several positions.
     *
     * @param policy the values of all columns for each position
     * @param value the expected result for the player to move, in [-1, 1], for each position
     */
    record Opinion(float[][] policy, float[] value) {}

    Opinion opinion(List<Position> positions) {
        int cells = 2 * Position.ROWS * Position.COLUMNS;
        float[] planes = new float[positions.size() * cells];
        for (int i = 0; i < positions.size(); i++) {
            System.arraycopy(positions.get(i).planes(), 0, planes, i * cells, cells);
        }
        try (NDManager manager = network.backend().newManager()) {
            NDArray boards =
                    Values.create(
                            manager,
                            planes,
                            new Shape(positions.size(), 2, Position.ROWS, Position.COLUMNS),
                            DataType.FLOAT32);
            Map<String, NDArray> outputs = network.predictAll(new NDList(boards));
            float[] policies = values(outputs, "policy");
            float[][] policy = new float[positions.size()][];
            for (int i = 0; i < policy.length; i++) {
                int from = i * Position.COLUMNS;
                policy[i] = Arrays.copyOfRange(policies, from, from + Position.COLUMNS);
            }
            return new Opinion(policy, values(outputs, "value"));
        }
    }

    private static float[] values(Map<String, NDArray> outputs, String name) {
        return Values.floats(Objects.requireNonNull(outputs.get(name), name));
    }

    @Override
    public int[] moves(List<Position> positions) {
        float[][] policy = opinion(positions).policy();
        int[] moves = new int[positions.size()];
        for (int i = 0; i < moves.length; i++) {
            moves[i] = bestLegal(positions.get(i), policy[i]);
        }
        return moves;
    }

    private static int bestLegal(Position position, float[] policy) {
        List<Integer> legal = position.moves();
        int best = legal.get(0);
        for (int column : legal) {
            best = policy[column] > policy[best] ? column : best;
        }
        return best;
    }
}
