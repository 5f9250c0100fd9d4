package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import java.util.random.RandomGenerator;

/**
 * Rotates queries or keys {@code (N heads, T, D)} by their positions in a grid. The angle of a pair
 * is the sum of the column and the row, each times a learned frequency (Heo et al. 2024,
 * arXiv:2403.13298, Section 3.2). Keeps the shape.
 */
final class LearnedRotaryBlock extends Layer {
    private static final int AXES = 2;

    private final RotaryGrid grid;
    private final int heads;
    private final Parameter frequencies;

    /** Creates the block for queries {@code (-1, T, D)} of some heads. */
    LearnedRotaryBlock(Shape queries, RotaryGrid grid, int heads) {
        super(queries);
        this.grid = grid;
        this.heads = heads;
        Init init = (values, shape, random) -> fill(values, random);
        long pairs = queries.get(2) / 2;
        frequencies = parameter("frequencies", Parameter.Type.OTHER, init, AXES, heads, pairs);
    }

    /** Turns the two axes of each head by a random angle, one half of the pairs to each axis. */
    private void fill(float[] values, RandomGenerator random) {
        int pairs = values.length / (AXES * heads);
        int bands = pairs / 2;
        for (int h = 0; h < heads; h++) {
            double turn = 2 * Math.PI * random.nextDouble();
            for (int k = 0; k < pairs; k++) {
                double frequency = Math.pow(grid.base(), -(double) (k % bands) / bands);
                double direction = k < bands ? turn : turn + Math.PI / 2;
                values[h * pairs + k] = (float) (frequency * Math.cos(direction));
                values[(heads + h) * pairs + k] = (float) (frequency * Math.sin(direction));
            }
        }
    }

    /**
     * The coordinates of all positions, {@code (2, 1, T, 1)}: first axis, second axis.
     *
     * @param grid the grid
     * @param length the number of positions
     * @param type the data type
     */
    private record Coordinates(RotaryGrid grid, int length, DataType type)
            implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            double[][] axes = grid.coordinates(pass.firstPosition(), length);
            float[] values = new float[AXES * length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) axes[i / length][i % length];
            }
            return Values.create(pass.manager(), values, new Shape(AXES, 1, length, 1), type);
        }
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape s = x.getShape();
        int length = Math.toIntExact(s.get(1));
        long pairs = s.get(2) / 2;
        NDArray learned = pass.value(frequencies).reshape(AXES, heads, 1, pairs);
        learned.attach(pass.manager());
        NDArray places = pass.shared(new Coordinates(grid, length, x.getDataType()));
        NDArray angles = places.mul(learned).sum(new int[] {0}).reshape(1, heads * s.get(1), pairs);
        RotaryTable table = new RotaryTable(angles.cos(), angles.sin());
        NDArray stacked = x.reshape(-1, heads * s.get(1), s.get(2));
        int width = Math.toIntExact(s.get(2));
        return table.turn(stacked, grid.interleaved(), width).reshape(-1, s.get(1), s.get(2));
    }

    @Override
    public String describe() {
        return "LearnedRotary(" + heads + " heads)";
    }
}
