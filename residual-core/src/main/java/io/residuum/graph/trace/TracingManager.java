package io.residuum.graph.trace;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A manager of arrays without values: each operation on them becomes a {@link Node}. Layers compute
 * with them as with any others.
 */
final class TracingManager extends BaseNDManager implements Ops.Source {
    private static final Engine ENGINE = new Recording();

    private final List<Node> unassigned = new ArrayList<>();
    private final List<LongFunction<float[]>> draws = new ArrayList<>();
    private final TracedOps ops = new TracedOps(this);

    TracingManager() {
        super(null, Device.cpu());
    }

    /** Records an operation and returns its result. */
    TracedArray record(Operation operation, List<TracedArray> inputs, Shape shape, DataType type) {
        List<Node> nodes = new ArrayList<>(inputs.size());
        inputs.forEach(in -> nodes.add(in.node()));
        Node node = new Node(operation, nodes, BatchProbe.dims(shape), type, "");
        unassigned.add(node);
        return new TracedArray(this, node, shape);
    }

    /** Records an operation on arrays, skipping absent ones; the first has the result's type. */
    TracedArray record(
            Operation operation, Shape shape, NDArray first, @Nullable NDArray... others) {
        List<TracedArray> inputs = new ArrayList<>();
        inputs.add(TracedArray.of(first));
        for (NDArray other : others) {
            if (other != null) {
                inputs.add(TracedArray.of(other));
            }
        }
        return record(operation, inputs, shape, first.getDataType());
    }

    /** Creates an input, weight or constant. */
    TracedArray leaf(Leaf leaf, Shape shape, DataType type) {
        Node node = new Node(leaf, List.of(), BatchProbe.dims(shape), type, "");
        return new TracedArray(this, node, shape);
    }

    /** Assigns the operations recorded since the last call to a layer. */
    void assignLayer(String path) {
        unassigned.forEach(node -> node.assign(path));
        unassigned.clear();
    }

    TracedArray drawn(LongFunction<float[]> draw, Shape shape, DataType type) {
        draws.add(draw);
        return leaf(new Leaf.Drawn(draws.size() - 1), shape, type);
    }

    List<LongFunction<float[]>> draws() {
        return draws;
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public NDArray create(Buffer data, Shape shape, DataType type) {
        double[] values = new double[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = at(data, data.position() + i);
        }
        return leaf(new Leaf.Constant(values), shape, type);
    }

    private static double at(Buffer data, int i) {
        if (data instanceof FloatBuffer floats) {
            return floats.get(i);
        }
        if (data instanceof LongBuffer longs) {
            return longs.get(i);
        }
        if (data instanceof IntBuffer ints) {
            return ints.get(i);
        }
        if (data instanceof DoubleBuffer doubles) {
            return doubles.get(i);
        }
        throw new UnsupportedOperationException(
                "constants of " + data.getClass().getSimpleName() + ": use float or long");
    }

    @Override
    public NDArray zeros(Shape shape, DataType type) {
        return leaf(new Leaf.Fill(0), shape, type);
    }

    @Override
    public NDArray ones(Shape shape, DataType type) {
        return leaf(new Leaf.Fill(1), shape, type);
    }

    @Override
    public NDArray full(Shape shape, float value, DataType type) {
        return leaf(new Leaf.Fill(value), shape, type);
    }

    @Override
    public NDArray from(NDArray array) {
        return TracedArray.of(array);
    }

    @Override
    public ByteBuffer allocateDirect(int capacity) {
        return ByteBuffer.allocateDirect(capacity);
    }

    @Override
    public NDManager newSubManager(Device device) {
        return this;
    }

    @Override
    public Engine getEngine() {
        return ENGINE;
    }

    /** An engine that runs nothing; DJL asks every manager for one. */
    private static final class Recording extends Engine {
        @Override
        public @Nullable Engine getAlternativeEngine() {
            return null;
        }

        @Override
        public String getEngineName() {
            return "recording";
        }

        @Override
        public int getRank() {
            return Integer.MAX_VALUE;
        }

        @Override
        public String getVersion() {
            return "";
        }

        @Override
        public boolean hasCapability(String capability) {
            return false;
        }

        @Override
        public Model newModel(String name, Device device) {
            throw new UnsupportedOperationException("models");
        }

        @Override
        public NDManager newBaseManager() {
            return new TracingManager();
        }

        @Override
        public NDManager newBaseManager(Device device) {
            return new TracingManager();
        }
    }
}
