package io.residuum.examples.connectfour;

import io.residuum.engine.Backend;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.train.samples.SampleTask;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Trains a policy and a value head on positions of connect-four that a search has solved, and plays
 * against a random and a perfect player. The network is the tower of AlphaGo Zero (Silver et al.
 * 2017), small enough for a board of 5 columns and 4 rows.
 */
public final class ConnectFour {
    static final long SEED = 4;

    private ConnectFour() {}

    /**
     * Prints the results of all games.
     *
     * @param args the network, the recipe and a new run folder, such as {@code
     *     examples/specs/connect-four.json examples/recipes/connect-four.json runs/connect-four}
     */
    public static void main(String[] args) {
        if (args.length != 3) {
            System.err.println("ConnectFour needs two files and a folder: MODEL RECIPE FOLDER");
            System.exit(2);
        }
        ModelSpec spec = ModelSource.of(args[0]).spec();
        Recipe recipe = SpecJson.standard().read(Path.of(args[1]), Recipe.class);
        try (Backend backend = Backend.open()) {
            run(backend, spec, recipe, Path.of(args[2]), Size.FULL, System.out);
        }
    }

    /**
     * The size of an experiment.
     *
     * @param positions the number of positions to solve
     * @param games the number of games for each side and opponent
     */
    record Size(int positions, int games) {
        static final Size FULL = new Size(100_000, 500);
    }

    /**
     * The games of one side against one opponent.
     *
     * @param opponent the other player
     * @param begins true if the network makes the first move
     * @param score the network's results
     */
    record Match(String opponent, boolean begins, Arena.Score score) {}

    /**
     * The results of a network.
     *
     * @param moves the share of unseen positions in which it keeps the value, of those with a move
     *     that does not
     * @param values the share of unseen positions whose result it tells, rounded
     * @param matches the games
     */
    record Result(double moves, double values, List<Match> matches) {}

    static Result run(
            Backend backend,
            ModelSpec spec,
            Recipe recipe,
            Path folder,
            Size size,
            PrintStream out) {
        Solver solver = new Solver();
        Positions positions = Positions.draw(solver, size.positions(), SEED);
        SampleTask task = SampleTask.on(positions.solved(solver));
        out.println(task.description());
        try (Network network = Network.create(spec, backend, recipe.seed())) {
            new Trainer(network, recipe, task, folder, epochs(out)).start();
        }
        try (Network best = Network.load(new RunFolder(folder).model(), backend)) {
            Result result = measure(new NetworkPlayer(best), solver, positions.unseen(), size);
            print(result, size, out);
            return result;
        }
    }

    static Result measure(NetworkPlayer player, Solver solver, List<Position> unseen, Size size) {
        List<Position> decisive =
                unseen.stream()
                        .filter(at -> solver.bestMoves(at).size() < at.moves().size())
                        .toList();
        int[] moves = player.moves(decisive);
        int kept = 0;
        for (int i = 0; i < moves.length; i++) {
            kept += solver.bestMoves(decisive.get(i)).contains(moves[i]) ? 1 : 0;
        }
        float[] values = player.opinion(unseen).value();
        int right = 0;
        for (int i = 0; i < values.length; i++) {
            right += Math.round(values[i]) == solver.value(unseen.get(i)) ? 1 : 0;
        }
        List<Match> matches = new ArrayList<>();
        for (boolean begins : new boolean[] {true, false}) {
            Player random = Player.random(new Random(SEED));
            Player perfect = Player.perfect(solver, new Random(SEED));
            matches.add(
                    new Match("random", begins, Arena.play(player, random, begins, size.games())));
            matches.add(
                    new Match(
                            "perfect", begins, Arena.play(player, perfect, begins, size.games())));
        }
        return new Result((double) kept / decisive.size(), (double) right / unseen.size(), matches);
    }

    private static ProgressListener epochs(PrintStream out) {
        return new ProgressListener() {
            @Override
            public void epoch(Metrics.Epoch epoch, boolean best) {
                out.printf(
                        Locale.ROOT,
                        "epoch %d: loss %.4f, validation loss %.4f%n",
                        epoch.epoch(),
                        epoch.trainLoss(),
                        epoch.validationLoss());
            }

            @Override
            public void note(String line) {
                out.println(line);
            }
        };
    }

    private static void print(Result result, Size size, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "unseen positions: %.1f%% of moves keep the value, %.1f%% of results are right%n",
                100 * result.moves(),
                100 * result.values());
        for (Match match : result.matches()) {
            out.printf(
                    Locale.ROOT,
                    "%-7s player, network moves %s: %d won, %d drawn, %d lost of %d%n",
                    match.opponent(),
                    match.begins() ? "first " : "second",
                    match.score().won(),
                    match.score().drawn(),
                    match.score().lost(),
                    size.games());
        }
    }
}
