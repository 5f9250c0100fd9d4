package io.residuum.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportOptions;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Asks a trained chess network for White's first move. The network is a tower of residual units
 * with squeeze and excitation, with a policy and a value head, as in AlphaGo Zero (Silver et al.
 * 2017). It is a Maia network (McIlroy-Young et al. 2020, arXiv:2006.01855), which predicts the
 * moves of people, in the format of Leela Chess Zero.
 */
public final class OpeningMoves {
    private static final int SQUARES = 64;
    private static final int PLANES = 112;
    private static final int FIRST_CASTLING_RIGHT = 104;
    private static final int ALL_ONES = 111;
    private static final String BACK_RANK = "rnbqkbnr";
    private static final String PIECES = "pnbrqk";

    private OpeningMoves() {}

    /**
     * Prints the chances of the moves, and of win, draw and loss.
     *
     * @param args the network, a table of names, and weights, such as {@code
     *     examples/specs/maia-1100.json examples/specs/maia-names.json maia-1100.safetensors}
     */
    public static void main(String[] args) {
        if (args.length != 3) {
            System.err.println("OpeningMoves needs three files: MODEL NAMES WEIGHTS");
            System.exit(1);
        }
        try (Backend backend = Backend.open()) {
            run(backend, args[0], Path.of(args[1]), Path.of(args[2]), System.out);
        }
    }

    /**
     * The network's opinion of the start position.
     *
     * @param moves the probability of each legal move, likeliest first
     * @param chances the probabilities of win, draw and loss
     */
    record Opinion(Map<String, Double> moves, float[] chances) {}

    static Opinion run(Backend backend, String model, Path names, Path weights, PrintStream out) {
        try (Network network = Network.create(ModelSource.of(model).spec(), backend, 1);
                NDManager manager = backend.newManager()) {
            network.loadWeights(
                    weights, ImportOptions.standard().withDialects(Dialects.read(names)));
            NDArray planes =
                    Values.create(
                            manager, startPosition(), new Shape(1, PLANES, 8, 8), DataType.FLOAT32);
            Map<String, NDArray> outputs = network.predictAll(new NDList(planes));
            Opinion opinion =
                    new Opinion(legalMoves(values(outputs, "policy")), values(outputs, "value"));
            opinion.moves.entrySet().stream()
                    .limit(3)
                    .forEach(
                            move ->
                                    out.printf(
                                            Locale.ROOT,
                                            "%s %.2f%%%n",
                                            move.getKey(),
                                            100 * move.getValue()));
            float[] chances = opinion.chances;
            out.printf(
                    Locale.ROOT,
                    "win %.4f, draw %.4f, loss %.4f%n",
                    chances[0],
                    chances[1],
                    chances[2]);
            return opinion;
        }
    }

    private static float[] values(Map<String, NDArray> outputs, String name) {
        return Values.floats(Objects.requireNonNull(outputs.get(name), name));
    }

    /**
     * Encodes the start position as Leela Chess Zero does: six planes of White's pieces and six of
     * Black's, empty planes of seven earlier positions, four castling rights, and a plane of ones.
     * The first square is a1, the second b1.
     */
    static float[] startPosition() {
        float[] planes = new float[PLANES * SQUARES];
        for (int file = 0; file < 8; file++) {
            int piece = PIECES.indexOf(BACK_RANK.charAt(file));
            for (int side = 0; side < 2; side++) {
                int pawns = 6 * side;
                planes[(pawns + piece) * SQUARES + 56 * side + file] = 1;
                planes[pawns * SQUARES + (side == 0 ? 8 : 48) + file] = 1;
            }
        }
        Arrays.fill(
                planes, FIRST_CASTLING_RIGHT * SQUARES, (FIRST_CASTLING_RIGHT + 4) * SQUARES, 1);
        Arrays.fill(planes, ALL_ONES * SQUARES, PLANES * SQUARES, 1);
        return planes;
    }

    /**
     * Applies softmax to the policy's values of the twenty legal moves. Plane d - 1 of the policy
     * holds moves by d squares to the north, and planes 56 and 63 the knight moves to the
     * north-east and north-west, each at the square where the move begins.
     */
    private static Map<String, Double> legalMoves(float[] policy) {
        Map<String, Double> exponentials = new LinkedHashMap<>();
        for (int file = 0; file < 8; file++) {
            String pawn = square(file, 1);
            exponentials.put(pawn + square(file, 2), Math.exp(policy[8 + file]));
            exponentials.put(pawn + square(file, 3), Math.exp(policy[SQUARES + 8 + file]));
        }
        for (int file : new int[] {1, 6}) {
            String knight = square(file, 0);
            exponentials.put(knight + square(file + 1, 2), Math.exp(policy[56 * SQUARES + file]));
            exponentials.put(knight + square(file - 1, 2), Math.exp(policy[63 * SQUARES + file]));
        }
        double sum = exponentials.values().stream().mapToDouble(e -> e).sum();
        List<Map.Entry<String, Double>> sorted =
                exponentials.entrySet().stream()
                        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                        .toList();
        Map<String, Double> probabilities = new LinkedHashMap<>();
        sorted.forEach(move -> probabilities.put(move.getKey(), move.getValue() / sum));
        return probabilities;
    }

    private static String square(int file, int rank) {
        return "" + (char) ('a' + file) + (rank + 1);
    }
}
