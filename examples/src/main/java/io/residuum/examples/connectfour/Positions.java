package io.residuum.examples.connectfour;

import ai.djl.ndarray.types.Shape;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;

/**
 * Positions of games, each once. No position is the mirror image of another, so unseen positions
 * are new.
 *
 * @param train positions to train on
 * @param validation positions that choose the best epoch
 * @param unseen positions to test on
 */
record Positions(List<Position> train, List<Position> validation, List<Position> unseen) {

    /**
     * Draws positions of games in which half of the moves are perfect and half are random.
     *
     * @param solver finds the perfect moves
     * @param count the number of positions. The last tenth is unseen and the tenth before is for
     *     validation, so openings are trained on
     * @param seed the seed; the same seed gives the same positions
     */
    static Positions draw(Solver solver, int count, long seed) {
        Random random = new Random(seed);
        Set<Position> drawn = new LinkedHashSet<>();
        while (drawn.size() < count) {
            for (Position at = Position.START; !at.isOver(); ) {
                if (!drawn.contains(at.mirrored())) {
                    drawn.add(at);
                }
                at =
                        at.play(
                                Player.any(
                                        random.nextBoolean() ? at.moves() : solver.bestMoves(at),
                                        random));
            }
        }
        List<Position> all = List.copyOf(drawn);
        int tenth = count / 10;
        return new Positions(
                all.subList(0, count - 2 * tenth),
                all.subList(count - 2 * tenth, count - tenth),
                all.subList(count - tenth, count));
    }

    /**
     * Returns the samples of a network: the moves that keep the value, with equal probabilities,
     * and the value. Positions to train on come with their mirror images.
     *
     * @param solver finds moves and values
     */
    SampleSplits solved(Solver solver) {
        List<Position> both = new ArrayList<>(train);
        train.forEach(position -> both.add(position.mirrored()));
        return new SampleSplits(
                "positions of connect-four",
                samples(solver, both),
                Optional.of(samples(solver, validation)),
                Optional.of(samples(solver, unseen)),
                OptionalDouble.empty());
    }

    private static Samples samples(Solver solver, List<Position> positions) {
        return Samples.of(positions.stream().map(position -> sample(solver, position)).toList());
    }

    private static Sample sample(Solver solver, Position position) {
        List<Integer> best = solver.bestMoves(position);
        float[] policy = new float[Position.COLUMNS];
        best.forEach(column -> policy[column] = 1f / best.size());
        Tensor board =
                new Tensor.Numbers(
                        position.planes(), new Shape(2, Position.ROWS, Position.COLUMNS));
        return new Sample(
                Map.of("input", board),
                Map.of(
                        "policy", Tensor.numbers(policy),
                        "value", Tensor.numbers(solver.value(position))));
    }
}
